"""The settings: defaults, and that a change is seen at once."""

from __future__ import annotations

from typing import Any

from django_user_options.conf import DEFAULTS, conf

CONTRACT = {
    "MAX_KEY_LENGTH": 255,
    "MAX_VALUE_BYTES": 65_536,
    "MAX_NESTING": 32,
    "MAX_KEYS_PER_CALL": 1_000,
    "MAX_KEYS_PER_OWNER": 1_000,
    "MAX_BYTES_PER_OWNER": 1_048_576,
    "REQUIRED_SCOPES": ["basic"],
    "DIALECT": "documented",
    "REQUIRE_HTTPS": False,
    "TOKEN_IN_QUERY": True,
    "IS_ADMINISTRATOR": "django_user_options.rest.permissions.is_active_superuser",
    "ADMINISTRATOR_APPLICATIONS": [],
}


def test_the_defaults_are_those_of_the_contract() -> None:
    assert {name: getattr(conf, name.lower()) for name in CONTRACT} == CONTRACT
    limits = {name.lower(): CONTRACT[name] for name in CONTRACT if name.startswith("MAX_")}
    assert conf.limits.items() >= limits.items()


def test_a_setting_of_the_project_wins_at_once_and_alone(settings: Any) -> None:
    for name, default in DEFAULTS.items():
        given = object()
        settings.USER_OPTIONS = {name: given}
        assert getattr(conf, name.lower()) is given
        settings.USER_OPTIONS = {}
        assert getattr(conf, name.lower()) is default


def test_the_dict_may_be_missing(settings: Any) -> None:
    settings.USER_OPTIONS = {}
    del settings.USER_OPTIONS
    assert conf.max_nesting == 32
