"""What one batch may take: results in all, and what references may put together."""

from __future__ import annotations

from typing import Any

import pytest

from django_user_options.models import AppUserOption

TOO_MUCH = {
    "error": "ArgumentOutOfRangeException",
    "error_description": "cmd: the results of one batch may have at most 20 bytes together",
}


@pytest.fixture
def options(application: Any, user: Any) -> Any:
    return AppUserOption.objects.for_owner(application, user)


@pytest.fixture
def batch(call: Any, token: str) -> Any:
    def run(cmd: dict[str, str]) -> Any:
        return call("batch", {"cmd": cmd}, token=token).json()["result"]

    return run


@pytest.fixture
def narrow(settings: Any) -> None:
    settings.USER_OPTIONS = {"MAX_BATCH_RESULT_BYTES": 20}


@pytest.mark.usefixtures("narrow")
def test_a_result_that_passes_the_limit_is_withheld_and_smaller_ones_are_not(
    batch: Any, options: Any
) -> None:
    options.set_options({"long": "x" * 15, "short": 1})
    long, short = "user.option.get?option=long", "user.option.get?option=short"
    result = batch({"first": long, "second": long, "third": short})
    assert result["result"] == {"first": "x" * 15, "third": 1}
    assert result["result_error"] == {"second": TOO_MUCH}


@pytest.mark.usefixtures("narrow")
def test_what_was_written_is_acknowledged_however_little_is_left(batch: Any, options: Any) -> None:
    options.set_options({"long": "x" * 16})
    result = batch({"get": "user.option.get?option=long", "set": "user.option.set?options[a]=1"})
    assert result["result"] == {"get": "x" * 16, "set": True}
    assert options.get_option("a") == "1"


@pytest.mark.usefixtures("narrow")
def test_nothing_runs_once_nothing_is_left(batch: Any, options: Any) -> None:
    options.set_options({"long": "x" * 18})
    result = batch({"get": "user.option.get?option=long", "set": "user.option.set?options[a]=1"})
    assert result["result_error"] == {"set": TOO_MUCH}
    assert options.get_option("a") is None


@pytest.mark.parametrize("reference", ["$result[all][long]", "and $result[all][long] inside"])
def test_references_cannot_put_together_more_than_a_body_may_hold(
    batch: Any, options: Any, reference: str
) -> None:
    options.set_options({"long": "x" * 60_000})
    many = "&".join(f"options[k{number}]={reference}" for number in range(100))
    result = batch({"all": "user.option.get", "set": f"user.option.set?{many}"})
    assert result["result_error"] == {
        "set": {"error": "INVALID_REQUEST", "error_description": "Request body is too large"}
    }
    assert list(options.as_mapping()) == ["long"]


def test_references_are_replaced_in_lists_and_objects(batch: Any, options: Any) -> None:
    options.set_options({"key": "theme", "theme": "dark"})
    result = batch(
        {
            "key": "user.option.get?option=key",
            "some": "user.option.get?option[]=$result[key]&option[]=no-$result[key]",
            "set": "user.option.set?options[a][b][]=$result[some]",
        }
    )
    assert result["result"]["some"] == {"theme": "dark"}
    assert options.get_option("a") == {"b": [{"theme": "dark"}]}
