"""The suffix `.xml`: the same answers as documents that every parser reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from tests.contract.table import CANARY, Call

if TYPE_CHECKING:
    from tests.contract.server import Server

SET, GET = "user.option.set", "user.option.get"
TIME = [
    "start",
    "finish",
    "duration",
    "processing",
    "date_start",
    "date_finish",
    "operating_reset_at",
    "operating",
]
RESULTS = [
    ({"a": "b"}, "<result><a>b</a></result>"),
    ({"a": {"b": {"c": "d"}}}, "<result><a><b><c>d</c></b></a></result>"),
    ({"a": ["x", "y"]}, "<result><a><item>x</item><item>y</item></a></result>"),
    ({"a": True, "b": False}, "<result><a>1</a><b>0</b></result>"),
    ({"a": None, "b": "", "c": [], "d": {}}, "<result><a /><b /><c /><d /></result>"),
    ({"a": 1, "b": 1.5, "c": -0.0}, "<result><a>1</a><b>1.5</b><c>-0.0</c></result>"),
    ({"1": "x"}, '<result><item name="1">x</item></result>'),
    ({"a b": "x"}, '<result><item name="a b">x</item></result>'),
    ({'<"&': "<&>"}, '<result><item name="&lt;&quot;&amp;">&lt;&amp;&gt;</item></result>'),
    ({"a:b": "x"}, '<result><item name="a:b">x</item></result>'),
    ({"-a": "x"}, '<result><item name="-a">x</item></result>'),
    ({"a-b.c_d": "x"}, "<result><a-b.c_d>x</a-b.c_d></result>"),
    ({"ключ": "знак 🙂"}, "<result><ключ>знак 🙂</ключ></result>"),
    ({"🙂": "x"}, '<result><item name="🙂">x</item></result>'),
    ({"a": "x\ufffey\u0001z"}, "<result><a>x\ufffdy\ufffdz</a></result>"),
    ({"__proto__": "x"}, "<result><__proto__>x</__proto__></result>"),
]
REFUSALS = [
    (Call(SET), 400, "ArgumentNullException", "options is empty"),
    (
        Call(SET, {"options": CANARY}),
        400,
        "ArgumentTypeException",
        "options must be an object of keys and values",
    ),
    (Call(SET, credential=None), 401, "NO_AUTH_FOUND", "Wrong authorization data"),
    (Call("x"), 404, "ERROR_METHOD_NOT_FOUND", "Method not found!"),
    (Call(SET, verb="PUT"), 405, "INVALID_REQUEST", "Method not allowed"),
    (
        Call(SET, raw=b"{", headers={"Content-Type": "application/json"}),
        400,
        "INVALID_REQUEST",
        "The request body is not valid JSON in UTF-8",
    ),
]


def document(server: Server, method: str, params: Any = None, **more: Any) -> Any:
    answer = server.send(Call(method, params or {}, path=more.pop("path", "{method}.xml"), **more))
    assert answer.headers["content-type"] == "application/xml; charset=utf-8"
    return ET.fromstring(answer.content)


@pytest.mark.parametrize(("stored", "result"), RESULTS, ids=[ascii(row[0]) for row in RESULTS])
def test_result_is_written_as_elements(stored: dict[str, Any], result: str, server: Server) -> None:
    server.store(stored)
    response = document(server, GET)
    assert ET.tostring(response[0], encoding="unicode") == result


def test_success_is_a_response_with_result_and_time(server: Server) -> None:
    response = document(server, SET, {"options": {"a": 1}}, encoding="form")
    assert (response.tag, [child.tag for child in response]) == ("response", ["result", "time"])
    assert response[0].text == "1"
    assert [child.tag for child in response[1]] == TIME
    assert all(child.text for child in response[1])


@pytest.mark.parametrize("path", ["{method}.xml", "/{method}.xml", "{method}.xml/", "{method}.XML"])
def test_suffix_stands_in_both_forms_of_addresses(path: str, server: Server) -> None:
    for credential, encoding in (("access_token", "query"), ("webhook", "json")):
        response = document(server, "profile", credential=credential, path=path, encoding=encoding)
        assert response.find("result/ID").text == str(server.issued["user_id"])


@pytest.mark.parametrize(("call", "status", "code", "description"), REFUSALS)
def test_refusal_is_a_response_with_both_fields(
    call: Call, status: int, code: str, description: str, server: Server
) -> None:
    answer = server.send(Call(**{**vars(call), "path": "{method}.xml"}))
    expected = (
        f"<response><error>{code}</error>"
        f"<error_description>{description}</error_description></response>"
    )
    response = ET.fromstring(answer.content)
    assert answer.headers["content-type"] == "application/xml; charset=utf-8"
    assert (answer.status, ET.tostring(response, encoding="unicode")) == (status, expected)


def test_batch_names_its_five_parts(server: Server) -> None:
    commands = {"a": "profile", "b b": "x"}
    result = document(server, "batch", {"cmd": commands})[0]
    parts = ["result", "result_error", "result_total", "result_next", "result_time"]
    assert [child.tag for child in result] == parts
    assert result.find("result_error/item[@name='b b']/error").text == "ERROR_METHOD_NOT_FOUND"
