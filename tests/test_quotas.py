"""Limits on a user over all applications, and on an application over all of its users."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_user_options import quotas
from django_user_options.exceptions import OptionLimitError
from django_user_options.models import AppOption, AppUserOption
from django_user_options.test import override_options

pytestmark = [pytest.mark.django_db, pytest.mark.database]


MAXIMA = {"keys": 3, "bytes": 30}


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(quotas, "monotonic", clock)
    return clock


@pytest.fixture(params=["user", "application"])
def role(request: Any) -> str:
    return request.param


@pytest.fixture
def members(role: str, make_user: Any, make_application: Any) -> list[Any]:
    """Options of two owners who share a quota, and of one who does not."""
    application, user = make_application(), make_user()
    other = (make_application(), user) if role == "user" else (application, make_user())
    owners = [(application, user), other, (make_application(), make_user())]
    return [AppUserOption.objects.for_owner(*owner) for owner in owners]


@pytest.mark.parametrize(
    ("unit", "first", "second", "too_much"),
    [
        ("keys", {"a": 1, "b": 2}, {"a": 1}, {"a": 2, "b": 3}),
        ("bytes", {"a": "x" * 18}, {"a": "x" * 8}, {"a": "x" * 9}),
    ],
)
def test_a_quota_holds_over_all_of_its_owners(
    settings: Any, role: str, members: list[Any], unit: str, first: Any, second: Any, too_much: Any
) -> None:
    name, maximum = f"max_{unit}_per_{role}", MAXIMA[unit]
    settings.USER_OPTIONS = {name.upper(): maximum}
    one, two, stranger = members
    one.set_options(first)
    two.set_options(second)
    with pytest.raises(OptionLimitError, match=f"one {role}") as caught:
        two.set_options(too_much)
    assert caught.value.maximum == maximum
    assert two.as_mapping() == second
    # What raises neither total is never refused.
    one.set_options(first)
    stranger.set_options(too_much)
    # An application's own options count for no user.
    AppOption.objects.for_owner(one._owner["application"]).set_options(too_much)
    settings.USER_OPTIONS = {}
    with override_options(*one._owner.values(), {"c": 1}):
        settings.USER_OPTIONS = {name.upper(): 1}
        one.delete_options(["a"])
    # Neither is it when the quota was lowered.
    one.set_options(first)
    assert one.as_mapping() == first


def test_counts_are_rare_and_rarer_if_they_take_long(
    settings: Any, role: str, members: list[Any], clock: Clock
) -> None:
    settings.USER_OPTIONS = {f"MAX_KEYS_PER_{role.upper()}": 1_000}

    def counts(*, after: float) -> int:
        clock.now += after
        with CaptureQueriesContext(connection) as queries:
            members[0].set_options({"a": 1})
        words = [query["sql"].split()[0] for query in queries]
        # MariaDB counts the owner's options, too.
        return words.count("SELECT") - (connection.vendor == "mysql")

    assert [counts(after=seconds) for seconds in (0, 1, 58, 1, 59)] == [1, 0, 0, 1, 0]
    (key,) = quotas._counts
    quotas._counts[key] = quotas._counts[key]._replace(took=0.5)
    assert [counts(after=seconds) for seconds in (380, 120)] == [0, 1]
    # From half of the quota on, each write looks at the options that it replaces.
    settings.USER_OPTIONS = {f"MAX_KEYS_PER_{role.upper()}": 3}
    assert [counts(after=seconds) for seconds in (0, 1)] == [2, 1]


def test_a_refusal_counts_again_but_not_at_once(
    settings: Any, role: str, members: list[Any], clock: Clock
) -> None:
    settings.USER_OPTIONS = {f"MAX_KEYS_PER_{role.upper()}": 3}
    one, two, _ = members
    one.set_options({"a": 1, "b": 1, "c": 1})
    one.delete_options(["a"])
    with pytest.raises(OptionLimitError):
        two.set_options({"a": 1})
    clock.now += 1
    two.set_options({"a": 1})


def test_a_process_keeps_a_bounded_number_of_counts(
    settings: Any, members: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quotas, "_COUNTS", 1)
    settings.USER_OPTIONS = {"MAX_KEYS_PER_USER": 3, "MAX_KEYS_PER_APPLICATION": 3}
    for key in "ab":
        # The count of the application replaces the user's, which the write then does not find.
        members[0].set_options({key: 1})
        assert len(quotas._counts) == 1
    assert members[0].count() == 2


@pytest.mark.parametrize(("unit", "value"), [("keys", 1), ("bytes", "x" * 8)])
def test_updates_count_what_they_remove_and_what_they_only_lock(
    settings: Any, role: str, members: list[Any], unit: str, value: Any
) -> None:
    name, maximum = f"max_{unit}_per_{role}", MAXIMA[unit]
    settings.USER_OPTIONS = {name.upper(): maximum}
    one, two, _ = members
    for options, key in ((one, "a"), (one, "b"), (two, "a")):
        options.update_options({key: value}, if_={"none": None})
    with pytest.raises(OptionLimitError, match=r"^set: at most") as caught:
        one.update_options({"new": value}, remove=["none"], if_={"other": None})
    assert caught.value.details == {"limit": name, "maximum": maximum, "current": maximum}
    one.update_options({"new": value}, remove=["a"])
    assert one.as_mapping() == {"b": value, "new": value}
