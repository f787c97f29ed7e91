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


def test_options_are_set_read_and_deleted(api: Any, credential: Any) -> None:
    options = api.user.option
    assert options.get().result == {}
    assert options.set(OPTIONS).result is True
    assert options.get().result == OPTIONS
    for key in ("theme", "Theme", "größe", "off", "list", "nested"):
        assert options.get(option=key).result == OPTIONS[key]
    options.set({"theme": "new"}).call()
    assert credential.call_method("user.option.delete", {"option": "Theme"})["result"] is True
    assert options.get(option="Theme").result is None
    left = {key: value for key, value in OPTIONS.items() if key != "Theme"}
    assert options.get().result == {**left, "theme": "new"}


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


def test_commands_of_a_batch_are_answered_by_name_and_by_number(api: Any) -> None:
    options = {"a": "1 & 2 = 3", "b": {"c": ["x", "y"]}}
    batch = api.call_batch(
        {
            "set": api.user.option.set(options),
            "get": api.user.option.get(),
            "absent": api.user.option.get(option="absent"),
        }
    ).result
    assert batch.result == {"set": True, "get": options, "absent": None}
    assert batch.result_error == []
    assert set(batch.result_time) == {"set", "get", "absent"}
    copy = api.user.option.set({"b": "$result[0][a]"})
    batch = api.call_batch([api.user.option.get(), copy]).result
    assert batch.result == {"0": options, "1": True}
    assert api.user.option.get(option="b").result == "1 & 2 = 3"


@pytest.mark.parametrize("halt", [False, True])
def test_a_failed_command_is_an_entry_among_the_errors_and_may_end_the_batch(
    api: Any, *, halt: bool
) -> None:
    commands = {"bad": api.app.option.set({"a": "b"}), "good": api.user.option.set({"a": "b"})}
    batch = api.call_batch(commands, halt=halt).result
    assert batch.result == ([] if halt else {"good": True})
    assert batch.result_error["bad"]["error"] == "AccessException"


def test_more_than_fifty_commands_go_out_in_several_batches(api: Any, portal: Portal) -> None:
    commands = {f"c{n}": api.user.option.set({f"k{n}": str(n)}) for n in range(51)}
    assert api.call_batches(commands).result.result == dict.fromkeys(commands, True)
    assert len(portal.paths) == 2
    assert api.user.option.get().result == {f"k{n}": str(n) for n in range(51)}


def test_users_and_administrators_are_distinguished(
    api: Any, administrator_api: Any, user: Any, administrator: Any
) -> None:
    for client, owner, admin in ((api, user, False), (administrator_api, administrator, True)):
        profile = client.profile().value
        assert (profile.bitrix_id, profile.admin) == (owner.pk, admin)
        assert client.user.admin().result is admin
    current = api.user.current()
    assert (current.result["ID"], current.value.bitrix_pk) == (str(user.pk), user.pk)


def test_system_methods_fit_the_schema(api: Any, by_oauth: Any, sdk: Any, application: Any) -> None:
    for name, existing in (("user.option.set", True), ("batch", True), ("crm.deal.add", False)):
        found = api.method.get(name).value
        assert (found.is_existing, found.is_available) == (existing, existing)
    assert api.scope().result == api.scope(full=True).result == []
    assert abs(api.server.time().value - datetime.now(UTC)) < timedelta(minutes=1)
    info = sdk.Client(by_oauth).app.info().value
    assert (info.bitrix_id, info.code) == (application.pk, application.client_id)
    assert (info.status.value, info.installed, info.payment_expired) == ("L", True, False)
