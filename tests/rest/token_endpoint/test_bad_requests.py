"""Requests that no client sends: refused as JSON, without an echo or a secret in the log."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from tests.rest.token_endpoint.calls import FORM, PATH, assert_refused, by_json

if TYPE_CHECKING:
    from django.test import Client

JSON = "application/json"
PARAMETERS = ["grant_type", "client_id", "client_secret", "refresh_token", "code", "redirect_uri"]


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_parameter_that_is_not_printable_ascii_is_refused(
    client: Client, refresh: Any, name: str
) -> None:
    for value in ("a\0b", "é", "\u2028", "\n", "😀", 1, True, 1.5, ["a"], {"a": "b"}):
        assert_refused(by_json(client, {**refresh, name: value}), 400, "invalid_request")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"{", JSON),
        (b"null", JSON),
        (b'{"grant_type": NaN}', JSON),
        (b'{"code": "\\ud800"}', JSON),
        (b"[" * 100_000, JSON),
        (b"grant_type=%FF", FORM),
        (b"a" + b"[a]" * 1000 + b"=1", FORM),
        (b"grant_type=refresh_token", f"{FORM}; charset=utf-16"),
        (b"x", "multipart/form-data; boundary=y"),
    ],
    ids=range(9),
)
def test_a_body_that_cannot_be_read_is_refused(
    client: Client, db: None, body: bytes, content_type: str
) -> None:
    response = client.post(f"{PATH}?grant_type=refresh_token", body, content_type=content_type)
    assert_refused(response, 400, "invalid_request")


def test_a_query_that_cannot_be_read_is_refused(client: Client, db: None) -> None:
    response = client.get(PATH, QUERY_STRING="grant_type=%FF")
    assert_refused(response, 400, "invalid_request")


def test_long_parameters_are_refused_as_any_unknown_ones(
    post: Any, settings: Any, refresh: Any
) -> None:
    for name, status in (("client_id", 401), ("client_secret", 401), ("refresh_token", 400)):
        assert post({**refresh, name: "x" * 100_000}).status_code == status
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    assert_refused(post({**refresh, "code": "x" * 1000}), 413, "invalid_request")


def test_the_dialect_does_not_change_the_errors(post: Any, settings: Any, refresh: Any) -> None:
    for dialect in ("documented", "live"):
        settings.USER_OPTIONS = {"DIALECT": dialect}
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
    response = client.post(PATH, f"{body}&code=a&code=b", content_type=FORM)
    assert_refused(response, 400, "invalid_request")
    assert response.json()["error_description"] == "The request has more than one code"
    beside = client.post(PATH, f"{body}&state=a&state=b", content_type=FORM)
    assert beside.status_code == 200
