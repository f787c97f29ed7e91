"""Hostile bytes over a real socket: whatever comes in, an answer of the contract goes out.

Runs some hundred requests by default; `FUZZ_EXAMPLES=20000` runs as many as it says.
"""

from __future__ import annotations

import http.client
import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from django_user_options.models import AppOption, AppUserOption, InboundWebhook

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "300"))
SUCCESS = {"result", "time"}
ERROR = {"error", "error_description"}
METHODS = [
    "user.option.set", "user.option.get", "user.option.delete", "user.option.update",
    "user.option.keys", "user.option.usage", "app.option.update", "app.option.set",
    "app.option.get", "app.option.delete", "batch", "methods", "method.get", "scope",
    "profile", "user.admin", "user.current", "app.info", "server.time", "no.such.method",
]  # fmt: skip
NAMES = [
    "options", "option", "options[a]", "options[a][b]", "options[]", "options[", "user_id", "cmd",
    "cmd[a]", "halt", "auth", "access_token", "full", "name", "__proto__", "a" * 300, "]", "",
]  # fmt: skip
ODD_TEXTS = [
    "", "0", "1", "null", "\0", "\ud800", "\x7f", "é", "e\u0301", "\u202e", "\U0001f600",
    "' OR 1=1 --", "<script>", "%00", "$result[a]", "$result[a][b]", "../../", "a" * 256,
    "user.option.get", "user.option.set?options[x]=1", "batch?cmd[a]=profile", "1e999",
]  # fmt: skip

texts = st.sampled_from(ODD_TEXTS) | st.text(max_size=40)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
parameters = st.dictionaries(st.sampled_from(NAMES) | texts, values, max_size=5)
raw = st.binary(max_size=200)


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def as_form(value: dict[str, Any]) -> bytes:
    pairs = (f"{name}={part}" for name, part in value.items())
    return "&".join(pairs).encode("utf-8", "surrogatepass")


def as_multipart(value: dict[str, Any]) -> bytes:
    parts = (
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{part}\r\n'
        for name, part in value.items()
    )
    return ("".join(parts) + "--b--\r\n").encode("utf-8", "surrogatepass")


@st.composite
def mutated(draw: Callable[[Any], Any]) -> bytes:
    """A body that was well-formed before a few of its bytes were cut out or put in."""
    encode = draw(st.sampled_from([as_json, as_form, as_multipart]))
    body: bytes = encode(draw(parameters))
    start = draw(st.integers(0, len(body)))
    end = draw(st.integers(start, len(body)))
    return body[:start] + draw(raw) + body[end:]


BODIES = {
    "well-formed": parameters.map(as_json) | parameters.map(as_form) | parameters.map(as_multipart),
    "mutated": mutated(),
    "raw": raw | st.sampled_from([b"", b"[]", b"{", b"[" * 10**5, b"&" * 5000, b'{"a":' * 5000]),
}
# Not an unknown charset by RFC 2231 (`charset*=x'y'z`): Django's handler fails on it by itself,
# before any middleware or view is asked.
content_types = st.sampled_from(
    [
        "application/json", "application/json; charset=utf-8", "application/json; charset=utf-7",
        "application/x-www-form-urlencoded", "multipart/form-data; boundary=b",
        "multipart/form-data", "multipart/form-data; boundary=" + "b" * 300, "text/html", "", ";",
        "multipart/form-data; boundary*=utf-8''b", "application/json; charset*=utf-8'y'z",
        'application/json; charset="', "multipart/form-data; boundary=\xff",
    ]
)  # fmt: skip
segments = st.sampled_from([*METHODS, *(m.upper() + ".xml" for m in METHODS[:7]), ".json", ".xml"])
path_bytes = st.binary(max_size=20).map(
    lambda piece: "".join(
        f"%{byte:02x}" if byte < 33 or byte > 126 else chr(byte) for byte in piece
    )
)
verbs = st.sampled_from(["POST"] * 6 + ["GET"] * 3 + ["HEAD", "PUT", "DELETE", "OPTIONS", "ODD"])


class Door(NamedTuple):
    """A running server and one way to be let in."""

    host: str
    port: int
    prefix: str
    headers: dict[str, str]

    def send(self, verb: str, target: str, content_type: str, body: bytes) -> Answer:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=20)
        try:
            connection.putrequest(verb, self.prefix + target, skip_accept_encoding=True)
            for name, value in self.headers.items():
                connection.putheader(name, value)
            connection.putheader("Content-Type", content_type.encode("latin-1"))
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            return Answer(response.status, response.getheader("Content-Type"), response.read())
        finally:
            connection.close()


class Answer(NamedTuple):
    """What came back."""

    status: int
    content_type: str | None
    content: bytes

    def names(self) -> set[str]:
        """Return the outermost names of the body, which must be JSON or XML that says so."""
        if self.content_type == "application/xml; charset=utf-8":
            return {child.tag for child in fromstring(self.content)}
        assert self.content_type == "application/json; charset=utf-8"
        return set(json.loads(self.content))


@pytest.fixture(params=["token", "administrator", "webhook", "none"])
def door(request: pytest.FixtureRequest, live_server: Any, application: Any) -> Door:
    url = urlsplit(live_server.url)
    host, port, prefix = url.hostname or "", url.port or 80, "/rest/"
    if request.param == "webhook":
        user = request.getfixturevalue("user")
        _, secret = InboundWebhook.objects.issue(owner=user, application=application, scope="basic")
        return Door(host, port, f"/rest/{user.pk}/{secret}/", {})
    if request.param == "none":
        return Door(host, port, prefix, {})
    owner = request.getfixturevalue("user" if request.param == "token" else "administrator")
    token = request.getfixturevalue("make_token")(application, owner)
    return Door(host, port, prefix, {"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize("bodies", BODIES.values(), ids=BODIES)
def test_every_answer_is_of_the_contract_and_a_refusal_changes_nothing(
    door: Door, bodies: st.SearchStrategy[bytes]
) -> None:
    @settings(
        max_examples=max(1, EXAMPLES // (4 * len(BODIES))),
        deadline=None,
        derandomize=True,
        database=None,
        # Generating hostile input is slow and large by nature.
        suppress_health_check=list(HealthCheck),
    )
    @given(
        verb=verbs,
        path=segments | path_bytes | st.tuples(segments, path_bytes).map("".join),
        query=st.just("") | path_bytes | parameters.map(as_form).map(_quoted),
        content_type=content_types,
        body=bodies,
    )
    def attack(verb: str, path: str, query: str, content_type: str, body: bytes) -> None:
        before = rows()
        target = path.replace("?", "%3f").replace("#", "%23")
        answer = door.send(verb, f"{target}?{query}", content_type, body)
        assert answer.status < 500
        if verb != "HEAD" and answer.status != 204:
            expected = ERROR if answer.status >= 400 else SUCCESS
            assert answer.names() == expected
        if answer.status >= 400:
            assert rows() == before

    attack()


def _quoted(encoded: bytes) -> str:
    return "".join(chr(b) if 33 <= b <= 126 and b != 35 else f"%{b:02x}" for b in encoded)


def rows() -> list[tuple[Any, ...]]:
    return [
        *AppUserOption.objects.order_by("pk").values_list(),
        *AppOption.objects.order_by("pk").values_list(),
    ]
