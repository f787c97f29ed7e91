"""One statement where there is room, and the way that every database knows where there is not."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from django.db import OperationalError, connection, models, transaction
from django.test.utils import CaptureQueriesContext, isolate_apps

from django_user_options.exceptions import OptionLimitError
from django_user_options.fields import encode_json
from django_user_options.models import Option
from django_user_options.statements import Store
from django_user_options.upserts import upsert

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.django_db, pytest.mark.database]

ONE_STATEMENT = connection.vendor in {"postgresql", "sqlite"}


def statements(call: Callable[[], object]) -> list[str]:
    """Return the first word of each statement."""
    with CaptureQueriesContext(connection) as queries:
        call()
    return [query["sql"].split()[0].upper() for query in queries]


@pytest.mark.parametrize("count", [1, 100, 1_000])
def test_a_write_with_room_costs_one_statement_however_many_options(
    options: Any, count: int
) -> None:
    given = {f"key {number}": number for number in range(count)}
    assert statements(lambda: options.set_options(given)).count("INSERT") >= 1
    if ONE_STATEMENT:
        options.delete_options(given)
        for _ in range(1 if count == 1_000 else 2):
            assert statements(lambda: options.set_options(given)) == [
                "SAVEPOINT",
                "INSERT",
                "RELEASE",
            ]
    assert options.as_mapping() == given


@pytest.mark.django_db(transaction=True)
def test_outside_of_transactions_a_write_begins_none(options: Any) -> None:
    done = statements(lambda: options.set_options({"theme": "dark", "zoom": 1}))
    assert done == (["INSERT"] if ONE_STATEMENT else ["SELECT", "INSERT"])
    assert options.as_mapping() == {"theme": "dark", "zoom": 1}


def test_the_sizes_are_the_bytes_of_the_values_whoever_counts_them(options: Any) -> None:
    options.set_options({"ascii": "abc", "cyrillic": "тема", "astral": "😀", "number": 1e16})
    sizes = {"ascii": 5, "cyrillic": 10, "astral": 6, "number": 5}
    assert dict(options.values_list("key", "size")) == sizes


def test_an_owner_above_a_limit_still_replaces_options_in_one_statement(
    options: Any, settings: Any
) -> None:
    options.set_options({"a": 1, "b": 12, "c": "x" * 90})
    settings.USER_OPTIONS = {"MAX_KEYS_PER_OWNER": 2, "MAX_BYTES_PER_OWNER": 4}
    done = statements(lambda: options.set_options({"a": 12, "b": 1}))
    assert not ONE_STATEMENT or done == ["SAVEPOINT", "INSERT", "RELEASE"]
    for refused in ({"a": 123}, {"d": 1}, {"a": 1, "d": 1}):
        with pytest.raises(OptionLimitError):
            options.set_options(refused)
    assert options.as_mapping() == {"a": 12, "b": 1, "c": "x" * 90}


def test_an_option_keeps_its_row_and_its_creation_whichever_way_it_is_written(
    options: Any, settings: Any
) -> None:
    options.set_options({"a": 1, "b": 1})
    kept = list(options.order_by("key").values_list("key", "pk", "created_at"))
    settings.USER_OPTIONS = {"MAX_KEYS_PER_OWNER": 2}
    options.set_options({"a": 22, "b": 22})
    assert list(options.order_by("key").values_list("key", "pk", "created_at")) == kept
    assert all(row.updated_at > row.created_at and row.size == 2 for row in options)


def test_a_failed_statement_leaves_the_host_s_transaction_usable(options: Any) -> None:
    def fail(execute: Any, sql: str, *rest: Any) -> Any:
        if "INSERT" in sql:
            raise OperationalError
        return execute(sql, *rest)

    with transaction.atomic():
        options.set_options({"before": 1})
        with pytest.raises(OperationalError), connection.execute_wrapper(fail):
            options.set_options({"failed": 1})
        options.set_options({"after": 1})
    assert options.as_mapping() == {"after": 1, "before": 1}


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the server binds nothing")
@isolate_apps("tests")
def test_an_owner_s_key_may_be_a_text_that_the_server_binds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Shop(models.Model):  # noqa: DJ008
        name = models.CharField(primary_key=True, max_length=40)

        class Meta:
            app_label = "tests"

    class ShopOption(Option):
        application = None
        shop = models.ForeignKey(Shop, on_delete=models.CASCADE)

        class Meta:
            app_label = "tests"
            constraints = (models.UniqueConstraint(fields=("shop", "key"), name="shop_option"),)

    # As Django's option `server_side_binding` does.
    cursors: Any = import_module("django.db.backends.postgresql.base")
    monkeypatch.setattr(connection.connection, "cursor_factory", cursors.ServerBindingCursor)
    with connection.schema_editor() as editor:
        editor.create_model(Shop)
        editor.create_model(ShopOption)
    shop = Shop.objects.create(name="café")
    for value in (1, 2):
        upsert(Store(ShopOption, {"shop": shop}, "default"), {"a": encode_json(value)})
    assert list(ShopOption.objects.values_list("shop", "key", "value")) == [("café", "a", 2)]
