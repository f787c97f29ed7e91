"""Reading any number of options page by page, in constant memory."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from django.db.models import QuerySet

_Item = TypeVar("_Item")

PAGE_SIZE = 1_000


def in_batches(items: Iterable[_Item], size: int) -> Iterator[list[_Item]]:
    """Yield the items in lists of `size`; the last list may be shorter."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def in_pages(
    options: QuerySet[Any], *columns: Any, size: int = PAGE_SIZE
) -> Iterator[list[tuple[Any, ...]]]:
    """Yield all of the options in lists of at most `size` rows, owner by owner.

    A row begins with the columns of the unique index: the id of the application, the id of the
    user if there is one, and the key. The rows are in this order. `columns` follow.

    It does not use a database cursor: with MySQL's driver or behind a pooler, all rows end up in
    memory; elsewhere, a transaction stays open until the reader is done. Instead, each page
    continues in the unique index after the last row of the previous page.
    """
    meta = options.model._meta  # noqa: SLF001
    (unique,) = meta.total_unique_constraints
    index = [meta.get_field(name).attname for name in unique.fields]
    rows = options.order_by(*index).values_list(*index, *columns)
    page = list(rows[:size])
    while page:
        yield page
        page = _page_after(page[-1], rows, index, size) if len(page) == size else []


def _page_after(
    last: tuple[Any, ...], rows: QuerySet[Any], index: Sequence[str], size: int
) -> list[tuple[Any, ...]]:
    """Return the next page: more keys of the same owner, then more owners.

    Each query reads one range of the index. One query for all ranges would need an OR, and
    planners do not use the index for that.
    """
    page: list[tuple[Any, ...]] = []
    for depth in reversed(range(len(index))):
        same = dict(zip(index[:depth], last, strict=False))
        further = rows.filter(**same, **{f"{index[depth]}__gt": last[depth]})
        page += further[: size - len(page)]
        if len(page) == size:
            break
    return page
