"""Options are read page by page, completely and in order."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_user_options.keyset import in_batches, in_pages
from django_user_options.models import AppOption, AppUserOption

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def many(make_application: Any, make_user: Any) -> list[tuple[Any, ...]]:
    """Options of two applications and three users; return what identifies each, in order."""
    owners = [make_application() for _ in range(2)], [make_user() for _ in range(3)]
    for application in owners[0]:
        for number, user in enumerate(owners[1]):
            keys = {f"key {n}": n for n in range(2 * number + 1)}
            AppUserOption.objects.for_owner(application, user).set_options(keys)
    AppOption.objects.for_owner(owners[0][0]).set_options({"b": 1, "a": 2, "c": 3})
    return sorted(AppUserOption.objects.values_list("application", "user", "key"))


def test_every_option_comes_once_and_in_order_for_any_page_size(many: Any) -> None:
    for size in range(1, 20):
        pages = list(in_pages(AppUserOption.objects.all(), size=size))
        assert [row for page in pages for row in page] == many
        assert all(len(page) == size for page in pages[:-1])


def test_options_without_a_user_come_in_order_too(many: Any) -> None:
    pages = list(in_pages(AppOption.objects.all(), "value", size=2))
    assert [[row[1:] for row in page] for page in pages] == [[("a", 2), ("b", 1)], [("c", 3)]]


def test_a_filter_holds_on_every_page(many: Any) -> None:
    pages = in_pages(AppUserOption.objects.filter(key="key 0"), size=1)
    assert [row for page in pages for row in page] == [row for row in many if row[2] == "key 0"]
    assert list(in_pages(AppUserOption.objects.none())) == []


def test_a_page_is_read_only_when_the_one_before_was_taken(many: Any) -> None:
    pages = in_pages(AppUserOption.objects.all(), size=4)
    with CaptureQueriesContext(connection) as queries:
        next(pages)
        assert len(queries) == 1
        for page in pages:
            assert len(page) <= 4
    # The last of 18 rows are fewer than a page, so nothing further is asked.
    assert len(queries) <= 1 + 3 * 4
    assert all("LIMIT" in query["sql"] for query in queries)
    # Planners do not use the index for an OR.
    assert not any(" OR " in query["sql"] for query in queries)


def test_options_deleted_meanwhile_do_not_hide_others(many: Any) -> None:
    pages = in_pages(AppUserOption.objects.all(), size=3)
    seen = []
    for page in pages:
        seen += page
        application, owner, key = page[0]
        AppUserOption.objects.filter(application=application, user=owner, key=key).delete()
    assert all(before < after for before, after in pairwise(seen))
    assert seen == many


def test_batches_hold_everything_in_order() -> None:
    assert list(in_batches(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(in_batches(iter(()), 2)) == []
