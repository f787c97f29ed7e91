"""Requests that no client sends: refused as JSON, without an echo or a secret in the log."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from django_user_options.rest.parsers import Parameters
from django_user_options.rest.refusals import InvalidRequestError
from django_user_options.rest.token_endpoint import _read_form
from tests.rest.token_endpoint.calls import (
    FORM,
    PATH,
    assert_refused,
    by_form,
    by_json,
    by_query,
)

if TYPE_CHECKING:
    from django.test import Client


PARAMETERS = ["grant_type", "client_id", "client_secret", "refresh_token", "code", "redirect_uri"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, "a\0b") for name in PARAMETERS),
        *(("client_id", value) for value in ("\0", "é", "\u2028", "\n", "😀")),
    ],
    ids=ascii,
)
def test_text_that_is_no_printable_ascii_is_refused(
    client: Client, refresh: Any, name: str, value: str
) -> None:
    assert_refused(by_query(client, {**refresh, name: value}), 400, "invalid_request")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, 1) for name in PARAMETERS),
        *(("code", value) for value in (["a"], {"a": "b"}, True, 1.5, None)),
    ],
    ids=str,
)
def test_what_is_no_text_is_refused(client: Client, refresh: Any, name: str, value: object) -> None:
    assert_refused(by_json(client, {**refresh, name: value}), 400, "invalid_request")


@pytest.mark.parametrize(
    ("name", "form"),
    [
        *((name, "{}[]=a") for name in PARAMETERS),
        ("code", "{}[a]=b"),
        ("code", "{}=a&{}[]=b"),
    ],
)
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
    assert response.json()["error_description"]


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
def test_no_secret_is_echoed_by_a_refusal(post: Any, refresh: Any, change: Any) -> None:
    body = post({**refresh, **change}).content.decode()
    assert "WRONG-SECRET" not in body
    assert refresh["client_secret"] not in body
    assert refresh["refresh_token"] not in body


def test_a_parameter_with_two_values_is_refused(rf: Any) -> None:
    twice = Parameters(query={}, body={"code": "b"}, repeated=frozenset({"code", "state"}))
    with pytest.raises(InvalidRequestError, match="more than one code"):
        _read_form(rf.post("/"), twice)
    beside = Parameters(query={}, body={"code": "b"}, repeated=frozenset({"state"}))
    assert _read_form(rf.post("/"), beside) == {"code": "b"}
