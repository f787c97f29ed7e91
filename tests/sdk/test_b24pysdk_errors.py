"""The vendor's SDK for Python: what our refusals become, in both dialects."""

from __future__ import annotations

import importlib
from datetime import timedelta
from typing import Any

import pytest

pytestmark = pytest.mark.sdk

# The exception for a credential and a method, in the documented and in the live dialect.
REFUSALS = [
    ("by_oauth", "user.option.set", "BitrixAPIBadRequest", "BitrixAPIBadRequest"),
    ("by_oauth", "app.option.set", "BitrixAPIBadRequest", "BitrixAPIAccessDenied"),
    ("by_oauth", "no.such.method", "BitrixAPINotFound", "BitrixAPINotFound"),
    ("no_scope", "profile", "BitrixAPIInsufficientScope", "BitrixAPIInsufficientScope"),
    ("expired", "profile", "BitrixAPIExpiredToken", "BitrixAPIExpiredToken"),
    ("inactive", "profile", "BitrixAPIInvalidCredentials", "BitrixAPIInvalidCredentials"),
    ("unknown", "profile", "BitrixOAuthNoAuthFound", "BitrixAPIInvalidToken"),
    ("unknown_webhook", "profile", "BitrixOAuthNoAuthFound", "BitrixAPIInvalidCredentials"),
    ("no_application", "user.option.get", "BitrixAPIBadRequest", "BitrixAPIAccessDenied"),
    ("by_webhook", "user.option.set", "BitrixAPIBadRequest", "BitrixAPIAccessDenied"),
]


@pytest.fixture
def credentials(
    make_credential: Any, make_webhook_credential: Any, by_webhook: Any, make_user: Any, user: Any
) -> dict[str, Any]:
    found = {
        "by_oauth": make_credential(user),
        "by_webhook": by_webhook,
        "expired": make_credential(user, lifetime=timedelta(hours=-1)),
        "inactive": make_credential(make_user(is_active=False)),
        "no_application": make_webhook_credential(None),
        "no_scope": make_credential(user, scope=""),
        "unknown": make_credential(user),
        "unknown_webhook": make_webhook_credential(None),
    }
    found["expired"].refresh_token = None
    for name in ("unknown", "unknown_webhook"):
        found[name].auth_token += "0"
    return found


@pytest.mark.parametrize("dialect", ["documented", "live"])
def test_each_refusal_is_an_exception_of_the_sdk(
    credentials: Any, dialect: str, settings: Any
) -> None:
    settings.USER_OPTIONS = {"DIALECT": dialect}
    errors = importlib.import_module("b24pysdk.errors")
    for name, method, *expected in REFUSALS:
        with pytest.raises(errors.BitrixBaseAPIError) as caught:
            credentials[name].call_method(method, {"options": {}})
        assert type(caught.value).__name__ == expected[dialect == "live"], (name, method)


def test_the_live_dialect_is_what_the_sdk_expects(
    settings: Any, sdk: Any, by_oauth: Any, by_webhook: Any
) -> None:
    settings.USER_OPTIONS = {"DIALECT": "live"}
    assert by_oauth.call_method("user.option.get")["result"] == []
    assert by_oauth.call_method("user.option.set", {"a": 1, "b": "2"})["result"] is True
    info = sdk.Client(by_webhook).app.info().value
    assert type(info).__name__ == "AppInfoWebhook"
    assert (info.scope, info.license) == ([], "")
    api = sdk.Client(by_oauth)
    # A form has no empty object: the SDK sends both as `[]=`.
    answer = api.call_batch({"write": api.user.option.set({"c": {}, "d": []})}).result
    assert answer.result == {"write": True}
    assert api.user.option.get().result == {"a": 1, "b": "2", "c": [], "d": []}
