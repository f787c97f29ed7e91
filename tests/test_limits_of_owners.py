"""What one owner may keep, below, at and above a limit."""

from __future__ import annotations

import operator
from typing import Any

import hypothesis
import pytest
from django.test.utils import override_settings
from hypothesis import strategies as st

from django_user_options.exceptions import OptionLimitError
from django_user_options.models import AppOption, AppUserOption

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_an_owner_keeps_1000_keys_and_no_more(options: Any) -> None:
    options.set_options({str(number): number for number in range(999)})
    options.set_options({"the last": 1})
    with pytest.raises(OptionLimitError) as caught:
        options.set_options({"one more": 1, "0": "changed"})
    assert caught.value.maximum == 1_000
    assert options.count() == 1_000
    assert options.get_option("0") == 0
    options.set_options({"0": "changed"})
    assert options.get_option("0") == "changed"


def test_an_owner_keeps_1_mib_of_values_and_no_more(options: Any) -> None:
    value = "x" * 65_534
    options.set_options({str(number): value for number in range(15)})
    options.set_options({"15": value})
    with pytest.raises(OptionLimitError) as caught:
        options.set_options({"one more": 1})
    assert caught.value.maximum == 1_048_576
    assert options.count() == 16
    options.set_options({"15": 1, "one more": 1})
    assert options.count() == 17


def test_limits_count_each_owner_alone(
    make_application: Any, make_user: Any, settings: Any
) -> None:
    settings.USER_OPTIONS = {"MAX_KEYS_PER_OWNER": 1}
    application, ann, bob = make_application(), make_user(), make_user()
    for owner in [(application, ann), (application, bob), (make_application(), ann)]:
        AppUserOption.objects.for_owner(*owner).set_options({"theme": "dark"})
    AppOption.objects.for_owner(application).set_options({"theme": "dark"})
    assert AppUserOption.objects.count() == 3


@pytest.mark.parametrize(
    ("setting", "limit", "growth"),
    [("MAX_KEYS_PER_OWNER", 1, {"c": 3}), ("MAX_BYTES_PER_OWNER", 5, {"a": "longer still"})],
)
def test_a_refusal_above_a_lowered_limit_names_the_limit(
    options: Any, settings: Any, setting: str, limit: int, growth: Any
) -> None:
    options.set_options({"a": "longer", "b": 2})
    settings.USER_OPTIONS = {setting: limit}
    with pytest.raises(OptionLimitError) as caught:
        options.set_options(growth)
    assert caught.value.maximum == limit
    assert f"at most {limit} " in str(caught.value)


some_options = st.dictionaries(st.sampled_from("abcde"), st.text("xя", max_size=9), min_size=1)


def test_a_write_is_refused_where_it_raises_a_total_above_its_limit_and_only_there(
    options: Any,
) -> None:
    @hypothesis.settings(max_examples=60, deadline=None, derandomize=True, database=None)
    @hypothesis.given(
        before=some_options,
        writes=st.lists(some_options, min_size=1, max_size=4),
        keys=st.integers(1, 5),
        size=st.integers(4, 60),
    )
    def write(before: dict[str, str], writes: list[dict[str, str]], keys: int, size: int) -> None:
        options.delete()
        options.set_options(before)
        kept = before
        limits = {"MAX_KEYS_PER_OWNER": keys, "MAX_BYTES_PER_OWNER": size}
        with override_settings(USER_OPTIONS=limits):
            for written in writes:
                after = {**kept, **written}
                if all(map(operator.le, totals(after), map(max, totals(kept), (keys, size)))):
                    options.set_options(written)
                    kept = after
                else:
                    with pytest.raises(OptionLimitError):
                        options.set_options(written)
                assert options.as_mapping() == kept

    write()


def totals(options: dict[str, str]) -> tuple[int, int]:
    return len(options), sum(len(f'"{text}"'.encode()) for text in options.values())
