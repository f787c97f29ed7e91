"""The vendor's SDK for Python: what our refusals become, in both dialects."""

from __future__ import annotations

import importlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.sdk

UNKNOWN = ("BitrixOAuthNoAuthFound", 401, "NO_AUTH_FOUND", "Wrong authorization data")
NO_METHOD = ("BitrixAPINotFound", 404, "ERROR_METHOD_NOT_FOUND", "Method not found!")


@pytest.fixture
def errors() -> Any:
    return importlib.import_module("b24pysdk.errors")


@pytest.fixture
def refusal_of(errors: Any) -> Callable[..., tuple[str, int, str, str]]:
    """Call a method that is refused; return the exception's name, and what the server said."""

    def refusal_of(credential: Any, method: str = "user.option.get", **params: Any) -> Any:
        with pytest.raises(errors.BitrixBaseAPIError) as caught:
            credential.call_method(method, params)
        error = caught.value
        body = error.json_response
        return type(error).__name__, error.status_code, body["error"], body["error_description"]

    return refusal_of


@pytest.mark.parametrize(
    ("dialect", "refusal"),
    [
        ("documented", ("BitrixAPIBadRequest", 400, "ArgumentNullException", "options is empty")),
        (
            "live",
            ("BitrixAPIBadRequest", 400, "ERROR_ARGUMENT", "Argument 'options' is null or empty"),
        ),
    ],
)
def test_nothing_to_save_is_a_bad_request(
    settings: Any, by_oauth: Any, refusal_of: Any, dialect: str, refusal: Any
) -> None:
    settings.USER_OPTIONS = {"DIALECT": dialect}
    assert refusal_of(by_oauth, "user.option.set", options={}) == refusal


@pytest.mark.parametrize(
    ("dialect", "exception", "status", "error", "prefix"),
    [
        ("documented", "BitrixAPIBadRequest", 400, "AccessException", ""),
        ("live", "BitrixAPIAccessDenied", 403, "ACCESS_DENIED", "Access denied! "),
    ],
)
class TestAccessRefusals:
    @pytest.fixture(autouse=True)
    def _speak(self, settings: Any, dialect: str) -> None:
        settings.USER_OPTIONS = {"DIALECT": dialect}

    @pytest.fixture
    def refused(self, exception: str, status: int, error: str, prefix: str) -> Callable[..., Any]:
        return lambda message: (exception, status, error, prefix + message)

    def test_a_user_may_not_write_options_of_the_application(
        self, by_oauth: Any, refusal_of: Any, refused: Any
    ) -> None:
        refusal = refusal_of(by_oauth, "app.option.set", options={"a": 1})
        assert refusal == refused("Administrator authorization required")

    def test_a_webhook_without_application_has_no_options(
        self, make_webhook_credential: Any, refusal_of: Any, refused: Any
    ) -> None:
        credential = make_webhook_credential(None)
        assert refusal_of(credential) == refused("Application context required")


def test_a_webhook_of_an_application_is_refused_in_the_live_dialect(
    settings: Any, by_webhook: Any, refusal_of: Any
) -> None:
    settings.USER_OPTIONS = {"DIALECT": "live"}
    message = "Access denied! Application context required"
    assert refusal_of(by_webhook) == ("BitrixAPIAccessDenied", 403, "ACCESS_DENIED", message)


@pytest.mark.parametrize(("dialect", "status"), [("documented", 403), ("live", 401)])
class TestPrivilegeRefusals:
    @pytest.fixture(autouse=True)
    def _speak(self, settings: Any, dialect: str) -> None:
        settings.USER_OPTIONS = {"DIALECT": dialect}

    def test_a_token_without_the_scope_is_refused(
        self, make_credential: Any, user: Any, refusal_of: Any, status: int
    ) -> None:
        exception, *refusal = refusal_of(make_credential(user, scope=""))
        message = "The request requires higher privileges than provided by the access token"
        assert exception == "BitrixAPIInsufficientScope"
        assert refusal == [status, "insufficient_scope", message]

    def test_an_inactive_user_is_refused(
        self, by_oauth: Any, user: Any, refusal_of: Any, status: int
    ) -> None:
        user.is_active = False
        user.save()
        exception, *refusal = refusal_of(by_oauth)
        assert exception == "BitrixAPIInvalidCredentials"
        assert refusal == [status, "INVALID_CREDENTIALS", "Invalid request credentials"]


@pytest.mark.parametrize("dialect", ["documented", "live"])
class TestRefusalsThatBothDialectsShare:
    @pytest.fixture(autouse=True)
    def _speak(self, settings: Any, dialect: str) -> None:
        settings.USER_OPTIONS = {"DIALECT": dialect}

    def test_an_unknown_token(self, by_oauth: Any, refusal_of: Any) -> None:
        by_oauth.auth_token = "unknown"
        assert refusal_of(by_oauth) == UNKNOWN

    def test_an_unknown_webhook(self, by_webhook: Any, refusal_of: Any) -> None:
        by_webhook.auth_token += "0"
        assert refusal_of(by_webhook) == UNKNOWN

    def test_an_unknown_method(self, by_oauth: Any, refusal_of: Any) -> None:
        assert refusal_of(by_oauth, "no.such.method") == NO_METHOD

    def test_an_expired_token_that_cannot_be_refreshed(
        self, make_credential: Any, user: Any, refusal_of: Any
    ) -> None:
        expired = make_credential(user, lifetime=timedelta(hours=-1))
        expired.refresh_token = None
        message = "The access token provided has expired"
        assert refusal_of(expired) == ("BitrixAPIExpiredToken", 401, "expired_token", message)


def test_in_the_live_dialect_an_error_names_the_argument(
    settings: Any, by_oauth: Any, errors: Any
) -> None:
    settings.USER_OPTIONS = {"DIALECT": "live"}
    with pytest.raises(errors.BitrixAPIBadRequest) as caught:
        by_oauth.call_method("user.option.set", {"options": {}})
    assert caught.value.json_response["argument"] == "options"


def test_in_the_live_dialect_parameters_of_the_body_are_the_options(
    settings: Any, by_oauth: Any
) -> None:
    settings.USER_OPTIONS = {"DIALECT": "live"}
    assert by_oauth.call_method("user.option.set", {"a": 1, "b": "2"})["result"] is True
    assert by_oauth.call_method("user.option.get")["result"] == {"a": 1, "b": "2"}


def test_in_the_live_dialect_an_empty_store_is_an_empty_list(settings: Any, by_oauth: Any) -> None:
    settings.USER_OPTIONS = {"DIALECT": "live"}
    assert by_oauth.call_method("user.option.get")["result"] == []
