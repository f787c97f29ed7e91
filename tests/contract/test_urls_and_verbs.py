"""The two forms of addresses, each served directly, and the verbs that run a method."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING

import pytest

from tests.contract.encoders import FORM
from tests.contract.table import CANARY, NOT_FOUND, Call, Row, error, ok, table

if TYPE_CHECKING:
    from tests.contract.server import Server

SET, GET = "user.option.set", "user.option.get"
STORED = {"a": 1}
NOT_ALLOWED = error("INVALID_REQUEST", "Method not allowed")
SERVED = [
    "{method}",
    "{method}/",
    "/{method}",
    "/{method}/",
    "{method}.json",
    "{method}.json/",
    "/{method}.json/",
    "{method}.JSON",
    "USER.OPTION.GET",
    "User.Option.Get.json",
    "user%2Eoption%2Eget",
]
UNSERVED = [
    "",
    "/",
    "//",
    "///{method}",
    "{method}//",
    "x",
    "x/",
    "{method}.html",
    "{method}.json.json",
    "{method}.api",
    "{method}%20",
    "{method}%00",
    "{method}%0A",
    "{method}%FF",
    "%3Cscript%3E",
    "a/b/c/d/e",
    "a/b/c/{method}",
    "favicon.ico",
    "../admin/x",
    "__class__",
]
FORMATS = ["format=html", "format=api", "format=xml", "format=json"]
HEADERS = {
    "upgrade": {"Upgrade": "h2c", "Connection": "Upgrade, HTTP2-Settings"},
    "origin": {"Origin": "https://evil.example", "Referer": "https://evil.example/"},
    "override": {"X-HTTP-Method-Override": "DELETE"},
    "session": {"Cookie": "sessionid=x; csrftoken=y"},
    "language": {"Accept-Language": "ru"},
}
ACCEPTS = ["text/html", "application/xml", "image/png", "nonsense", "*/*;q=0", ""]


@table(
    Row(f"{path} by {encoding}, {credential}", call, 200, ok(STORED), stored=STORED)
    for path in SERVED
    for credential, encoding in (("access_token", "query"), ("webhook", "json"))
    for call in [Call(GET, path=path, credential=credential, encoding=encoding)]
)
def test_address_is_served_without_a_redirect(row: Row, server: Server) -> None:
    server.check(row)


@table(
    Row(ascii(path), Call(GET, path=path, credential=credential), 404, NOT_FOUND)
    for path, credential in zip(UNSERVED, cycle([None, "access_token"]), strict=False)
)
def test_other_addresses_name_no_method(row: Row, server: Server) -> None:
    server.check(row)


@table(
    Row(name, call, 200, ok(STORED), stored=STORED)
    for name, call in [
        *((f"?{query}", Call(GET, query=query)) for query in FORMATS),
        *((f"Accept: {accept}", Call(GET, headers={"Accept": accept})) for accept in ACCEPTS),
        *((name, Call(GET, headers=headers)) for name, headers in HEADERS.items()),
    ]
)
def test_headers_and_format_change_nothing(row: Row, server: Server) -> None:
    server.check(row)


@table(
    Row(
        f"{verb} {path}",
        Call(SET, {"options": {"a": CANARY}}, verb=verb, path=path, credential=credential),
        405,
        NOT_ALLOWED,
        stored=STORED,
    )
    for verb, path, credential in (
        *(
            (verb, "{method}", "access_token")
            for verb in ("PUT", "DELETE", "PATCH", "TRACE", "ODD")
        ),
        ("PUT", "{method}/", "webhook"),
        ("PUT", "x", None),
    )
)
def test_other_verbs_run_no_method(row: Row, server: Server) -> None:
    server.check(row)


@pytest.mark.parametrize("verb", ["PUT", "HEAD"])
def test_refused_verb_names_those_allowed(verb: str, server: Server) -> None:
    answer = server.send(Call(GET, verb=verb, raw=b""))
    assert answer.status == 405
    assert answer.headers["allow"] == "GET, POST, OPTIONS"


def test_head_runs_no_method(server: Server) -> None:
    server.store({"a": 1})
    answer = server.send(Call(SET, verb="HEAD", raw=b"", query="options[a]=2"))
    assert (answer.status, answer.content) == (405, b"")
    assert server.stored() == {"a": 1}


@pytest.mark.parametrize(
    ("method", "credential"),
    [
        *((SET, credential) for credential in ("access_token", "webhook", None)),
        *((method, "access_token") for method in (SET + ".json", SET + ".xml", "x")),
    ],
)
def test_options_tells_the_verbs_and_runs_nothing(
    method: str, credential: str | None, server: Server
) -> None:
    answer = server.send(
        Call(method, verb="OPTIONS", credential=credential, raw=b"", query="options[a]=2")
    )
    assert (answer.status, answer.content) == (204, b"")
    assert answer.headers["allow"] == "GET, POST, OPTIONS"
    assert server.stored() == {}


def test_body_of_a_get_says_nothing(server: Server) -> None:
    get = {"verb": "GET", "headers": {"Content-Type": FORM}, "query": "option=a"}
    call = Call(GET, raw=b"option=x&auth=other", **get)
    server.check(Row("", call, 200, ok(1), stored=STORED))
    call = Call(GET, verb="GET", raw=b"", headers={"Content-Type": "application/json"})
    server.check(Row("", call, 200, ok(STORED), stored=STORED))
