"""The vendor's SDK for Python: what our refusals become, in both dialects."""

from __future__ import annotations

import importlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.sdk

# What the documented and the live dialect answer: the exception, and what the server said.
REFUSALS = {
    "empty": (
        ("BitrixAPIBadRequest", 400, "ArgumentNullException", "options is empty"),
        ("BitrixAPIBadRequest", 400, "ERROR_ARGUMENT", "Argument 'options' is null or empty"),
    ),
    "no rights": (
        ("BitrixAPIBadRequest", 400, "AccessException", "Administrator authorization required"),
        (
            *("BitrixAPIAccessDenied", 403, "ACCESS_DENIED"),
            "Access denied! Administrator authorization required",
        ),
    ),
    "no application": (
        ("BitrixAPIBadRequest", 400, "AccessException", "Application context required"),
        (
            *("BitrixAPIAccessDenied", 403, "ACCESS_DENIED"),
            "Access denied! Application context required",
        ),
    ),
    "no scope": tuple(
        (
            *("BitrixAPIInsufficientScope", status, "insufficient_scope"),
            "The request requires higher privileges than provided by the access token",
        )
        for status in (403, 401)
    ),
    "inactive": tuple(
        (
            *("BitrixAPIInvalidCredentials", status, "INVALID_CREDENTIALS"),
            "Invalid request credentials",
        )
        for status in (403, 401)
    ),
    "unknown token": (
        ("BitrixOAuthNoAuthFound", 401, "NO_AUTH_FOUND", "Wrong authorization data"),
        ("BitrixAPIInvalidToken", 401, "invalid_token", "Unable to get application by token"),
    ),
    "unknown webhook": (
        ("BitrixOAuthNoAuthFound", 401, "NO_AUTH_FOUND", "Wrong authorization data"),
        (
            *("BitrixAPIInvalidCredentials", 401, "INVALID_CREDENTIALS"),
            "Invalid request credentials",
        ),
    ),
    "no method": (("BitrixAPINotFound", 404, "ERROR_METHOD_NOT_FOUND", "Method not found!"),) * 2,
    "expired": (
        (
            *("BitrixAPIExpiredToken", 401, "expired_token"),
            "The access token provided has expired",
        ),
    )
    * 2,
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
        error = caught.value
        body = error.json_response
        said = error.status_code, body["error"], body["error_description"]
        assert (type(error).__name__, *said) == REFUSALS[reason][dialect == "live"]
        assert (body.get("argument") == "options") is (reason == "empty" and dialect == "live")

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


def test_in_the_live_dialect_the_body_is_the_options_and_no_options_are_a_list(
    settings: Any, by_oauth: Any
) -> None:
    settings.USER_OPTIONS = {"DIALECT": "live"}
    assert by_oauth.call_method("user.option.get")["result"] == []
    assert by_oauth.call_method("user.option.set", {"a": 1, "b": "2"})["result"] is True
    assert by_oauth.call_method("user.option.get")["result"] == {"a": 1, "b": "2"}
