"""Reading any number of options in pages, so that memory does not grow with them."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from django.db.models import QuerySet

_Item = TypeVar("_Item")

PAGE_SIZE = 1_000


def in_batches(items: Iterable[_Item], size: int) -> Iterator[list[_Item]]:
    """Yield the items in lists of `size`, the last of which may be shorter."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def in_pages(
    options: QuerySet[Any], *columns: Any, size: int = PAGE_SIZE
) -> Iterator[list[tuple[Any, ...]]]:
    """Yield all of the options in lists of at most `size` rows, each owner's together.

    A row begins with what makes an option unique: the id of its application, that of its user
    if it has one, and its key, in the order of which the rows come; `columns` follow.

    A database cursor would not do: MySQL's driver and a pooler between make it hold all rows,
    and elsewhere it keeps a transaction open for as long as the reader takes. Instead each page
    continues in the unique index where the page before it ended.
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
    """Return the next page: further keys of the same owner, then further owners.

    Each query reads one range of the index; one query of all ranges needs an OR, for which
    planners give the index up.
    """
    page: list[tuple[Any, ...]] = []
    for depth in reversed(range(len(index))):
        same = dict(zip(index[:depth], last, strict=False))
        further = rows.filter(**same, **{f"{index[depth]}__gt": last[depth]})
        page += further[: size - len(page)]
        if len(page) == size:
            break
    return page
