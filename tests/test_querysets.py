"""The one way in and out: typed, atomic, cheap, and only for the chosen owner."""

from __future__ import annotations

import pickle
from functools import partial
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import get_user_model
from django.db import DatabaseError, connection, models, transaction
from django.test.utils import CaptureQueriesContext, isolate_apps
from django.utils.functional import SimpleLazyObject
from oauth2_provider.models import get_application_model

from django_user_options.exceptions import (
    InvalidOptionError,
    NoKeyGivenError,
    OptionLimitError,
    OwnerGoneError,
)
from django_user_options.fields import JSONText
from django_user_options.models import AppOption, AppUserOption

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_filters_limit_what_is_read_but_not_what_is_written(options: Any) -> None:
    options.exclude(key="zoom").order_by("key").set_options({"theme": "dark", "zoom": 1})
    assert options.exclude(key="zoom").as_mapping() == {"theme": "dark"}
    assert options.as_mapping() == {"theme": "dark", "zoom": 1}


@pytest.mark.parametrize("kind", [bool, int, float, str, list, dict])
def test_a_value_of_another_type_counts_as_never_set(options: Any, kind: type) -> None:
    values = {"null": None, "bool": True, "int": 1, "float": 1.5, "str": "", "list": [], "dict": {}}
    options.set_options(values)
    default = object()
    fitting = {key for key in values if options.get_option(key, default, of=kind) is not default}
    assert fitting == ({"int", "float"} if kind is float else {kind.__name__})
    assert options.get_option("unknown", default, of=kind) is default


def test_a_missing_key_reads_as_the_default_and_a_stored_null_does_not(options: Any) -> None:
    assert options.get_option("theme") is None
    assert options.get_option("theme", "dark") == "dark"
    assert options.as_mapping() == {}
    options.set_options({"theme": None})
    assert options.get_option("theme", "dark") is None


def test_a_key_above_a_lowered_limit_can_be_read_and_deleted(options: Any, settings: Any) -> None:
    options.set_options({"a long key": 1, "b": 2})
    settings.USER_OPTIONS = {"MAX_KEY_LENGTH": 4}
    assert options.get_option("a long key") == 1
    with pytest.raises(OptionLimitError):
        options.set_options({"a long key": 2})
    assert options.delete_options(["a long key"]) == 1
    assert options.as_mapping() == {"b": 2}


def test_an_invalid_list_of_keys_deletes_nothing(options: Any, settings: Any) -> None:
    given = {"a": 1, "b": 2, "ab": 3}
    options.set_options(given)
    for keys in (["a", ""], "ab"):
        with pytest.raises(InvalidOptionError):
            options.delete_options(keys)
    with pytest.raises(NoKeyGivenError):
        options.delete_options([])
    settings.USER_OPTIONS = {"MAX_KEYS_PER_CALL": 2}
    with pytest.raises(OptionLimitError):
        options.delete_options(given)
    assert options.as_mapping() == given
    assert options.delete_options(iter(["a", "a"])) == 1


def test_options_of_other_owners_are_neither_read_nor_touched(
    make_application: Any, make_user: Any
) -> None:
    owners = [(make_application(), make_user()) for _ in range(2)]
    stores = [AppUserOption.objects.for_owner(app, user) for app, _ in owners for _, user in owners]
    stores += [AppOption.objects.for_owner(app) for app, _ in owners]
    for number, store in enumerate(stores):
        store.set_options({"theme": number, "zoom": number})
    for number, store in enumerate(stores):
        assert store.get_option("theme") == number
        store.delete_options(["theme"])
        assert store.as_mapping() == {"zoom": number}
    assert AppUserOption.objects.count() == 4
    assert AppOption.objects.count() == 2


@pytest.mark.parametrize("model", [AppUserOption, AppOption])
def test_nothing_is_read_written_or_deleted_before_an_owner_is_chosen(model: Any) -> None:
    some = model.objects.filter(key="theme")
    for call in (
        model.objects.as_mapping,
        some.as_json,
        some.keys,
        some.usage,
        partial(some.get_option, "theme"),
        partial(model.objects.set_options, {"theme": "dark"}),
        partial(some.update_options, {"theme": "dark"}),
        partial(some.delete_options, ["theme"]),
    ):
        with pytest.raises(TypeError, match="owner"):
            call()


def test_an_owner_is_a_saved_instance_of_its_model(application: Any, user: Any) -> None:
    for nobody in (None, 1, "ann", get_user_model()(), application):
        with pytest.raises(TypeError, match="user must be a saved instance of User, not"):
            AppUserOption.objects.for_owner(application, nobody)
    for nobody in (None, 1, "ann", get_application_model()(), user):
        with pytest.raises(TypeError, match="application must be a saved instance of Application"):
            AppOption.objects.for_owner(nobody)
    lazy = AppUserOption.objects.for_owner(application, SimpleLazyObject(lambda: user))
    lazy.set_options({"a": 1})
    assert lazy.as_mapping() == {"a": 1}


@isolate_apps("tests")
def test_a_user_of_a_model_that_extends_the_projects_is_that_user(
    application: Any, user: Any, make_user: Any
) -> None:
    class Employee(get_user_model()):  # type: ignore[misc]
        number = models.IntegerField(primary_key=True)

        class Meta:
            app_label = "tests"

    stranger = AppUserOption.objects.for_owner(application, make_user())
    stranger.set_options({"theme": "light"})
    employee = Employee(id=user.pk, user_ptr=user, number=stranger.get().user_id)
    options = AppUserOption.objects.for_owner(application, employee)
    options.set_options({"theme": "dark"})
    assert options.get_option("theme") == "dark"
    assert AppUserOption.objects.for_owner(application, user).as_mapping() == {"theme": "dark"}
    assert stranger.as_mapping() == {"theme": "light"}


def test_every_derived_queryset_stays_with_its_owner(
    options: Any, make_application: Any, make_user: Any
) -> None:
    owner = (make_application(), make_user())[: 2 if options.model is AppUserOption else 1]
    options.model.objects.for_owner(*owner).set_options({"other": 1})
    assert options.as_json() == "{}"
    options.set_options({"a": 1, "b": 2})
    copied = pickle.loads(pickle.dumps(options))
    for some in (options, options.all(), copied, options.using("default"), options.order_by("pk")):
        for _ in range(2):
            assert some.as_json() == '{"a":1,"b":2}'
            assert some.get_option("other") is None
            assert [option.key for option in some.order_by("key")] == ["a", "b"]
            assert some.count() == len(some) == 2
    assert options.model.objects.filter(pk__in=options).count() == 2
    assert [options.filter(key="a").get_option(key) for key in "abA"] == [1, None, None]
    assert options.model.objects.filter(key="b").for_owner(*options._owner.values()).as_json() == (
        '{"b":2}'
    )
    assert options.none().as_mapping() == options.filter(key="c").as_mapping() == {}
    assert isinstance(options.as_json(), JSONText)
    assert dict(options.values_list("key", "value")) == {"a": 1, "b": 2}


def test_a_read_locks_where_the_project_asks_for_it(application: Any, user: Any) -> None:
    locking = AppUserOption.objects.select_for_update().for_owner(application, user)
    with CaptureQueriesContext(connection) as queries:
        locking.get_option("theme")
        locking.as_json()
    locks = ["FOR UPDATE" in query["sql"] for query in queries]
    assert locks == [connection.features.has_select_for_update] * 2


def test_a_delete_reads_nothing_and_costs_as_much_for_100_keys_as_for_one(options: Any) -> None:
    keys = [str(number) for number in range(101)]
    options.set_options(dict.fromkeys(keys, 1))
    for some in (keys[:1], keys[1:]):
        with CaptureQueriesContext(connection) as queries:
            options.delete_options(some)
        assert not any("SELECT" in query["sql"] for query in queries)
        # The others are a savepoint and its release.
        assert len(queries) == 3


def test_a_failure_leaves_the_projects_transaction_usable(options: Any, settings: Any) -> None:
    def fail(execute: Any, sql: str, params: Any, *rest: Any) -> Any:
        if "INSERT" in sql:
            return execute("broken", None, *rest)
        return execute(sql, params, *rest)

    settings.USER_OPTIONS = {"MAX_KEYS_PER_OWNER": 2}
    with transaction.atomic():
        options.set_options({"theme": "dark"})
        with pytest.raises(OptionLimitError):
            options.set_options({"a": 1, "b": 2})
        with pytest.raises(DatabaseError), connection.execute_wrapper(fail):
            options.set_options({"failed": 1})
        options.set_options({"zoom": 1})
    with transaction.atomic():
        options.set_options({"theme": "light"})
        transaction.set_rollback(True)
    assert options.as_mapping() == {"theme": "dark", "zoom": 1}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("owner", ["application", "user"])
def test_a_write_for_a_deleted_owner_says_so_and_changes_nothing(
    application: Any, user: Any, owner: str
) -> None:
    options = AppUserOption.objects.for_owner(application, user)
    options.set_options({"zoom": 1})
    type({"application": application, "user": user}[owner]).objects.all().delete()
    with pytest.raises(OwnerGoneError) as caught:
        options.set_options({"theme": "s3cret", "zoom": 2})
    assert caught.value.argument == "owner"
    assert "s3cret" not in f"{caught.value} {caught.value.__cause__}"
    assert not AppUserOption.objects.exists()


def test_each_method_has_an_asynchronous_twin(options: Any) -> None:
    async def use() -> None:
        await options.aset_options({"a": 1, "b": "dark"}, cause="a test")
        assert await options.aas_mapping() == {"a": 1, "b": "dark"}
        assert await options.filter(key="a").aas_json() == '{"a":1}'
        assert await options.aget_option("b", 0, of=int) == 0
        await options.aupdate_options({"n": 1}, increment={"a": 1}, cause="a test")
        assert list((await options.akeys("n")).keys) == ["n"]
        assert (await options.ausage()).keys == 3
        assert await options.adelete_options(["a"], cause="a test") == 1

    async_to_sync(use)()
    assert options.as_mapping() == {"b": "dark", "n": 1}
