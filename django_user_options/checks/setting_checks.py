"""Checks of the settings in `USER_OPTIONS`."""

from __future__ import annotations

import inspect
from difflib import get_close_matches
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004
from django.utils.module_loading import import_string
from limits import parse_many
from oauth2_provider.scopes import get_scopes_backend
from oauth2_provider.settings import oauth2_settings

from django_user_options.conf import CALL_LIMITS, DEFAULTS, DIALECTS, KEY_LENGTH, MEMORY, conf

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_LABEL = "django_user_options"
_REDIS_SCHEMES = ("redis://", "rediss://", "redis+unix://")
# By the default's type: what a setting must be, and a test for it.
_TYPES: dict[type, tuple[str, Callable[[Any], bool]]] = {
    bool: ("True or False", lambda value: isinstance(value, bool)),
    # The limits are SQL parameters, and SQLite refuses larger integers.
    int: (
        "a positive integer that fits in 64 bits",
        lambda value: type(value) is int and 0 < value < 2**63,
    ),
    list: (
        "a list or tuple of strings",
        lambda value: isinstance(value, list | tuple) and all(isinstance(s, str) for s in value),
    ),
    str: ("a string", lambda value: isinstance(value, str)),
    type(None): (
        "None, or a positive integer that fits in 64 bits",
        lambda value: value is None or (type(value) is int and 0 < value < 2**63),
    ),
}
# By rule: what it is called with.
_RULES = {"IS_ADMINISTRATOR": ("a user",), "ACCESS_RULE": ("an application", "a user")}
# Functions that return before they have an answer.
_DEFERRED = (
    inspect.iscoroutinefunction,
    inspect.isgeneratorfunction,
    inspect.isasyncgenfunction,
)
# The id, the setting, the value that is advised against, why, and what to do.
_ADVICE: Sequence[tuple[str, str, Any, str, str]] = (
    (
        "W008",
        "THROTTLE_STORAGE",
        MEMORY,
        "Each process counts calls and failures for itself, so more of them pass than the limits "
        "say.",
        "Set it to the URL of a Redis, unless the project is served by a single process.",
    ),
    (
        "W009",
        "CALL_LIMIT",
        "",
        "One application can keep the server busy, because nothing limits its calls.",
        "Set it, for instance to '50 per 25 seconds', unless a proxy limits calls.",
    ),
    (
        "W010",
        "FAILURE_LIMIT",
        "",
        "Nothing limits how many credentials one address may try.",
        "Set it, for instance to '100 per 10 minutes'.",
    ),
    (
        "W011",
        "REQUIRE_HTTPS",
        False,
        "Calls over plain HTTP are answered, so anyone on the network can read their credentials.",
        "Set it to True.",
    ),
    (
        "W012",
        "TOKEN_IN_QUERY",
        True,
        "The query may contain tokens and client secrets, which servers and proxies write to logs.",
        "Set it to False, unless clients such as the SDKs of Bitrix24 need it.",
    ),
)


@register()
def check_setting_names(**_: Any) -> Sequence[CheckMessage]:
    """E001, E002: `USER_OPTIONS` is a dict, contains only known settings, and is not misspelled."""
    if not isinstance(conf.given, dict):
        return [Error("USER_OPTIONS must be a dict.", id=f"{_LABEL}.E001")]
    found = [
        (f"The settings contain {name}, which nothing reads.", "Did you mean 'USER_OPTIONS'?")
        for name in get_close_matches("USER_OPTIONS", dir(settings), cutoff=0.9)
        if name != "USER_OPTIONS"
    ]
    for name in [name for name in conf.given if name not in DEFAULTS]:
        similar = get_close_matches(str(name).upper(), DEFAULTS, n=1)
        hint = f"Did you mean {similar[0]!r}?" if similar else f"Choose from {', '.join(DEFAULTS)}."
        found.append((f"USER_OPTIONS contains an unknown setting, {name!r}.", hint))
    return [Error(text, hint=hint, id=f"{_LABEL}.E002") for text, hint in found]


@register()
def check_setting_types(**_: Any) -> Sequence[CheckMessage]:
    """E003: each setting has its default's type; a number is positive and fits in 64 bits."""
    return [
        Error(f"USER_OPTIONS[{name!r}] must be {_TYPES[type(default)][0]}.", id=f"{_LABEL}.E003")
        for name, default in DEFAULTS.items()
        if not _has_right_type(name)
    ]


def _given(name: str) -> Any:
    """Return a setting unchecked, or its default if `USER_OPTIONS` is not a dict."""
    given = conf.given if isinstance(conf.given, dict) else {}
    return given.get(name, DEFAULTS[name])


def _has_right_type(name: str) -> bool:
    _text, fits = _TYPES[type(DEFAULTS[name])]
    return fits(_given(name))


@register()
def check_maximums(**_: Any) -> Sequence[CheckMessage]:
    """E004: `MAX_KEY_LENGTH` fits the column, and `WEBHOOK_LIFETIME_DAYS` the calendar."""
    return [
        Error(
            f"USER_OPTIONS[{name!r}] is {_given(name)}, which is too large.",
            hint=f"Set it to {maximum} or less.",
            id=f"{_LABEL}.E004",
        )
        for name, maximum in (("MAX_KEY_LENGTH", KEY_LENGTH), ("WEBHOOK_LIFETIME_DAYS", 36_500))
        if _has_right_type(name) and (_given(name) or 0) > maximum
    ]


@register()
def check_dialect(**_: Any) -> Sequence[CheckMessage]:
    """E007: `DIALECT` is a known dialect."""
    given = _given("DIALECT")
    if not _has_right_type("DIALECT") or given in DIALECTS:
        return []
    return [
        Error(
            f"USER_OPTIONS['DIALECT'] is {given!r}.",
            hint=f"Choose one of: {', '.join(DIALECTS)}.",
            id=f"{_LABEL}.E007",
        )
    ]


@register()
def check_rules(**_: Any) -> Sequence[CheckMessage]:
    """E005: `IS_ADMINISTRATOR` and `ACCESS_RULE` are functions that can be called as rules."""
    return [
        Error(
            f"USER_OPTIONS[{name!r}] is {_given(name)!r}, which {problem}.",
            hint=(
                f"Set it to the dotted path of a function that takes {' and '.join(taken)} and "
                "returns True or False."
            ),
            id=f"{_LABEL}.E005",
        )
        for name, taken in _RULES.items()
        if _has_right_type(name) and _given(name) != DEFAULTS[name]
        for problem in [_problem_of_rule(_given(name), taken)]
        if problem
    ]


def _problem_of_rule(path: str, taken: Sequence[str]) -> str:
    """Return why the function at this path cannot be a rule, or an empty text if it can."""
    try:
        rule = import_string(path)
    except (ImportError, TypeError, ValueError):
        return "cannot be imported"
    # A class answers with an object, which says neither yes nor no.
    if isinstance(rule, type) or not callable(rule):
        return "is not a function"
    if any(is_kind(it) for it in (rule, rule.__call__) for is_kind in _DEFERRED):
        return "is asynchronous or a generator"
    try:
        # A decorator may take other arguments than the function that it wraps.
        inspect.signature(rule, follow_wrapped=False).bind(*taken)
    except TypeError:
        return f"cannot be called with {' and '.join(taken)}"
    except ValueError:
        # Python cannot read the signature of some functions written in C.
        return ""
    return ""


@register()
def check_call_limits(**_: Any) -> Sequence[CheckMessage]:
    """E013: each limit on calls and failures can be read."""
    return [
        Error(
            f"USER_OPTIONS[{name!r}] is {_given(name)!r}, which is not one limit.",
            hint="Write it like '50 per 25 seconds', or set it to '' to turn it off.",
            id=f"{_LABEL}.E013",
        )
        for name in CALL_LIMITS
        if _has_right_type(name) and _given(name) and not _is_limit(_given(name))
    ]


def _is_limit(text: str) -> bool:
    try:
        limits = parse_many(text)
    except ValueError:
        return False
    return len(limits) == 1 and limits[0].amount > 0


@register()
def check_throttle_storage(**_: Any) -> Sequence[CheckMessage]:
    """E014: the throttle can count where `THROTTLE_STORAGE` says."""
    storage = _given("THROTTLE_STORAGE")
    if not _has_right_type("THROTTLE_STORAGE") or storage == MEMORY:
        return []
    if storage.startswith(_REDIS_SCHEMES) and find_spec("redis"):
        return []
    return [
        Error(
            # A URL may contain a password.
            "USER_OPTIONS['THROTTLE_STORAGE'] cannot be used.",
            hint=(
                f"Set it to {MEMORY!r} or to the URL of a Redis, such as "
                "'redis://127.0.0.1:6379/0', and install 'django-user-options[redis]'."
            ),
            id=f"{_LABEL}.E014",
        )
    ]


@register()
def check_scopes_declared(**_: Any) -> Sequence[CheckMessage]:
    """E006: the toolkit declares each required scope; otherwise, no token could have it."""
    declared = get_scopes_backend().get_all_scopes()
    names = ("READ_SCOPE", "WRITE_SCOPE", "ADMINISTRATOR_SCOPE")
    single = [(name, _given(name)) for name in names if _has_right_type(name) and _given(name)]
    several = _given("REQUIRED_SCOPES") if _has_right_type("REQUIRED_SCOPES") else ()
    required = [*(("REQUIRED_SCOPES", scope) for scope in several), *single]
    return [
        Error(
            f"OAUTH2_PROVIDER['SCOPES'] does not declare the scope {scope!r}, "
            "so no application can get a token that may use the REST methods.",
            hint=(
                f"Add {scope!r} to OAUTH2_PROVIDER['SCOPES'], or change "
                f"USER_OPTIONS[{name!r}]; an empty one turns the check off."
            ),
            id=f"{_LABEL}.E006",
        )
        for name, scope in required
        if scope not in declared
    ]


@register(Tags.security)
def check_token_in_query(**_: Any) -> Sequence[CheckMessage]:
    """W002: tokens in the query are refused if the toolkit refuses them."""
    closed = oauth2_settings.COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT
    if not closed or not _given("TOKEN_IN_QUERY"):
        return []
    return [
        Warning(
            "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT forbids access tokens in the query, "
            "but the REST methods still accept them there.",
            hint="Set USER_OPTIONS['TOKEN_IN_QUERY'] to False.",
            id=f"{_LABEL}.W002",
        )
    ]


@register(Tags.security, deploy=True)
def check_open_settings(**_: Any) -> Sequence[CheckMessage]:
    """W008 to W012: settings of this package whose defaults suit development."""
    return [
        Warning(f"USER_OPTIONS[{setting!r}]: {problem}", hint=hint, id=f"{_LABEL}.{number}")
        for number, setting, advised_against, problem, hint in _ADVICE
        if _given(setting) == advised_against
    ]
