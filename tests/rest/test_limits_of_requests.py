"""Requests that would cost much more to read than to send, or that did not arrive whole."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from django_user_options.rest.brackets import parse_brackets
from django_user_options.rest.parsers import read_parameters
from django_user_options.rest.refusals import BodyTooLargeError, InvalidRequestError

FORM = "application/x-www-form-urlencoded"
TOO_MANY = {
    "error": "INVALID_REQUEST",
    "error_description": "The request has more than 10000 fields or 50000 brackets",
}


def test_ten_thousand_fields_are_read_and_one_more_is_refused() -> None:
    query = "&".join(f"a[{number}]={number}" for number in range(10_000)).encode()
    assert parse_brackets(query) == {"a": [str(number) for number in range(10_000)]}
    with pytest.raises(InvalidRequestError):
        parse_brackets(query + b"&b")


def test_fifty_thousand_brackets_are_read_and_one_more_is_refused() -> None:
    names = [b"".join([b"a%d" % number, *[b"[]"] * 25]) for number in range(2_000)]
    assert len(parse_brackets(b"&".join(names))) == 2_000
    with pytest.raises(InvalidRequestError, match="50000 brackets"):
        parse_brackets(b"&".join([*names, b"a[]"]))


def test_more_parts_than_any_call_needs_are_refused(client: Any, db: None) -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n'
    body = part * 10_001 + b"--b--\r\n"
    response = client.post(
        "/rest/user.option.set", body, content_type="multipart/form-data; boundary=b"
    )
    assert (response.status_code, response.json()) == (400, TOO_MANY)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [(FORM, b"options[a]=whole&options[b]=2"), ("application/json", b'{"options":{"a":1}}   ')],
)
def test_a_body_that_ends_early_is_refused(
    client: Any, token: str, content_type: str, body: bytes
) -> None:
    response = client.generic(
        "POST",
        "/rest/user.option.set",
        content_type=content_type,
        HTTP_AUTHORIZATION=f"Bearer {token}",
        **{"wsgi.input": BytesIO(body[:-2]), "CONTENT_LENGTH": str(len(body))},
    )
    assert response.status_code == 400
    assert response.json()["error_description"] == "The request body ended early"


def test_a_chunked_body_that_wsgi_does_not_hand_over_is_refused(client: Any, token: str) -> None:
    response = client.generic(
        "POST",
        "/rest/user.option.get",
        content_type=FORM,
        HTTP_AUTHORIZATION=f"Bearer {token}",
        HTTP_TRANSFER_ENCODING="chunked",
    )
    assert response.status_code == 400
    assert "Content-Length" in response.json()["error_description"]


def test_a_length_that_is_not_a_number_is_refused(client: Any, db: None) -> None:
    extra = {"wsgi.input": BytesIO(b""), "CONTENT_LENGTH": "1.5"}
    response = client.generic("POST", "/rest/user.option.get", content_type=FORM, **extra)
    assert response.status_code == 400
    assert response["Content-Type"].startswith("application/json")


def test_a_body_that_was_read_under_a_higher_limit_is_too_large(rf: Any, settings: Any) -> None:
    request = rf.post("/", b"options[a]=1", content_type=FORM)
    assert request.body
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 5
    with pytest.raises(BodyTooLargeError):
        read_parameters(request)


@pytest.mark.parametrize("encoding", ["json", "form"])
def test_more_commands_than_a_batch_can_answer_are_refused_as_a_whole(
    call: Any, token: str, encoding: str
) -> None:
    commands = {f"k{number}": "profile" for number in range(1_001)}
    response = call("batch", {"cmd": commands}, token=token, encoding=encoding)
    assert response.status_code == 400
    assert response.json()["error"] == "ERROR_BATCH_LENGTH_EXCEEDED"


def test_references_are_counted_in_bytes_and_with_their_command(
    call: Any, token: str, settings: Any
) -> None:
    call("user.option.set", {"options": {"text": "я" * 1_000}}, token=token)
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 4_000
    command = "user.option.set?options[a]=$result[t]&options[b]=$result[t]"
    cmd = {"t": "user.option.get?option=text", "set": command}
    errors = call("batch", {"cmd": cmd}, token=token).json()["result"]["result_error"]
    assert errors["set"]["error_description"] == "Request body is too large"


def test_the_commands_of_a_batch_may_have_no_more_fields_than_one_body(
    call: Any, token: str
) -> None:
    get, most = "user.option.get?a", "&a" * 5_999
    cmd = {"one": get + most, "two": get + "&a" * 3_999, "three": get, "four": "server.time"}
    result = call("batch", {"cmd": cmd}, token=token).json()["result"]
    assert list(result["result"]) == ["one", "two", "four"]
    assert result["result_error"] == {"three": TOO_MANY}
    names = "a" + "[b]" * 25
    cmd = {str(number): f"user.option.get?{'&'.join([names] * 1_000)}" for number in range(3)}
    result = call("batch", {"cmd": cmd}, token=token).json()["result"]
    assert result["result_error"] == {"2": TOO_MANY}
