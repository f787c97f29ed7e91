"""What one owner may keep, and what writing it costs."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.db import connection, models
from django.test.utils import isolate_apps

from django_user_options.exceptions import OptionLimitError
from django_user_options.fields import encode_json
from django_user_options.models import AppOption, AppUserOption, Option
from django_user_options.statements import Store
from django_user_options.upserts import upsert

pytestmark = [pytest.mark.django_db, pytest.mark.database]

ONE_STATEMENT = connection.vendor in {"postgresql", "sqlite"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("count", [1, 1_000])
def test_a_write_costs_the_fewest_statements_for_any_number_of_options(
    options: Any, count: int, django_assert_num_queries: Any
) -> None:
    given = {f"key {number}": number for number in range(count)}
    for _ in range(2):
        with django_assert_num_queries(1 if ONE_STATEMENT else 2):
            options.set_options(given)
    assert options.as_mapping() == given


@pytest.mark.parametrize("limit", ["MAX_KEYS_PER_OWNER", "MAX_BYTES_PER_OWNER"])
def test_a_full_owner_leaves_room_for_others(
    limit: str, application: Any, make_application: Any, make_user: Any, settings: Any
) -> None:
    settings.USER_OPTIONS = {limit: 1}
    ann, bob = make_user(), make_user()
    owners = [(application, ann), (application, bob), (make_application(), ann)]
    # Different keys, since the room for a key is that beside the other keys.
    for owner, key in zip(owners, "abc", strict=True):
        options = AppUserOption.objects.for_owner(*owner)
        options.set_options({key: 1})
        with pytest.raises(OptionLimitError):
            options.set_options({"another": 1})
    AppOption.objects.for_owner(application).set_options({"d": 1})
    assert AppUserOption.objects.count() == 3


def test_every_count_of_sizes_is_in_bytes(options: Any) -> None:
    options.set_options({"ascii": "abc", "cyrillic": "тема", "astral": "😀", "number": 1e16})
    sizes = {"ascii": 5, "cyrillic": 10, "astral": 6, "number": 5}
    assert dict(options.values_list("key", "size")) == sizes


@pytest.mark.django_db(transaction=True)
def test_an_owner_above_a_limit_still_replaces_options_at_no_further_cost(
    options: Any, settings: Any, django_assert_num_queries: Any
) -> None:
    options.set_options({"a": 1, "b": 12, "c": "x" * 90})
    settings.USER_OPTIONS = {"MAX_KEYS_PER_OWNER": 2, "MAX_BYTES_PER_OWNER": 4}
    with django_assert_num_queries(1 if ONE_STATEMENT else 2):
        options.set_options({"a": 12, "b": 1})
    options.set_options({"c": "y" * 90})
    for refused in ({"a": 123}, {"d": 1}, {"a": 1, "d": 1}):
        with pytest.raises(OptionLimitError):
            options.set_options(refused)
    assert options.as_mapping() == {"a": 12, "b": 1, "c": "y" * 90}


def test_an_option_keeps_its_row_and_creation_time_in_every_kind_of_write(
    options: Any, settings: Any
) -> None:
    options.set_options({"a": 1, "b": 1, "c": 1})
    kept = list(options.order_by("key").values_list("key", "pk", "created_at"))
    untouched = options.filter(key="c").values().get()
    settings.USER_OPTIONS = {"MAX_KEYS_PER_OWNER": 2}
    options.set_options({"a": 22, "b": 22})
    assert list(options.order_by("key").values_list("key", "pk", "created_at")) == kept
    written = options.exclude(key="c")
    assert all(row.updated_at > row.created_at and row.size == 2 for row in written)
    assert options.filter(key="c").values().get() == untouched
    changed = {key: facts.updated_at for key, facts in options.keys().keys.items()}
    assert changed == dict(options.values_list("key", "updated_at"))


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL binds in the server")
@isolate_apps("tests")
def test_an_owners_key_may_be_a_text_that_the_server_binds(
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
