"""The two forms of addresses, each served directly, and the verbs that run a method."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING

import pytest

from tests.contract.encoders import FORM
from tests.contract.table import CANARY, NOT_FOUND, Call, error, ok

if TYPE_CHECKING:
    from tests.contract.server import Server

SET, GET = "user.option.set", "user.option.get"
STORED = {"a": 1}
NOT_ALLOWED = error("INVALID_REQUEST", "Method not allowed")
SERVED = [
    *("{method}", "{method}/", "/{method}", "/{method}/"),
    *("{method}.json", "{method}.json/", "/{method}.json/", "{method}.JSON"),
    *("USER.OPTION.GET", "User.Option.Get.json", "user%2Eoption%2Eget"),
]
UNSERVED = [
    *("", "/", "//", "///{method}", "{method}//", "x", "x/", "a/b/c/d/e", "a/b/c/{method}"),
    *("{method}.html", "{method}.json.json", "{method}.api"),
    *("{method}%20", "{method}%00", "{method}%0A", "{method}%FF", "%3Cscript%3E"),
    *("favicon.ico", "../admin/x", "__class__"),
]
FORMATS = ["format=html", "format=api", "format=xml", "format=json"]
ACCEPTS = ["text/html", "application/xml", "image/png", "nonsense", "*/*;q=0", ""]
HEADERS = [
    *({"Accept": accept} for accept in ACCEPTS),
    {"Upgrade": "h2c", "Connection": "Upgrade, HTTP2-Settings"},
    {"Origin": "https://evil.example", "Referer": "https://evil.example/"},
    {"X-HTTP-Method-Override": "DELETE"},
    {"Cookie": "sessionid=x; csrftoken=y"},
    {"Accept-Language": "ru"},
]


def test_addresses_are_served_without_a_redirect(server: Server) -> None:
    forms = (("access_token", "query"), ("webhook", "json"))
    calls = [
        Call(GET, path=path, credential=credential, encoding=encoding)
        for path in SERVED
        for credential, encoding in forms
    ]
    server.check_unchanged([(call, ok(STORED)) for call in calls], STORED)


def test_other_paths_are_not_methods(server: Server) -> None:
    for path, credential in zip(UNSERVED, cycle([None, "access_token"]), strict=False):
        server.expect(Call(GET, path=path, credential=credential), NOT_FOUND, 404)


def test_headers_and_format_change_nothing(server: Server) -> None:
    calls = [
        *(Call(GET, query=query) for query in FORMATS),
        *(Call(GET, headers=headers) for headers in HEADERS),
    ]
    server.check_unchanged([(call, ok(STORED)) for call in calls], STORED)


def test_other_verbs_run_no_method(server: Server) -> None:
    options = {"options": {"a": CANARY}}
    calls = [
        *(Call(SET, options, verb=verb) for verb in ("PUT", "DELETE", "PATCH", "TRACE", "ODD")),
        Call(SET, options, verb="PUT", path="{method}/", credential="webhook"),
        Call(SET, options, verb="PUT", path="x", credential=None),
    ]
    server.check_unchanged([(call, NOT_ALLOWED) for call in calls], STORED, status=405)


@pytest.mark.parametrize(("verb", "status"), [("PUT", 405), ("HEAD", 405), ("OPTIONS", 204)])
def test_verbs_that_are_allowed_are_named_and_nothing_runs(
    verb: str, status: int, server: Server
) -> None:
    for method, credential in (
        *((SET, credential) for credential in ("access_token", "webhook", None)),
        *((method, "access_token") for method in (SET + ".json", SET + ".xml", "x")),
    ):
        call = Call(method, verb=verb, credential=credential, raw=b"", query="options[a]=2")
        answer = server.send(call)
        assert (answer.status, answer.headers["allow"]) == (status, "GET, POST, OPTIONS")
        assert verb == "PUT" or answer.content == b""
    assert server.stored() == {}


def test_body_of_a_get_is_ignored(server: Server) -> None:
    headers = {"Content-Type": FORM}
    json = {"Content-Type": "application/json"}
    cases = [
        (
            Call(GET, raw=b"option=x&auth=other", verb="GET", headers=headers, query="option=a"),
            ok(1),
        ),
        (Call(GET, raw=b"", verb="GET", headers=json), ok(STORED)),
    ]
    server.check_unchanged(cases, STORED)
