"""What another writer may do at the worst moment."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import QuerySet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from django.db.models import Model


@contextmanager
def once_before(act: Callable[[], object], *words: str) -> Iterator[None]:
    """Act right before the first statement that has all of these words; there must be one."""
    is_done = False

    def act_first(execute: Any, sql: str, *arguments: Any) -> Any:
        nonlocal is_done
        if not is_done and all(word in sql for word in words):
            is_done = True
            act()
        return execute(sql, *arguments)

    with connection.execute_wrapper(act_first):
        yield
    assert is_done


def deleted_before_insert(owner: Model, model: type[Model]) -> AbstractContextManager[None]:
    """Delete an owner right before a row of the model is inserted.

    As by somebody who does not see that row yet, and so does not delete it along.
    """
    rows = QuerySet(type(owner)).filter(pk=owner.pk)
    return once_before(
        lambda: rows._raw_delete(using="default"), "INSERT INTO", model._meta.db_table
    )
