"""The two forms of addresses, each served directly, and the verbs that run a method."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contract.encoders import FORM
from tests.contract.table import CANARY, Call, Row, error, ok, table

if TYPE_CHECKING:
    from tests.contract.server import Server

SET, GET = "user.option.set", "user.option.get"
STORED = {"a": 1}
NOT_FOUND = error("ERROR_METHOD_NOT_FOUND", "Method not found!")
NOT_ALLOWED = error("INVALID_REQUEST", "Method not allowed")
CREDENTIALS = ("access_token", "webhook")
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
ACCEPTS = ["text/html", "application/xml", "image/png", "nonsense", "*/*;q=0", ""]


@table(
    Row(f"{path} by {verb}, {credential}", call, 200, ok(STORED), stored=STORED)
    for credential in CREDENTIALS
    for path in SERVED
    for verb, encoding in (("GET", "query"), ("POST", "json"))
    for call in [Call(GET, path=path, credential=credential, encoding=encoding)]
)
def test_address_is_served_without_a_redirect(row: Row, server: Server) -> None:
    server.check(row)


@table(
    Row(f"{path!r}, {credential}", Call(GET, path=path, credential=credential), 404, NOT_FOUND)
    for credential in (None, "access_token")
    for path in UNSERVED
)
def test_other_addresses_name_no_method(row: Row, server: Server) -> None:
    server.check(row)


@table(
    [
        *(
            Row(f"?{query}", Call(GET, query=query), 200, ok(STORED), stored=STORED)
            for query in FORMATS
        ),
        *(
            Row(
                f"Accept: {accept}",
                Call(GET, headers={"Accept": accept}),
                200,
                ok(STORED),
                stored=STORED,
            )
            for accept in ACCEPTS
        ),
        *(
            Row(name, Call(GET, headers=headers), 200, ok(STORED), stored=STORED)
            for name, headers in {
                "upgrade": {"Upgrade": "h2c", "Connection": "Upgrade, HTTP2-Settings"},
                "origin": {"Origin": "https://evil.example", "Referer": "https://evil.example/"},
                "override": {"X-HTTP-Method-Override": "DELETE"},
                "session": {"Cookie": "sessionid=x; csrftoken=y"},
                "language": {"Accept-Language": "ru"},
            }.items()
        ),
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
    for verb in ("PUT", "DELETE", "PATCH", "TRACE", "PROPFIND")
    for path, credential in (("{method}", "access_token"), ("{method}/", "webhook"), ("x", None))
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


@pytest.mark.parametrize("credential", [*CREDENTIALS, None])
@pytest.mark.parametrize("method", [SET, SET + ".json", SET + ".xml", "x"])
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
    call = Call(
        GET,
        verb="GET",
        raw=b"option=x&auth=other",
        headers={"Content-Type": FORM},
        query="option=a",
    )
    server.check(Row("", call, 200, ok(1), stored=STORED))


def test_empty_json_body_of_a_get_is_no_parameters(server: Server) -> None:
    call = Call(GET, verb="GET", raw=b"", headers={"Content-Type": "application/json"})
    server.check(Row("", call, 200, ok(STORED), stored=STORED))
