"""The vendor's SDK for Python: what our refusals become, in both dialects."""

from __future__ import annotations

import importlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.sdk

# The exceptions for the documented and for the live dialect.
REFUSALS = {
    "empty": ("BitrixAPIBadRequest", "BitrixAPIBadRequest"),
    "no rights": ("BitrixAPIBadRequest", "BitrixAPIAccessDenied"),
    "no application": ("BitrixAPIBadRequest", "BitrixAPIAccessDenied"),
    "no scope": ("BitrixAPIInsufficientScope", "BitrixAPIInsufficientScope"),
    "inactive": ("BitrixAPIInvalidCredentials", "BitrixAPIInvalidCredentials"),
    "unknown token": ("BitrixOAuthNoAuthFound", "BitrixAPIInvalidToken"),
    "unknown webhook": ("BitrixOAuthNoAuthFound", "BitrixAPIInvalidCredentials"),
    "no method": ("BitrixAPINotFound", "BitrixAPINotFound"),
    "expired": ("BitrixAPIExpiredToken", "BitrixAPIExpiredToken"),
}


@pytest.fixture
def errors() -> Any:
    return importlib.import_module("b24pysdk.errors")


@pytest.fixture(params=["documented", "live"])
def dialect(request: pytest.FixtureRequest, settings: Any) -> str:
    settings.USER_OPTIONS = {"DIALECT": request.param}
    return str(request.param)


@pytest.fixture
def refuses(errors: Any, dialect: str) -> Callable[..., None]:
    """Assert that a call is refused for this reason."""

    def refuses(
        reason: str, credential: Any, method: str = "user.option.get", **params: Any
    ) -> Any:
        with pytest.raises(errors.BitrixBaseAPIError) as caught:
            credential.call_method(method, params)
        assert type(caught.value).__name__ == REFUSALS[reason][dialect == "live"]

    return refuses


def test_a_refused_call_is_the_sdks_own_exception(refuses: Any, by_oauth: Any) -> None:
    refuses("empty", by_oauth, "user.option.set", options={})
    refuses("no rights", by_oauth, "app.option.set", options={"a": 1})
    refuses("no method", by_oauth, "no.such.method")


def test_a_refused_token_is_the_sdks_own_exception(
    refuses: Any, make_credential: Any, user: Any
) -> None:
    refuses("no scope", make_credential(user, scope=""))
    expired = make_credential(user, lifetime=timedelta(hours=-1))
    expired.refresh_token = None
    refuses("expired", expired)
    valid = make_credential(user)
    user.is_active = False
    user.save()
    refuses("inactive", valid)
    valid.auth_token = "unknown"
    refuses("unknown token", valid)


def test_a_refused_webhook_is_the_sdks_own_exception(
    refuses: Any, make_webhook_credential: Any, by_webhook: Any, dialect: str
) -> None:
    refuses("no application", make_webhook_credential(None))
    # In the live dialect, no webhook has an application.
    if dialect == "live":
        refuses("no application", by_webhook)
    by_webhook.auth_token += "0"
    refuses("unknown webhook", by_webhook)


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
