"""One atomic change: who hears of it, what the limits allow, and what Python may pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from asgiref.sync import async_to_sync
from django.db import transaction
from django.db.models.signals import post_delete, pre_delete

from django_user_options.exceptions import (
    InvalidOptionError,
    OptionConflictError,
    OptionLimitError,
)
from django_user_options.models import AppOption, AppUserOption
from django_user_options.signals import options_changed, options_deleted
from django_user_options.test import override_options

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def heard() -> Iterator[list[Any]]:
    """The keys of each signal, and the value of each row that Django deletes."""
    received: list[Any] = []

    def hear_keys(signal: Any, keys: list[str], **_: Any) -> None:
        received.append((signal, keys))

    def hear_row(signal: Any, instance: Any, **_: Any) -> None:
        received.append((signal, instance.value))

    receivers = {
        options_changed: hear_keys,
        options_deleted: hear_keys,
        pre_delete: hear_row,
        post_delete: hear_row,
    }
    for signal, receiver in receivers.items():
        signal.connect(receiver)
    yield received
    for signal, receiver in receivers.items():
        signal.disconnect(receiver)


def test_one_signal_names_what_was_written_and_one_what_had_existed(
    options: Any, heard: list[Any]
) -> None:
    options.set_options({"a": 1, "b": 2})
    heard.clear()
    with transaction.atomic():
        options.update_options({"c": 1}, remove=["b", "x"], increment={"a": 1}, if_={"y": None})
        assert heard == [(pre_delete, 2), (post_delete, 2)]
    assert heard[2:] == [(options_changed, ["a", "c"]), (options_deleted, ["b"])]
    heard.clear()
    options.update_options(remove=["x"])
    with pytest.raises(OptionConflictError):
        options.update_options({"a": 1}, remove=["c"], if_={"b": "x"})
    assert heard == []
    assert options.as_mapping() == {"a": 2, "c": 1}


def test_each_step_within_the_limits_is_allowed_above_them(options: Any, settings: Any) -> None:
    options.set_options({"a": 1, "b": 22, "c": "x" * 90})
    settings.USER_OPTIONS = {
        "MAX_KEYS_PER_OWNER": 2,
        "MAX_BYTES_PER_OWNER": 50,
        "MAX_VALUE_BYTES": 3,
    }
    for change, limit, current in (
        ({"set": {"d": 1}}, "max_keys_per_owner", 3),
        ({"set": {"d": 1, "e": 1}, "remove": ["a"]}, "max_keys_per_owner", 3),
        ({"increment": {"d": 1}, "if_": {"d": None}}, "max_keys_per_owner", 3),
        ({"increment": {"a": 9}}, "max_bytes_per_owner", 95),
        ({"set": {"a": 333}, "remove": ["b", "x"], "if_": {"y": None}}, None, None),
        ({"increment": {"a": 667}}, "max_value_bytes", 4),
        ({"set": {"d": 1, "a": 1}, "remove": ["c"]}, None, None),
        ({"increment": {"d": 998}}, None, None),
        ({"set": {"e": "x" * 48}}, "max_value_bytes", 50),
    ):
        before = options.as_mapping()
        if limit is None:
            options.update_options(**change)
            continue
        with pytest.raises(OptionLimitError) as caught:
            options.update_options(**change)
        assert (caught.value.limit, caught.value.current) == (limit, current)
        assert options.as_mapping() == before
    assert options.as_mapping() == {"a": 1, "d": 999}


def test_a_number_in_python_is_finite_and_never_a_text_or_a_truth(options: Any) -> None:
    for amount in (float("inf"), float("nan"), True, "1", None, 1j):
        with pytest.raises(InvalidOptionError):
            options.update_options(increment={"a": amount})
    options.set_options({"large": 10**400, "float": 1e308})
    for change in ({"large": 0.5}, {"float": 1e308}):
        with pytest.raises(InvalidOptionError, match="the sum is not a finite number"):
            options.update_options(increment=change)
    for keys in ("a", 5, None):
        with pytest.raises(InvalidOptionError, match="remove must be a list of keys"):
            options.update_options(remove=keys)


def test_digests_are_the_same_wherever_they_are_shown(options: Any) -> None:
    given = {"a": 10**30, "b": "é😀", "c": [1e16, None, -0.0]}
    digests = options.update_options(given)
    page = options.keys()
    assert digests == {key: facts.digest for key, facts in page.keys.items()}
    assert digests == {option.key: option.digest for option in options.all()}
    assert all(len(digest) == 22 for digest in [page.digest, *digests.values()])
    assert list(options.filter(key="a").keys().keys) == ["a"]


def test_asynchronous_twins_and_overrides(options: Any, application: Any, user: Any) -> None:
    async def use() -> tuple[Any, ...]:
        await options.aupdate_options({"a": 1}, increment={"n": 2}, cause="a test")
        return (await options.akeys("n")).next, (await options.ausage())[:2]

    assert async_to_sync(use)() == (None, (2, 2))
    owner = user if options.model is AppUserOption else None
    with override_options(application, owner, {"a": 5}):
        options.update_options(remove=["n"], increment={"a": 1, "new": 1})
        assert options.as_mapping() == {"a": 6, "new": 1}
    assert options.as_mapping() == {"a": 1, "n": 2}


def test_without_an_owner_nothing_is_read_or_changed() -> None:
    for objects in (AppUserOption.objects, AppOption.objects):
        for call in (
            lambda: objects.update_options({"a": 1}),  # noqa: B023
            lambda: objects.all().keys(),  # noqa: B023
            objects.usage,
        ):
            with pytest.raises(TypeError, match="owner"):
                call()
