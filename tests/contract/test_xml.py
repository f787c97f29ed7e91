"""The suffix `.xml`: the same answers as documents that every parser reads."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from tests.contract.table import CANARY, Call

if TYPE_CHECKING:
    from tests.contract.server import Server

SET, GET = "user.option.set", "user.option.get"
TIME = [
    *("start", "finish", "duration", "processing", "date_start", "date_finish"),
    *("operating_reset_at", "operating"),
]
# In the order of the keys.
STORED = {
    "-a": "x",
    "1": "y",
    "__proto__": [True, False, None, "", [], {}, 1.5, -0.0, {"a b": "<&>", '<"&': "x"}],
    "a-b.c_d": {"b": ["x\ufffey\u0001z"]},
    "a:b": 1,
    "ключ": "знак 🙂",
    "🙂": "x",
}
RESULT = (
    '<result><item name="-a">x</item><item name="1">y</item>'
    "<__proto__><item>1</item><item>0</item><item /><item /><item /><item /><item>1.5</item>"
    '<item>-0.0</item><item><item name="a b">&lt;&amp;&gt;</item>'
    '<item name="&lt;&quot;&amp;">x</item></item></__proto__>'
    "<a-b.c_d><b><item>x\ufffdy\ufffdz</item></b></a-b.c_d>"
    '<item name="a:b">1</item><ключ>знак 🙂</ключ><item name="🙂">x</item></result>'
)
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


def document(server: Server, call: Call, status: int = 200) -> Any:
    answer = server.send(replace(call, path=call.path.replace("{method}", "{method}.xml")))
    assert answer.headers["content-type"] == "application/xml; charset=utf-8"
    assert answer.status == status
    return ET.fromstring(answer.content)


def test_result_is_written_as_elements(server: Server) -> None:
    server.store(STORED)
    result = document(server, Call(GET))[0]
    result[:] = sorted(result, key=lambda child: child.get("name", child.tag))
    assert ET.tostring(result, encoding="unicode") == RESULT


def test_success_is_a_response_with_result_and_time(server: Server) -> None:
    response = document(server, Call(SET, {"options": {"a": 1}}, encoding="form"))
    assert (response.tag, [child.tag for child in response]) == ("response", ["result", "time"])
    assert response[0].text == "1"
    assert [child.tag for child in response[1]] == TIME
    assert all(child.text for child in response[1])


@pytest.mark.parametrize("path", ["{method}.xml", "/{method}.xml", "{method}.xml/", "{method}.XML"])
def test_both_url_forms_accept_the_suffix(path: str, server: Server) -> None:
    for credential, encoding in (("access_token", "query"), ("webhook", "json")):
        answer = server.send(Call("profile", credential=credential, path=path, encoding=encoding))
        found = ET.fromstring(answer.content).findtext("result/ID")
        assert found == str(server.issued["user_id"])


def test_refusal_is_a_response_with_both_fields(server: Server) -> None:
    for call, status, code, description in REFUSALS:
        response = document(server, call, status)
        assert [(child.tag, child.text) for child in response] == [
            ("error", code),
            ("error_description", description),
        ]


def test_batch_names_its_five_parts(server: Server) -> None:
    result = document(server, Call("batch", {"cmd": {"a": "profile", "b b": "x"}}))[0]
    parts = ["result", "result_error", "result_total", "result_next", "result_time"]
    assert [child.tag for child in result] == parts
    assert result.findtext("result_error/item[@name='b b']/error") == "ERROR_METHOD_NOT_FOUND"
