"""`/oauth/token/`: what the vendor's SDKs send and read, and what the toolkit refuses."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from oauth2_provider.models import get_access_token_model, get_refresh_token_model

from tests.sdk.tokens import issue_refresh_token

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.http import HttpResponse
    from django.test import Client

PATH = "/oauth/token/"
FORM = "application/x-www-form-urlencoded"
REDIRECT_URI = "http://127.0.0.1/"
VERIFIER = "verifier-of-at-least-forty-three-characters"


@pytest.fixture(autouse=True)
def _host(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.sdk.urls"
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "PKCE_REQUIRED": False}


@pytest.fixture
def refresh_token(token: str) -> str:
    return issue_refresh_token(token)


@pytest.fixture
def refresh(application: Any, refresh_token: str) -> dict[str, str]:
    """The parameters of a refresh that succeeds."""
    return {
        "grant_type": "refresh_token",
        "client_id": application.client_id,
        "client_secret": application.client_secret,
        "refresh_token": refresh_token,
    }


def by_query(client: Client, parameters: Mapping[str, Any], path: str = PATH) -> HttpResponse:
    return client.get(path, QUERY_STRING=urlencode(parameters))


def by_form(client: Client, parameters: Mapping[str, Any], path: str = PATH) -> HttpResponse:
    return client.post(path, urlencode(parameters), content_type=FORM)


def by_query_of_a_post(
    client: Client, parameters: Mapping[str, Any], path: str = PATH
) -> HttpResponse:
    return client.post(path, QUERY_STRING=urlencode(parameters), content_type=FORM)


def by_json(client: Client, parameters: Mapping[str, Any], path: str = PATH) -> HttpResponse:
    return client.post(path, json.dumps(parameters), content_type="application/json")


ENCODINGS = [by_query, by_form, by_query_of_a_post, by_json]


@pytest.fixture(params=ENCODINGS, ids=lambda encoding: encoding.__name__)
def exchange(request: pytest.FixtureRequest, client: Client) -> Callable[..., HttpResponse]:
    """Send parameters in each way that a client may."""
    return lambda parameters: request.param(client, parameters)


def assert_refused(response: HttpResponse, status: int, error: str) -> None:
    assert response.status_code == status
    assert response["Content-Type"].partition(";")[0] == "application/json"
    assert response["Cache-Control"] == "no-store"
    assert response.json()["error"] == error


def test_a_refresh_answers_everything_that_the_sdks_read(
    exchange: Any, refresh: Any, user: Any
) -> None:
    before = int(time.time())
    response = exchange(refresh)
    assert response.status_code == 200
    answer = response.json()
    assert answer == {
        "access_token": get_access_token_model().objects.get().token,
        "refresh_token": get_refresh_token_model().objects.get(revoked=None).token,
        "token_type": "Bearer",
        "expires": answer["expires"],
        "expires_in": answer["expires_in"],
        "scope": "basic",
        "domain": "testserver",
        "server_endpoint": "http://testserver/rest/",
        "client_endpoint": "http://testserver/rest/",
        "member_id": answer["member_id"],
        "user_id": user.pk,
        "status": "L",
    }
    assert type(answer["expires"]) is int
    assert type(answer["expires_in"]) is int
    assert before <= answer["expires"] - answer["expires_in"] <= time.time()
    assert answer["member_id"]


def test_the_refreshed_token_calls_methods(client: Client, call: Any, refresh: Any) -> None:
    token = by_form(client, refresh).json()["access_token"]
    assert call("user.option.set", {"options": {"a": 1}}, token=token).json()["result"] is True


def test_the_token_that_was_refreshed_is_no_longer_known(
    client: Client, call: Any, refresh: Any, token: str
) -> None:
    by_form(client, refresh)
    assert call("user.option.get", token=token).json()["error"] == "NO_AUTH_FOUND"


@pytest.fixture
def expired_token(make_token: Any, application: Any, user: Any) -> str:
    return make_token(application, user, lifetime=timedelta(hours=-1))


def test_an_expired_token_is_refreshed(
    client: Client, call: Any, refresh: Any, expired_token: str
) -> None:
    assert call("user.option.get", token=expired_token).json()["error"] == "expired_token"
    refresh["refresh_token"] = issue_refresh_token(expired_token)
    answer = by_query(client, refresh).json()
    assert call("user.option.get", token=answer["access_token"]).json()["result"] == {}


def test_the_endpoints_name_the_address_that_was_called(client: Client, refresh: Any) -> None:
    response = client.post(
        PATH,
        urlencode(refresh),
        content_type=FORM,
        SERVER_NAME="localhost",
        SERVER_PORT="8443",
        secure=True,
    )
    answer = response.json()
    assert answer["domain"] == "localhost:8443"
    assert answer["client_endpoint"] == answer["server_endpoint"] == "https://localhost:8443/rest/"


def test_the_member_id_stays_the_same(client: Client, refresh: Any) -> None:
    first = by_form(client, refresh).json()
    second = by_form(client, {**refresh, "refresh_token": first["refresh_token"]}).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert second["member_id"] == first["member_id"]


def test_the_member_id_is_the_same_at_every_address(client: Client, refresh: Any) -> None:
    first = by_form(client, refresh).json()
    refresh["refresh_token"] = first["refresh_token"]
    second = client.post(PATH, urlencode(refresh), content_type=FORM, SERVER_NAME="localhost")
    assert second.json()["member_id"] == first["member_id"]


def test_the_host_may_choose_the_member_id(client: Client, settings: Any, refresh: Any) -> None:
    settings.USER_OPTIONS = {"MEMBER_ID": "our-installation"}
    assert by_form(client, refresh).json()["member_id"] == "our-installation"


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/token/"])
def test_a_trailing_slash_makes_no_difference(client: Client, refresh: Any, path: str) -> None:
    assert by_query(client, refresh, path).status_code == 200


def test_unknown_parameters_are_ignored(client: Client, refresh: Any) -> None:
    extra = {"bx24_request_id": "1", "username": "ann", "password": "pw", "scope": "other"}
    assert by_form(client, {**refresh, **extra}).json()["scope"] == "basic"


def test_the_body_goes_before_the_query(client: Client, refresh: Any) -> None:
    query = urlencode({**refresh, "refresh_token": "unknown"})
    body = urlencode(refresh)
    assert client.post(f"{PATH}?{query}", body, content_type=FORM).status_code == 200


def test_neither_session_nor_csrf_token_is_asked_for(refresh: Any, client: Client) -> None:
    client.handler.enforce_csrf_checks = True
    response = by_form(client, refresh)
    assert response.status_code == 200
    assert not response.cookies


def test_tokens_are_not_cached(exchange: Any, refresh: Any) -> None:
    assert exchange(refresh)["Cache-Control"] == "no-store"


@pytest.mark.parametrize("sent", [{}, {"redirect_uri": REDIRECT_URI}], ids=["bare", "with address"])
def test_a_users_consent_becomes_a_token(
    exchange: Any, call: Any, consented: dict[str, str], user: Any, sent: dict[str, str]
) -> None:
    answer = exchange({**consented, **sent}).json()
    assert answer["user_id"] == user.pk
    assert answer["refresh_token"]
    profile = call("profile", token=answer["access_token"]).json()
    assert profile["result"]["ID"] == str(user.pk)


def test_a_code_is_used_once(exchange: Any, consented: dict[str, str]) -> None:
    assert exchange(consented).status_code == 200
    assert_refused(exchange(consented), 400, "invalid_grant")


@pytest.fixture
def consented(client: Client, application: Any, user: Any) -> dict[str, str]:
    """The parameters of the exchange that follows a user's consent."""
    client.force_login(user)
    return code_parameters(application, consent(client, application))


def code_parameters(application: Any, code: str) -> dict[str, str]:
    return {
        "grant_type": "authorization_code",
        "client_id": application.client_id,
        "client_secret": application.client_secret,
        "code": code,
    }


def consent(client: Client, application: Any, **extra: str) -> str:
    """Let the logged-in user allow the application; return the code it gets."""
    request = {
        "response_type": "code",
        "client_id": application.client_id,
        "redirect_uri": REDIRECT_URI,
        "scope": "basic",
        "state": "state",
        **extra,
    }
    assert client.get("/o/authorize/", request).status_code == 200
    redirect = client.post("/o/authorize/", {**request, "allow": "true"})
    query = parse_qs(urlsplit(redirect["Location"]).query)
    assert query["state"] == ["state"]
    return query["code"][0]


def test_a_code_issued_for_another_address_is_refused(
    exchange: Any, consented: dict[str, str]
) -> None:
    consented["redirect_uri"] = f"{REDIRECT_URI}other"
    assert_refused(exchange(consented), 400, "invalid_request")


@pytest.fixture
def challenged(client: Client, settings: Any, application: Any, user: Any) -> dict[str, str]:
    """The parameters of an exchange where the toolkit demands PKCE, as it does by default."""
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "PKCE_REQUIRED": True}
    client.force_login(user)
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    challenge = urlsafe_b64encode(digest).decode().rstrip("=")
    pkce = {"code_challenge": challenge, "code_challenge_method": "S256"}
    return code_parameters(application, consent(client, application, **pkce))


def test_the_verifier_of_pkce_is_handed_on(exchange: Any, challenged: dict[str, str]) -> None:
    assert exchange({**challenged, "code_verifier": VERIFIER}).status_code == 200


def test_a_wrong_verifier_is_refused(exchange: Any, challenged: dict[str, str]) -> None:
    response = exchange({**challenged, "code_verifier": VERIFIER[::-1]})
    assert_refused(response, 400, "invalid_grant")


def test_a_code_issued_with_pkce_needs_its_verifier(
    exchange: Any, challenged: dict[str, str]
) -> None:
    assert exchange(challenged).status_code == 400


@pytest.mark.parametrize("name", ["client_secret", "client_id"])
@pytest.mark.parametrize("value", ["wrong", ""])
def test_a_client_that_does_not_authenticate_is_refused(
    exchange: Any, refresh: Any, name: str, value: str
) -> None:
    response = exchange({**refresh, name: value})
    assert_refused(response, 401, "invalid_client")


@pytest.mark.parametrize("name", ["client_secret", "client_id"])
def test_a_client_that_is_not_named_is_refused(exchange: Any, refresh: Any, name: str) -> None:
    del refresh[name]
    assert_refused(exchange(refresh), 401, "invalid_client")


@pytest.mark.parametrize("value", ["unknown", ""])
def test_an_unknown_refresh_token_is_refused(exchange: Any, refresh: Any, value: str) -> None:
    assert_refused(exchange({**refresh, "refresh_token": value}), 400, "invalid_grant")


def test_a_missing_refresh_token_is_refused(exchange: Any, refresh: Any) -> None:
    del refresh["refresh_token"]
    assert_refused(exchange(refresh), 400, "invalid_request")


def test_a_missing_code_is_refused(exchange: Any, refresh: Any) -> None:
    assert_refused(
        exchange({**refresh, "grant_type": "authorization_code"}), 400, "invalid_request"
    )


def test_an_unknown_code_is_refused(exchange: Any, refresh: Any) -> None:
    parameters = {**refresh, "grant_type": "authorization_code", "code": "unknown"}
    assert_refused(exchange(parameters), 400, "invalid_grant")


def test_a_refresh_token_is_used_once(exchange: Any, refresh: Any) -> None:
    assert exchange(refresh).status_code == 200
    assert_refused(exchange(refresh), 400, "invalid_grant")


def test_a_revoked_refresh_token_is_refused(exchange: Any, refresh: Any) -> None:
    get_refresh_token_model().objects.get().revoke()
    assert_refused(exchange(refresh), 400, "invalid_grant")


def test_the_refresh_token_of_another_client_is_refused(
    exchange: Any, refresh: Any, make_application: Any
) -> None:
    other = make_application(name="Other")
    credentials = {"client_id": other.client_id, "client_secret": other.client_secret}
    assert_refused(exchange({**refresh, **credentials}), 400, "invalid_grant")
    assert get_refresh_token_model().objects.get().revoked is None


@pytest.mark.parametrize(
    "grant_type",
    ["password", "client_credentials", "urn:ietf:params:oauth:grant-type:device_code", "", "x"],
)
def test_other_grant_types_are_not_supported(exchange: Any, refresh: Any, grant_type: str) -> None:
    extra = {"grant_type": grant_type, "username": "ann", "password": "pw"}
    assert_refused(exchange({**refresh, **extra}), 400, "unsupported_grant_type")
    assert get_access_token_model().objects.count() == 1


def test_client_credentials_are_not_exchanged_here(
    exchange: Any, make_application: Any, user: Any
) -> None:
    worker = make_application(authorization_grant_type="client-credentials", user=user)
    parameters = {
        "grant_type": "client_credentials",
        "client_id": worker.client_id,
        "client_secret": worker.client_secret,
    }
    assert_refused(exchange(parameters), 400, "unsupported_grant_type")


def test_a_missing_grant_type_is_not_supported(exchange: Any, refresh: Any) -> None:
    del refresh["grant_type"]
    assert_refused(exchange(refresh), 400, "unsupported_grant_type")


@pytest.mark.parametrize(
    "change",
    [
        {"client_secret": "wrong"},
        {"client_id": "unknown"},
        {"refresh_token": "unknown"},
        {"refresh_token": ""},
        {"grant_type": "authorization_code"},
        {"grant_type": "authorization_code", "code": "unknown"},
        {"grant_type": "unknown"},
    ],
    ids=str,
)
def test_a_refusal_is_the_toolkits_own(client: Client, refresh: Any, change: Any) -> None:
    parameters = {**refresh, **change}
    ours = by_form(client, parameters)
    theirs = by_form(client, parameters, "/o/token/")
    assert (ours.status_code, ours.json()) == (theirs.status_code, theirs.json())


def test_a_refused_client_is_challenged(client: Client, refresh: Any) -> None:
    parameters = {**refresh, "client_secret": "wrong"}
    theirs = by_form(client, parameters, "/o/token/")
    assert by_query(client, parameters)["WWW-Authenticate"] == theirs["WWW-Authenticate"]


@pytest.mark.parametrize("verb", ["head", "put", "patch", "delete"])
def test_other_verbs_are_not_allowed(client: Client, refresh: Any, verb: str) -> None:
    response = getattr(client, verb)(PATH, QUERY_STRING=urlencode(refresh))
    assert response.status_code == 405
    assert {"GET", "POST"} <= set(response["Allow"].split(", "))
    assert get_refresh_token_model().objects.get().revoked is None


def test_plain_http_is_refused_where_the_host_requires_https(
    client: Client, settings: Any, refresh: Any
) -> None:
    settings.USER_OPTIONS = {"REQUIRE_HTTPS": True}
    refused = client.get(PATH, refresh)
    assert refused.status_code == 400
    assert refused.json() == {"error": "invalid_request", "error_description": "Https required"}
    assert client.get(PATH, refresh, secure=True).status_code == 200


def test_options_exchanges_nothing(client: Client, refresh: Any) -> None:
    response = client.options(PATH, QUERY_STRING=urlencode(refresh))
    assert response.status_code in {200, 204}
    assert response.content == b""
    assert get_refresh_token_model().objects.get().revoked is None


PARAMETERS = ["grant_type", "client_id", "client_secret", "refresh_token", "code", "redirect_uri"]


@pytest.mark.parametrize("name", PARAMETERS)
@pytest.mark.parametrize(
    "value", ["\0", "a\0b", "é", "\u2028", "\n", "😀"], ids=lambda value: ascii(value)[1:-1]
)
def test_text_that_is_no_printable_ascii_is_refused(
    client: Client, refresh: Any, name: str, value: str
) -> None:
    assert_refused(by_query(client, {**refresh, name: value}), 400, "invalid_request")


@pytest.mark.parametrize("name", PARAMETERS)
@pytest.mark.parametrize("value", [["a"], {"a": "b"}, 1, True, 1.5, None], ids=str)
def test_what_is_no_text_is_refused(client: Client, refresh: Any, name: str, value: object) -> None:
    assert_refused(by_json(client, {**refresh, name: value}), 400, "invalid_request")


@pytest.mark.parametrize("name", PARAMETERS)
@pytest.mark.parametrize("form", ["{}[]=a", "{}[a]=b", "{}=a&{}[]=b"])
def test_bracketed_parameters_are_refused(
    client: Client, refresh: Any, name: str, form: str
) -> None:
    del refresh["grant_type"]
    body = f"{urlencode(refresh)}&grant_type=refresh_token&{form.replace('{}', name)}"
    assert_refused(client.post(PATH, body, content_type=FORM), 400, "invalid_request")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"{", "application/json"),
        (b"[1]", "application/json"),
        (b"null", "application/json"),
        (b'"text"', "application/json"),
        (b'{"grant_type": NaN}', "application/json"),
        (b'{"grant_type": "\xff"}', "application/json"),
        (b'{"grant_type": "\\ud800"}', "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"grant_type=%FF", FORM),
        (b"grant_type=\xff", FORM),
        (b"a" + b"[a]" * 1000 + b"=1", FORM),
        (b"grant_type=refresh_token", "text/plain"),
        (b"grant_type=refresh_token", f"{FORM}; charset=utf-16"),
        (b"x", "multipart/form-data"),
        (b"x", "multipart/form-data; boundary=y"),
    ],
    ids=range(15),
)
def test_a_body_that_cannot_be_read_is_refused(
    client: Client, db: None, body: bytes, content_type: str
) -> None:
    response = client.post(PATH, body, content_type=content_type)
    assert 400 <= response.status_code < 500
    assert response["Content-Type"] == "application/json"
    assert response.json()["error"] in {"invalid_request", "unsupported_grant_type"}


@pytest.mark.parametrize("query", ["grant_type=%00", "grant_type=%FF", "a" + "[a]" * 1000 + "=1"])
def test_a_query_that_cannot_be_read_is_refused(client: Client, db: None, query: str) -> None:
    assert_refused(client.get(PATH, QUERY_STRING=query), 400, "invalid_request")


def test_a_body_that_is_too_large_is_refused(client: Client, settings: Any, refresh: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    response = by_form(client, {**refresh, "code": "x" * 1000})
    assert_refused(response, 413, "invalid_request")


def test_long_parameters_are_refused_as_any_unknown_ones(client: Client, refresh: Any) -> None:
    for name, status in (("client_id", 401), ("client_secret", 401), ("refresh_token", 400)):
        response = by_form(client, {**refresh, name: "x" * 100_000})
        assert response.status_code == status


@pytest.mark.parametrize("dialect", ["documented", "live"])
def test_the_dialect_does_not_change_the_errors(
    client: Client, settings: Any, refresh: Any, dialect: str
) -> None:
    settings.USER_OPTIONS = {"DIALECT": dialect}
    assert_refused(by_form(client, {**refresh, "client_secret": "wrong"}), 401, "invalid_client")
    assert_refused(by_form(client, {**refresh, "client_secret": "\0"}), 400, "invalid_request")


@pytest.mark.parametrize(
    "change", [{}, {"client_secret": "WRONG-SECRET"}, {"code": "\0é"}], ids=str
)
def test_no_secret_is_logged(
    caplog: pytest.LogCaptureFixture, exchange: Any, refresh: Any, change: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    # oauthlib itself names tokens in its debugging messages, as a host may choose to see.
    caplog.set_level(logging.INFO, logger="oauthlib")
    response = exchange({**refresh, **change})
    logged = "\n".join((caplog.text, *(repr(vars(record)) for record in caplog.records)))
    assert refresh["client_secret"] not in logged
    assert refresh["refresh_token"] not in logged
    assert "WRONG-SECRET" not in logged
    assert response.json().get("access_token", "no token") not in logged


@pytest.mark.parametrize("change", [{"client_secret": "WRONG-SECRET"}, {"code": "WRONG-SECRET\0"}])
def test_no_secret_is_echoed_by_a_refusal(exchange: Any, refresh: Any, change: Any) -> None:
    body = exchange({**refresh, **change}).content.decode()
    assert "WRONG-SECRET" not in body
    assert refresh["client_secret"] not in body
    assert refresh["refresh_token"] not in body
