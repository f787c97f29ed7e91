"""The vendor's SDK for Python, unmodified, over a real socket: what succeeds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.sdk.conftest import Portal

pytestmark = pytest.mark.sdk

OPTIONS = {
    "theme": "dark",
    "Theme": "light",
    "größe": 12,
    "ratio": 0.1,
    "big": 10**30,
    "on": True,
    "off": False,
    "nothing": None,
    "list": [1, "2", [], {}],
    "nested": {"error": "none", "next": 50, "deep": {"result": [None]}},
    "error": "an option like any other",
    "total": 3,
}


@pytest.fixture(params=["by_oauth", "by_webhook"])
def credential(request: pytest.FixtureRequest) -> Any:
    """Either of the two; what a webhook's application stores is its owner's."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def api(sdk: Any, credential: Any) -> Any:
    return sdk.Client(credential)


@pytest.fixture
def administrator_api(sdk: Any, make_credential: Any, administrator: Any) -> Any:
    return sdk.Client(make_credential(administrator))


def test_what_set_stores_get_returns_equal(api: Any) -> None:
    assert api.user.option.set(OPTIONS).result is True
    assert api.user.option.get().result == OPTIONS


@pytest.mark.parametrize("key", ["theme", "Theme", "größe", "off", "list", "nested"])
def test_one_option_is_read_by_its_key(api: Any, key: str) -> None:
    api.user.option.set(OPTIONS).call()
    assert api.user.option.get(option=key).result == OPTIONS[key]


def test_set_replaces_a_key_and_leaves_the_others_alone(api: Any) -> None:
    api.user.option.set({"a": 1, "b": {"c": 2}}).call()
    api.user.option.set({"b": "new", "d": 3}).call()
    assert api.user.option.get().result == {"a": 1, "b": "new", "d": 3}


def test_an_unknown_key_reads_as_none(api: Any) -> None:
    assert api.user.option.get(option="absent").result is None


def test_an_empty_store_reads_as_an_empty_object(api: Any) -> None:
    assert api.user.option.get().result == {}


def test_an_option_is_deleted_by_a_plain_call(api: Any, credential: Any) -> None:
    api.user.option.set({"a": 1, "b": 2}).call()
    assert credential.call_method("user.option.delete", {"option": "a"})["result"] is True
    assert api.user.option.get().result == {"b": 2}


def test_a_webhook_and_a_token_of_one_application_share_options(
    sdk: Any, by_oauth: Any, by_webhook: Any
) -> None:
    sdk.Client(by_webhook).user.option.set({"from": "webhook"}).call()
    assert sdk.Client(by_oauth).user.option.get().result == {"from": "webhook"}


def test_options_of_the_application_are_written_by_an_administrator_and_read_by_all(
    api: Any, administrator_api: Any
) -> None:
    assert administrator_api.app.option.set(OPTIONS).result is True
    assert api.app.option.get().result == OPTIONS
    assert api.app.option.get("theme").result == "dark"
    assert api.user.option.get().result == {}


def test_the_time_of_an_answer_has_the_types_that_the_sdk_declares(api: Any) -> None:
    time = api.user.option.set({"a": 1}).response.time
    assert time.date_start <= time.date_finish
    assert time.start <= time.finish
    assert 0 <= time.processing <= time.duration
    assert time.operating == 0
    assert time.operating_reset_at > time.date_finish


def test_a_batch_answers_each_named_command(api: Any) -> None:
    batch = api.call_batch(
        {
            "set": api.user.option.set({"a": "1 & 2 = 3", "b": {"c": ["x", "y"]}}),
            "get": api.user.option.get(),
            "one": api.user.option.get(option="a"),
            "absent": api.user.option.get(option="absent"),
        }
    ).result
    stored = {"a": "1 & 2 = 3", "b": {"c": ["x", "y"]}}
    assert batch.result == {"set": True, "get": stored, "one": "1 & 2 = 3", "absent": None}
    assert batch.result_error == []
    assert set(batch.result_time) == {"set", "get", "one", "absent"}


def test_a_list_of_commands_is_answered_by_number(api: Any) -> None:
    batch = api.call_batch([api.user.option.set({"a": "b"}), api.user.option.get()]).result
    assert batch.result == {"0": True, "1": {"a": "b"}}


def test_a_command_of_a_batch_uses_the_result_of_an_earlier_one(api: Any) -> None:
    api.user.option.set({"a": "=&%[]"}).call()
    batch = api.call_batch(
        {
            "read": api.user.option.get(),
            "copy": api.user.option.set({"b": "$result[read][a]"}),
        }
    ).result
    assert batch.result_error == []
    assert api.user.option.get(option="b").result == "=&%[]"


def test_a_failed_command_is_an_entry_among_the_errors(api: Any) -> None:
    batch = api.call_batch(
        {"bad": api.app.option.set({"a": "b"}), "good": api.user.option.set({"a": "b"})}
    ).result
    assert batch.result == {"good": True}
    message = "Administrator authorization required"
    error = {"error": "AccessException", "error_description": message}
    assert batch.result_error == {"bad": error}


def test_halt_stops_a_batch_at_its_first_failure(api: Any) -> None:
    commands = {"bad": api.app.option.set({"a": "b"}), "late": api.user.option.set({"a": "b"})}
    batch = api.call_batch(commands, halt=True).result
    assert batch.result == []
    assert set(batch.result_error) == {"bad"}
    assert api.user.option.get().result == {}


def test_more_than_fifty_commands_go_out_in_several_batches(api: Any, portal: Portal) -> None:
    commands = {f"c{n}": api.user.option.set({f"k{n}": str(n)}) for n in range(51)}
    assert api.call_batches(commands).result.result == dict.fromkeys(commands, True)
    assert len(portal.paths) == 2
    assert api.user.option.get().result == {f"k{n}": str(n) for n in range(51)}


def test_profile_fits_the_schema(api: Any, user: Any) -> None:
    profile = api.profile().value
    assert profile.bitrix_id == user.pk
    assert profile.admin is False


def test_profile_tells_an_administrator(administrator_api: Any, administrator: Any) -> None:
    profile = administrator_api.profile().value
    assert (profile.bitrix_id, profile.admin) == (administrator.pk, True)


def test_user_admin_is_a_boolean(api: Any, administrator_api: Any) -> None:
    assert api.user.admin().result is False
    assert administrator_api.user.admin().result is True


def test_user_current_becomes_the_user_object(api: Any, user: Any) -> None:
    current = api.user.current()
    assert current.result["ID"] == str(user.pk)
    assert current.value.bitrix_pk == user.pk


@pytest.mark.parametrize(
    ("name", "existing"), [("user.option.set", True), ("batch", True), ("crm.deal.add", False)]
)
def test_method_get_fits_the_schema(api: Any, name: str, existing: bool) -> None:
    found = api.method.get(name).value
    assert (found.is_existing, found.is_available) == (existing, existing)


def test_scope_is_a_list_of_names(api: Any) -> None:
    assert api.scope().result == []
    assert api.scope(full=True).result == []


def test_server_time_has_an_offset(api: Any) -> None:
    assert abs(api.server.time().value - datetime.now(UTC)) < timedelta(minutes=1)


def test_app_info_fits_the_schema(by_oauth: Any, sdk: Any, application: Any) -> None:
    info = sdk.Client(by_oauth).app.info().value
    assert (info.bitrix_id, info.code) == (application.pk, application.client_id)
    assert (info.status.value, info.installed, info.payment_expired) == ("L", True, False)
