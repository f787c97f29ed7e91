"""Each system check fires by its id when a setting is wrong, and is silent otherwise."""

from __future__ import annotations

from functools import partial, wraps
from typing import Any

import pytest
from django.core.checks import run_checks

from django_user_options.checks import setting_checks
from tests.checks.messages import LABEL, advice, ids

# Django's own checks ask the database what it supports.
pytestmark = pytest.mark.django_db
NOT_CALLABLE = f"{LABEL}__version__"


class AlwaysTrue:
    """As a rule, it answers with an object."""

    def __init__(self, *_taken: Any) -> None:
        pass


class Rule:
    def __call__(self, *_taken: Any) -> bool:
        return False


class AsyncRule:
    async def __call__(self, *_taken: Any) -> bool:
        return False


async def asynchronous(*_taken: Any) -> bool:
    return False


def generator(*_taken: Any) -> Any:
    yield False


async def asynchronous_generator(*_taken: Any) -> Any:
    yield False


def without_arguments() -> bool:
    return True


def with_too_many(_application: Any, _user: Any, _other: Any) -> bool:
    return True


def by_name(*, user: Any, application: Any = None) -> bool:
    return bool(user and application)


@wraps(with_too_many)
def completed(*taken: Any) -> bool:
    return with_too_many(*taken, None)


bound, partly_bound = Rule(), partial(with_too_many, None)
async_bound, partly_async = AsyncRule(), partial(asynchronous, None)


def test_e001_settings_are_not_a_dict(settings: Any) -> None:
    for given in (None, []):
        settings.USER_OPTIONS = given
        assert ids() == ["E001"]
        assert advice("W012") == ["W012"]


WRONG_RULES = (
    AlwaysTrue,
    asynchronous,
    generator,
    asynchronous_generator,
    without_arguments,
    with_too_many,
    by_name,
)
WRONG = {
    "E002": [("max_nesting", 1), (5, 1)],
    "E003": [
        ("REQUIRE_HTTPS", "no"),
        ("IS_ADMINISTRATOR", len),
        ("ACCESS_RULE", None),
        ("ADMINISTRATOR_APPLICATIONS", "client"),
        ("ADMINISTRATOR_APPLICATIONS", [5]),
        ("REQUIRED_SCOPES", None),
        ("WRITE_SCOPE", ["write"]),
        ("MAX_KEY_LENGTH", 0),
        ("MAX_NESTING", True),
        ("MAX_BYTES_PER_OWNER", 2**63),
        ("WEBHOOK_LIFETIME_DAYS", 0),
        ("WEBHOOK_LIFETIME_DAYS", True),
        ("WEBHOOK_LIFETIME_DAYS", 2**63),
        ("DIALECT", ["live"]),
        ("CALL_LIMIT", None),
        ("THROTTLE_STORAGE", 5),
    ],
    "E004": [("MAX_KEY_LENGTH", 256), ("WEBHOOK_LIFETIME_DAYS", 36_501)],
    "E005": [
        ("IS_ADMINISTRATOR", ""),
        *(
            (name, rule)
            for name in ("IS_ADMINISTRATOR", "ACCESS_RULE")
            for rule in (
                *("rule", ".rule", "no.module", "operator.no_such", NOT_CALLABLE),
                *(f"{__name__}.{wrong.__name__}" for wrong in WRONG_RULES),
                *(f"{__name__}.{wrong}" for wrong in ("async_bound", "partly_async")),
            )
        ),
        ("IS_ADMINISTRATOR", "operator.eq"),
        ("IS_ADMINISTRATOR", f"{__name__}.partly_bound"),
        ("ACCESS_RULE", "operator.truth"),
        ("ACCESS_RULE", "django_user_options.rest.permissions.is_active_superuser"),
    ],
    "E006": [(f"{name}_SCOPE", "other") for name in ("READ", "WRITE", "ADMINISTRATOR")],
    "E007": [("DIALECT", "Live")],
    "E013": [
        ("CALL_LIMIT", "often"),
        ("CALL_LIMIT", "0 per 1 second"),
        ("FAILURE_LIMIT", "1 per second; 50 per minute"),
        ("CLIENT_FAILURE_LIMIT", "5"),
    ],
    "E014": [("THROTTLE_STORAGE", ""), ("THROTTLE_STORAGE", "memcached://127.0.0.1")],
}


@pytest.mark.parametrize("expected", WRONG)
def test_a_wrong_setting_is_found(settings: Any, expected: str) -> None:
    for name, given in WRONG[expected]:
        settings.USER_OPTIONS = {"REQUIRE_HTTPS": False, name: given}
        assert ids() == [expected], name


def test_e002_settings_under_a_misspelled_name(settings: Any) -> None:
    settings.USER_OPTION = {"DIALECT": "live"}
    assert ids() == ["E002"]


def test_e006_names_each_required_scope_that_the_toolkit_does_not_know(settings: Any) -> None:
    settings.OAUTH2_PROVIDER = {"SCOPES": {"read": "Read"}}
    assert ids() == ["E006"]
    for scopes, found in ((["one", "read", "two"], 2), ([], 0), (["read"], 0), (("read",), 0)):
        settings.USER_OPTIONS = {"REQUIRED_SCOPES": scopes}
        assert ids() == ["E006"] * found


def test_w002_a_token_in_the_query_against_the_toolkits_own_rule(settings: Any) -> None:
    closed = {"COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True}
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, **closed}
    assert ids() == ["W002"]
    settings.USER_OPTIONS = {"TOKEN_IN_QUERY": False}
    assert ids() == []


@pytest.mark.parametrize(
    ("name", "default", "setting", "better"),
    [
        ("W008", ["W008"], "THROTTLE_STORAGE", "redis://127.0.0.1"),
        ("W009", ["W009"], "CALL_LIMIT", "50 per 25 seconds"),
        ("W010", [], "FAILURE_LIMIT", "1 per 1 second"),
        ("W011", ["W011"], "REQUIRE_HTTPS", True),
        ("W012", ["W012"], "TOKEN_IN_QUERY", False),
    ],
)
def test_w008_to_w012_open_settings(
    settings: Any, name: str, default: list[str], setting: str, better: Any
) -> None:
    assert advice(name) == default
    settings.USER_OPTIONS = {setting: better}
    assert advice(name) == []
    settings.USER_OPTIONS = {"FAILURE_LIMIT": ""}
    assert advice("W010") == ["W010"]


@pytest.mark.parametrize("found", [None, "redis"])
def test_e014_a_redis_needs_its_package(
    settings: Any, monkeypatch: pytest.MonkeyPatch, found: Any
) -> None:
    monkeypatch.setattr(setting_checks, "find_spec", {"redis": found}.get)
    settings.USER_OPTIONS = {"THROTTLE_STORAGE": "redis://:SECRET@127.0.0.1:6379/5"}
    assert ids() == ["E014"] * (found is None)
    assert "SECRET" not in repr(run_checks())


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("no.module", "cannot be imported"),
        (NOT_CALLABLE, "is not a function"),
        (f"{__name__}.AlwaysTrue", "is not a function"),
        (f"{__name__}.asynchronous", "is asynchronous or a generator"),
        (f"{__name__}.without_arguments", "cannot be called with an application and a user"),
    ],
)
def test_e005_says_what_is_wrong_with_a_rule(settings: Any, rule: str, problem: str) -> None:
    settings.USER_OPTIONS = {"ACCESS_RULE": rule}
    (found,) = setting_checks.check_rules()
    assert found.msg == f"USER_OPTIONS['ACCESS_RULE'] is {rule!r}, which {problem}."
    assert "a function that takes an application and a user" in str(found.hint)


# `max` is written in C, and has no signature that Python can read.
@pytest.mark.parametrize(
    "rule",
    ["operator.is_", "builtins.max", *(f"{__name__}.{it}" for it in ("completed", "bound"))],
)
def test_a_function_of_any_kind_can_be_a_rule(settings: Any, rule: str) -> None:
    settings.USER_OPTIONS = {"ACCESS_RULE": rule}
    assert ids() == []


def test_correct_settings_pass_and_all_are_optional(settings: Any) -> None:
    settings.USER_OPTIONS = {
        "REQUIRED_SCOPES": ("basic",),
        "DIALECT": "live",
        "REQUIRE_HTTPS": True,
        "IS_ADMINISTRATOR": "operator.truth",
        "ACCESS_RULE": "operator.eq",
        "ADMINISTRATOR_APPLICATIONS": ["client"],
        "WRITE_SCOPE": "basic",
        "WEBHOOK_LIFETIME_DAYS": 90,
        "MAX_KEY_LENGTH": 255,
        "MAX_NESTING": 1,
        "CALL_LIMIT": "50 per 25 seconds",
        "FAILURE_LIMIT": "",
    }
    assert ids() == []
    del settings.USER_OPTIONS
    assert ids() == []
