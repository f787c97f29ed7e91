from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIRequest
from django.test import RequestFactory

from django_user_options.rest.parsers import Parameters, read_parameters
from django_user_options.rest.refusals import BodyTooLargeError, InvalidRequestError
from tests.contract.encoders import FORM, JSON, MULTIPART, multipart


def post(body: bytes, content_type: str = JSON, query: str = "", **extra: Any) -> Parameters:
    request = RequestFactory().post(
        "/", body, content_type=content_type, QUERY_STRING=query, **extra
    )
    return read_parameters(request)


def asgi(query: bytes, body: bytes = b"", **headers: str) -> ASGIRequest:
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "query_string": query,
        "headers": [(name.encode(), text.encode()) for name, text in headers.items()],
    }
    return ASGIRequest(scope, BytesIO(body))


def test_query_and_body_are_kept_apart_and_the_body_wins() -> None:
    parameters = post(b'{"a": 1, "c": 2}', query="a[b]=3&d=4")
    assert parameters.query == {"a": {"b": "3"}, "d": "4"}
    assert parameters.body == {"a": 1, "c": 2}
    assert parameters.merged == {"a": 1, "c": 2, "d": "4"}


def test_parameters_of_a_command_are_a_body() -> None:
    parameters = Parameters.of_command({"a": "1"})
    assert (parameters.query, parameters.body, parameters.merged) == ({}, {"a": "1"}, {"a": "1"})


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_body_of_other_verbs_is_not_read(method: str) -> None:
    request = getattr(RequestFactory(), method)("/", QUERY_STRING="a=1")
    request._stream = BytesIO(b"{")
    assert read_parameters(request) == Parameters(query={"a": "1"}, body={})


@pytest.mark.parametrize(
    "query", ["ключ=знак", "%D0%BA%D0%BB%D1%8E%D1%87=%D0%B7%D0%BD%D0%B0%D0%BA"]
)
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


@pytest.mark.parametrize("value", [{"a": None}, {"a": [1, "b", {"c": 1.5}]}, {}, {"": {"": ""}}])
def test_json_object_is_taken_as_it_is(value: Any) -> None:
    assert post(json.dumps(value).encode()).body == value


@pytest.mark.parametrize("body", [b"[]", b" [ ] ", b"{}", b""])
def test_nothing_is_no_parameters(body: bytes) -> None:
    assert post(body).body == {}


@pytest.mark.parametrize("body", [b"", b"a=1"])
def test_chunked_body_is_read_under_asgi_and_an_empty_one_is_no_parameters(body: bytes) -> None:
    request = asgi(b"", body, **{"transfer-encoding": "chunked", "content-type": FORM})
    assert read_parameters(request).body == ({"a": "1"} if body else {})


JSON_REPEATED = [
    (b'{"auth": "A", "auth": "B"}', {"auth"}),
    (b'{"auth": "A", "auth": null}', {"auth"}),
    (b'{"auth": {"a": 1}, "auth": "B"}', {"auth"}),
    (b'{"auth": "A", "\\u0061uth": "B"}', {"auth"}),
    (b'{"auth": "A", "auth": "A"}', set()),
    (b'{"auth": "A", "options": {"auth": "B"}}', set()),
    (b'{"auth": "A", "options": {"b": 1, "b": 2}}', set()),
    (b'{"options": {"b": 1, "b": 2}}', set()),
    (b'["A", "B"]', set()),
    (json.dumps({f"k{n}": n for n in range(30)}).encode()[:-1] + b', "k0": 5}', {"k0"}),
    (json.dumps({f"k{n}": n for n in range(30)}).encode(), set()),
]


@pytest.mark.parametrize(("body", "repeated"), JSON_REPEATED)
def test_names_with_two_values_are_noted_in_json(body: bytes, repeated: set[str]) -> None:
    assert post(body).repeated == repeated


def test_names_with_two_values_are_noted_wherever_they_stand() -> None:
    multipart_body = multipart([("auth", "A"), ("auth", "B")])
    assert post(multipart_body, MULTIPART).repeated == {"auth"}
    assert post(b"a=1&a=2", FORM, query="b=1&b=2&c=1").repeated == {"a", "b"}
    assert post(b"a=1", FORM, query="a=2").repeated == set()


def test_last_of_a_name_wins_in_json() -> None:
    assert post(b'{"a": 1, "a": 2}').body == {"a": 2}


def test_body_as_large_as_the_host_allows_is_read(settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    assert post(b"a=12345678", FORM).body == {"a": "12345678"}
    with pytest.raises(BodyTooLargeError):
        post(b"a=123456789", FORM)


def test_number_of_fields_is_not_djangos(settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 1
    assert post(b"a=1&b=2", FORM, query="c=3&d=4").merged == dict(zip("cdab", "3412", strict=True))


class _BrokenStream(BytesIO):
    def read(self, *_: Any) -> bytes:
        raise ConnectionResetError


def test_body_that_ends_early_is_refused() -> None:
    request = RequestFactory().post("/", b"{}", content_type=JSON)
    request._stream = _BrokenStream()
    with pytest.raises(InvalidRequestError, match=r"^The request body ended early$"):
        read_parameters(request)


def test_error_never_quotes_the_body() -> None:
    for body, content_type in (
        (b"{canary", JSON),
        (b"a=canary%FF", FORM),
        (b"canary", "text/canary"),
    ):
        with pytest.raises(InvalidRequestError) as caught:
            post(body, content_type)
        assert "canary" not in str(caught.value)
