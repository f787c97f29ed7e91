from __future__ import annotations

from io import BufferedReader, BytesIO
from typing import Any

import pytest
from django.test import RequestFactory

from django_user_options.rest.parsers import Parameters, read_parameters
from django_user_options.rest.refusals import BodyTooLargeError, InvalidRequestError
from tests.contract.encoders import FORM, JSON, MULTIPART, multipart
from tests.rest.bodies import asgi, post

ENDED_EARLY = r"^The request body ended early$"


def test_query_and_body_are_kept_apart_and_the_body_wins() -> None:
    parameters = post(b'{"a": 1, "c": 2, "c": 3}', query="a[b]=3&d=4")
    assert parameters.query == {"a": {"b": "3"}, "d": "4"}
    assert parameters.body == {"a": 1, "c": 3}
    assert parameters.merged == {"a": 1, "c": 3, "d": "4"}


@pytest.mark.parametrize("query", ["ключ=знак", "%D0%BA%D0%BB%D1%8E%D1%87=знак"])
def test_query_is_utf_8_under_wsgi_and_asgi(query: str) -> None:
    raw = query.encode()
    wsgi = RequestFactory().get("/", QUERY_STRING=raw.decode("latin-1"))
    assert read_parameters(wsgi).query == {"ключ": "знак"}
    assert read_parameters(asgi(raw)).query == {"ключ": "знак"}


def test_broken_query_is_refused_under_wsgi_and_asgi() -> None:
    wsgi = RequestFactory().get("/", QUERY_STRING="a=\xff")
    for request in (wsgi, asgi(b"a=%FF")):
        with pytest.raises(InvalidRequestError, match="UTF-8"):
            read_parameters(request)


@pytest.mark.parametrize(
    ("body", "repeated"),
    [
        (b'{"auth": "A", "auth": null}', {"auth"}),
        (b'{"auth": {"a": 1}, "auth": "B"}', {"auth"}),
        (b'{"auth": "A", "\\u0061uth": "B", "options": {"a": 1}}', {"auth"}),
        (b'{"auth": "A", "auth": "A"}', set()),
        (b'{"auth": "A", "options": {"auth": "B", "b": 1, "b": 2}}', set()),
        (b'{"options": {"a": 1}, "options": {"b": 2}}', set()),
        (b'[{"a": 1, "a": 2}]', set()),
    ],
)
def test_names_with_two_values_are_noted_in_json(body: bytes, repeated: set[str]) -> None:
    assert post(body).repeated == repeated


def test_names_with_two_values_are_noted_in_every_place() -> None:
    multipart_body = multipart([("auth", "A"), ("auth", "B")])
    assert post(multipart_body, MULTIPART).repeated == {"auth"}
    assert post(b"a=1&a=2", FORM, query="b=1&b=2&c=1").repeated == {"a", "b"}
    assert post(b"a=1", FORM, query="a=2").repeated == set()


def test_body_as_large_as_the_project_allows_is_read(settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    assert post(b"a=12345678", FORM).body == {"a": "12345678"}
    with pytest.raises(BodyTooLargeError):
        post(b"a=123456789", FORM)


def test_body_that_was_read_under_a_higher_limit_is_too_large(settings: Any) -> None:
    request = RequestFactory().post("/", b"options[a]=1", content_type=FORM)
    assert request.body
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 5
    with pytest.raises(BodyTooLargeError):
        read_parameters(request)


def test_number_of_fields_is_not_djangos(settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 1
    assert post(b"a=1&b=2", FORM, query="c=3&d=4").merged == dict(zip("cdab", "3412", strict=True))


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        (JSON, lambda fields: b"[0" + b",0" * (fields - 1) + b"]"),
        (MULTIPART, lambda fields: multipart([("a", "")] * fields)),
    ],
    ids=["JSON", "multipart"],
)
def test_more_fields_than_any_call_needs_are_refused(media_type: str, body: Any) -> None:
    assert post(body(10_000), media_type).body
    with pytest.raises(InvalidRequestError, match="more than 10000 fields"):
        post(body(10_001), media_type)


@pytest.mark.parametrize("announced", [2**62, 2**64])
def test_a_length_that_no_memory_holds_is_too_large_even_without_a_limit(
    settings: Any, announced: int
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = None
    stream: Any = BufferedReader(BytesIO(b"a=1"))
    with pytest.raises(BodyTooLargeError):
        post(b"", FORM, **{"wsgi.input": stream, "CONTENT_LENGTH": str(announced)})


class _BrokenStream(BytesIO):
    def read(self, *_: Any) -> bytes:
        raise ConnectionResetError


@pytest.mark.parametrize(
    "meta",
    [
        {"wsgi.input": _BrokenStream(), "CONTENT_LENGTH": "11"},
        {"wsgi.input": BytesIO(b"options[a]="), "CONTENT_LENGTH": "12"},
        {"wsgi.input": BytesIO(b""), "CONTENT_LENGTH": "1.5"},
    ],
    ids=["the connection breaks", "less than announced", "a length that is not a number"],
)
def test_body_that_did_not_arrive_whole_is_refused(meta: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequestError, match=ENDED_EARLY):
        post(b"", FORM, **meta)


def test_parameters_have_no_values_in_their_repr() -> None:
    assert "secret" not in repr(Parameters(query={"auth": "secret"}, body={"a": "secret"}))
