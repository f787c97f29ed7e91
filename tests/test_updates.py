"""One atomic change: what the limits allow, and what Python may pass."""

from __future__ import annotations

from typing import Any

import pytest

from django_user_options.exceptions import InvalidOptionError, OptionLimitError

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def test_each_step_within_the_limits_is_allowed_above_them(options: Any, settings: Any) -> None:
    options.set_options({"a": 1, "b": 22, "c": "x" * 90})
    settings.USER_OPTIONS = {
        "MAX_KEYS_PER_OWNER": 2,
        "MAX_BYTES_PER_OWNER": 50,
        "MAX_VALUE_BYTES": 3,
    }
    limits = {name.lower(): maximum for name, maximum in settings.USER_OPTIONS.items()}
    for change, limit, current in (
        ({"set": {"d": 1}}, "max_keys_per_owner", 3),
        ({"set": {"d": 1, "e": 1}, "remove": ["a"]}, "max_keys_per_owner", 3),
        ({"increment": {"d": 1}, "if_": {"d": None}}, "max_keys_per_owner", 3),
        ({"set": {"c": 1, "d": 1}, "if_": {"y": None}}, "max_keys_per_owner", 3),
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
        assert caught.value.details == {
            "limit": limit,
            "maximum": limits[limit],
            "current": current,
        }
        assert options.as_mapping() == before
    assert options.as_mapping() == {"a": 1, "d": 999}


def test_increments_must_be_finite_numbers_and_not_bools(options: Any) -> None:
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
    given = {"a": 10**30, "b": "é😀", "c": [1e16, None, -0.0], "zero": 0}
    digests = options.update_options(given)
    assert digests["zero"] == "X-zrZv_IbzjZUnhsbWlsec"
    page = options.keys()
    assert digests == {key: facts.digest for key, facts in page.keys.items()}
    assert digests == {option.key: option.digest for option in options.all()}
    assert all(len(digest) == 22 for digest in [page.digest, *digests.values()])
    assert list(options.filter(key="a").keys().keys) == ["a"]
