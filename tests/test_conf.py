"""The settings: defaults, and that a change is seen at once."""

from __future__ import annotations

from typing import Any

import pytest

from django_user_options.conf import DEFAULTS, conf
from django_user_options.rest.permissions import is_active_superuser

LIMITS = {
    "MAX_KEY_LENGTH": 255,
    "MAX_VALUE_BYTES": 65_536,
    "MAX_NESTING": 32,
    "MAX_KEYS_PER_CALL": 1_000,
    "MAX_KEYS_PER_OWNER": 1_000,
    "MAX_BYTES_PER_OWNER": 1_048_576,
}


def test_the_default_limits_are_those_of_the_contract() -> None:
    assert {name: getattr(conf, name.lower()) for name in LIMITS} == LIMITS


def test_the_default_policies_are_those_of_the_contract() -> None:
    assert conf.required_scopes == ["basic"]
    assert conf.dialect == "documented"
    assert conf.require_https is False
    assert conf.token_in_query is True
    assert conf.is_administrator is is_active_superuser
    assert conf.administrator_applications == []


@pytest.mark.parametrize("name", sorted(DEFAULTS.keys() - {"IS_ADMINISTRATOR"}))
def test_a_setting_of_the_host_wins_at_once_and_alone(settings: Any, name: str) -> None:
    given = object()
    settings.USER_OPTIONS = {name: given}
    assert getattr(conf, name.lower()) is given
    settings.USER_OPTIONS = {}
    assert getattr(conf, name.lower()) is DEFAULTS[name]


def test_the_administrator_rule_is_named_by_its_path(settings: Any) -> None:
    settings.USER_OPTIONS = {"IS_ADMINISTRATOR": "operator.not_"}
    assert conf.is_administrator(None) is True


def test_the_dict_may_be_missing(settings: Any) -> None:
    settings.USER_OPTIONS = {}
    del settings.USER_OPTIONS
    assert conf.max_nesting == 32
