"""Each system check fires by its id when the host is set wrongly, and is silent otherwise."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest
from django.core.checks import Tags

from tests.checks.messages import LABEL, ids

NOT_CALLABLE = f"{LABEL}__version__"


def test_the_tests_host_passes_every_check() -> None:
    assert ids() == []


@pytest.mark.parametrize("given", [None, [], "x", 5, MappingProxyType({})], ids=repr)
def test_e001_settings_are_no_dict(settings: Any, given: Any) -> None:
    settings.USER_OPTIONS = given
    assert ids() == ["E001"]


@pytest.mark.parametrize("name", ["MAX_KEYS", "max_nesting", "", 5])
def test_e002_an_unknown_setting(settings: Any, name: Any) -> None:
    settings.USER_OPTIONS = {name: 1, "MAX_NESTING": 8}
    assert ids() == ["E002"]


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("REQUIRE_HTTPS", 1),
        ("REQUIRE_HTTPS", "no"),
        ("TOKEN_IN_QUERY", None),
        ("IS_ADMINISTRATOR", None),
        ("IS_ADMINISTRATOR", len),
        ("ADMINISTRATOR_APPLICATIONS", "client"),
        ("ADMINISTRATOR_APPLICATIONS", [5]),
        ("REQUIRED_SCOPES", None),
        ("REQUIRED_SCOPES", 5),
        ("MAX_KEY_LENGTH", 0),
        ("MAX_NESTING", -1),
        ("MAX_NESTING", 1.5),
        ("MAX_NESTING", True),
        ("MAX_VALUE_BYTES", "64"),
        ("MAX_KEYS_PER_CALL", None),
        ("MAX_BYTES_PER_OWNER", 2**63),
    ],
)
def test_e003_a_setting_of_a_wrong_type(settings: Any, name: str, given: Any) -> None:
    settings.USER_OPTIONS = {name: given}
    assert ids() == ["E003"]


@pytest.mark.parametrize(
    ("name", "given"),
    [("REQUIRED_SCOPES", "basic"), ("DIALECT", None), ("DIALECT", 5), ("DIALECT", ["live"])],
)
def test_e003_a_setting_of_a_wrong_type_that_other_checks_look_at_too(
    settings: Any, name: str, given: Any
) -> None:
    settings.USER_OPTIONS = {name: given}
    assert "E003" in ids()


def test_e004_a_key_longer_than_its_column(settings: Any) -> None:
    settings.USER_OPTIONS = {"MAX_KEY_LENGTH": 256}
    assert ids() == ["E004"]


@pytest.mark.parametrize(
    "rule", ["", "rule", ".rule", "..rule", "no.such.module", "operator.no_such", NOT_CALLABLE]
)
def test_e005_an_administrator_rule_that_cannot_be_called(settings: Any, rule: str) -> None:
    settings.USER_OPTIONS = {"IS_ADMINISTRATOR": rule}
    assert ids() == ["E005"]


def test_e006_a_required_scope_that_the_toolkit_does_not_know(settings: Any) -> None:
    settings.OAUTH2_PROVIDER = {"SCOPES": {"read": "Read"}}
    assert ids() == ["E006"]


def test_e006_names_each_missing_scope(settings: Any) -> None:
    settings.USER_OPTIONS = {"REQUIRED_SCOPES": ["one", "basic", "two"]}
    assert ids() == ["E006", "E006"]


@pytest.mark.parametrize("scopes", [[], ["read"], ("read",)])
def test_declared_scopes_or_none_pass(settings: Any, scopes: Any) -> None:
    settings.OAUTH2_PROVIDER = {"SCOPES": {"read": "Read"}}
    settings.USER_OPTIONS = {"REQUIRED_SCOPES": scopes}
    assert ids() == []


def test_e007_an_unknown_dialect(settings: Any) -> None:
    settings.USER_OPTIONS = {"DIALECT": "Live"}
    assert ids() == ["E007"]


def test_w001_an_ssl_redirect_of_rest_methods(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert ids() == ["W001"]
    assert ids(tags=[Tags.security]) == ["W001"]
    settings.SECURE_REDIRECT_EXEMPT = [r"^rest/"]
    assert ids() == []


def test_w002_a_token_in_the_query_against_the_toolkits_own_rule(settings: Any) -> None:
    closed = {"COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True}
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, **closed}
    assert ids() == ["W002"]
    settings.USER_OPTIONS = {"TOKEN_IN_QUERY": False}
    assert ids() == []


def test_right_settings_of_every_kind_pass(settings: Any) -> None:
    settings.USER_OPTIONS = {
        "REQUIRED_SCOPES": ("basic",),
        "DIALECT": "live",
        "REQUIRE_HTTPS": True,
        "TOKEN_IN_QUERY": False,
        "IS_ADMINISTRATOR": "operator.truth",
        "ADMINISTRATOR_APPLICATIONS": ["client"],
        "MAX_KEY_LENGTH": 255,
        "MAX_VALUE_BYTES": 1,
        "MAX_NESTING": 1,
        "MAX_KEYS_PER_CALL": 1,
        "MAX_KEYS_PER_OWNER": 1,
        "MAX_BYTES_PER_OWNER": 1,
    }
    assert ids() == []


def test_an_empty_dict_or_none_at_all_passes(settings: Any) -> None:
    settings.USER_OPTIONS = {}
    assert ids() == []
    del settings.USER_OPTIONS
    assert ids() == []
