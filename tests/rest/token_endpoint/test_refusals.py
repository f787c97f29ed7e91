"""The toolkit's refusals keep its words; malformed requests get JSON without an echo."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from oauth2_provider.models import get_access_token_model, get_refresh_token_model

from tests.rest.token_endpoint.calls import FORM, PATH, assert_refused, by_form, by_json

if TYPE_CHECKING:
    from django.test import Client

JSON = "application/json"
CODE = {"grant_type": "authorization_code"}
PARAMETERS = ["grant_type", "client_id", "client_secret", "refresh_token", "code", "redirect_uri"]
NOT_PRINTABLE = ("a\0b", "é", "\u2028", "\n", "😀", 1, True, 1.5, ["a"], {"a": "b"})


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        *(({name: value}, 401, "invalid_client") for name in ("client_secret", "client_id")
          for value in ("wrong", "", None)),
        ({"refresh_token": "unknown"}, 400, "invalid_grant"),
        ({"refresh_token": ""}, 400, "invalid_grant"),
        ({"refresh_token": None}, 400, "invalid_request"),
        (CODE, 400, "invalid_request"),
        ({**CODE, "code": "unknown"}, 400, "invalid_grant"),
        *(({"grant_type": value}, 400, "unsupported_grant_type") for value in ("unknown", "")),
    ],
    ids=str,
)  # fmt: skip
def test_a_refusal_is_the_toolkits_own_with_a_description(
    client: Client, refresh: Any, change: Any, status: int, error: str
) -> None:
    changed = {**refresh, **change}
    parameters = {name: value for name, value in changed.items() if value is not None}
    ours, theirs = by_form(client, parameters), by_form(client, parameters, "/o/token/")
    assert_refused(ours, status, error)
    assert theirs.status_code == status
    assert ours.get("WWW-Authenticate") == theirs.get("WWW-Authenticate")
    described = {"error_description": ours.json()["error_description"]}
    assert ours.json() == {**described, **theirs.json()}


def test_a_refresh_token_that_was_used_or_revoked_is_refused(post: Any, refresh: Any) -> None:
    answer = post(refresh).json()
    assert_refused(post(refresh), 400, "invalid_grant")
    get_refresh_token_model().objects.get(revoked=None).revoke()
    refresh["refresh_token"] = answer["refresh_token"]
    assert_refused(post(refresh), 400, "invalid_grant")


@pytest.mark.parametrize("active", [True, False])
def test_the_refresh_token_of_another_client_is_refused_and_not_ended(
    post: Any, refresh: Any, user: Any, make_application: Any, active: bool
) -> None:
    user.is_active = active
    user.save()
    other = make_application(name="Other")
    credentials = {"client_id": other.client_id, "client_secret": other.client_secret}
    assert_refused(post({**refresh, **credentials}), 400, "invalid_grant")
    assert get_refresh_token_model().objects.get().revoked is None


@pytest.mark.parametrize(
    "grant_type",
    ["password", "client_credentials", "urn:ietf:params:oauth:grant-type:device_code", None],
)
def test_other_grant_types_of_the_toolkit_are_not_supported(
    post: Any, make_application: Any, refresh: Any, user: Any, grant_type: str | None
) -> None:
    kind = {"authorization_grant_type": grant_type} if grant_type else {}
    worker = make_application(**kind, user=user)
    sent = {"client_id": worker.client_id, "client_secret": worker.client_secret}
    sent |= {"username": "ann", "password": "pw"}
    assert_refused(post({**sent, **({"grant_type": grant_type} if grant_type else {})}), 400,
                   "unsupported_grant_type")  # fmt: skip
    assert get_access_token_model().objects.count() == 1


@pytest.mark.parametrize(
    ("verb", "status"), [*((v, 405) for v in ("head", "put", "patch", "delete")), ("options", 204)]
)
def test_other_verbs_exchange_nothing(client: Client, refresh: Any, verb: str, status: int) -> None:
    response = getattr(client, verb)(PATH, QUERY_STRING=urlencode(refresh))
    assert response.status_code == status
    assert {"GET", "POST"} <= set(response["Allow"].split(", "))
    assert status == 405 or response.content == b""
    assert get_refresh_token_model().objects.get().revoked is None


def test_plain_http_is_refused_where_the_project_requires_https(
    client: Client, settings: Any, refresh: Any
) -> None:
    settings.USER_OPTIONS = {"REQUIRE_HTTPS": True}
    refused = client.get(PATH, refresh)
    assert refused.status_code == 400
    assert refused.json() == {"error": "invalid_request", "error_description": "Https required"}
    assert client.get(PATH, refresh, secure=True).status_code == 200


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_parameter_that_is_not_printable_ascii_is_refused(
    client: Client, refresh: Any, name: str
) -> None:
    for value in NOT_PRINTABLE:
        assert_refused(by_json(client, {**refresh, name: value}), 400, "invalid_request")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        *((body, JSON) for body in (b"{", b"null", b'{"code": "\\ud800"}', b"[" * 100_000)),
        (b"grant_type=%FF", FORM),
        (b"a" + b"[a]" * 1000 + b"=1", FORM),
        (b"grant_type=refresh_token", f"{FORM}; charset=utf-16"),
        (b"x", "multipart/form-data; boundary=y"),
    ],
    ids=range(8),
)
@pytest.mark.django_db
def test_a_body_that_cannot_be_read_is_refused(
    client: Client, body: bytes, content_type: str
) -> None:
    response = client.post(f"{PATH}?grant_type=refresh_token", body, content_type=content_type)
    assert_refused(response, 400, "invalid_request")


def test_long_parameters_are_refused_as_any_unknown_ones(
    post: Any, settings: Any, refresh: Any
) -> None:
    for name, status in (("client_id", 401), ("client_secret", 401), ("refresh_token", 400)):
        assert post({**refresh, name: "x" * 100_000}).status_code == status
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    assert_refused(post({**refresh, "code": "x" * 1000}), 413, "invalid_request")


def test_the_dialect_does_not_change_the_errors(post: Any, settings: Any, refresh: Any) -> None:
    settings.USER_OPTIONS = {"DIALECT": "live"}
    assert_refused(post({**refresh, "client_secret": "wrong"}), 401, "invalid_client")
    assert_refused(post({**refresh, "client_secret": "\0"}), 400, "invalid_request")


def test_no_secret_is_logged_or_echoed_by_a_refusal(
    caplog: pytest.LogCaptureFixture, exchange: Any, refresh: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    # oauthlib itself names tokens in its debugging messages, as a project may choose to see.
    caplog.set_level(logging.INFO, logger="oauthlib")
    known = (refresh["client_secret"], refresh["refresh_token"], "WRONG-SECRET")
    for change in ({"client_secret": "WRONG-SECRET"}, {"code": "WRONG-SECRET\0é"}):
        body = exchange({**refresh, **change}).content.decode()
        assert [secret for secret in known if secret in body] == []
    access_token = exchange(refresh).json()["access_token"]
    logged = "\n".join((caplog.text, *(repr(vars(record)) for record in caplog.records)))
    assert [secret for secret in (*known, access_token) if secret in logged] == []


def test_a_parameter_with_two_values_is_refused(client: Client, refresh: Any) -> None:
    body = urlencode(refresh)
    for name in ("code", "client_id"):
        response = client.post(PATH, f"{body}&{name}=a&{name}=b", content_type=FORM)
        assert_refused(response, 400, "invalid_request")
        assert response.json()["error_description"] == f"The request has more than one {name}"
    beside = client.post(PATH, f"{body}&state=a&state=b", content_type=FORM)
    assert beside.status_code == 200
