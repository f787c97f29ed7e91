"""What somebody else may do at the worst moment."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import QuerySet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import Model


@contextmanager
def deleted_before_insert(owner: Model, model: type[Model]) -> Iterator[None]:
    """Delete an owner right before a row of the model is inserted, once.

    As by somebody who does not see that row yet, and so does not delete it along.
    """
    is_there = True

    def delete_first(execute: Any, sql: str, *arguments: Any) -> Any:
        nonlocal is_there
        if is_there and "INSERT INTO" in sql and model._meta.db_table in sql:
            is_there = False
            QuerySet(type(owner)).filter(pk=owner.pk)._raw_delete(using="default")
        return execute(sql, *arguments)

    with connection.execute_wrapper(delete_first):
        yield
    assert not is_there
