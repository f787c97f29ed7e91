"""Hostile bytes over a real socket: every request gets an answer of the contract.

Runs some hundred requests by default; `FUZZ_EXAMPLES=20000` runs so many of each caller.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from django_user_options.models import AppOption, AppUserOption, InboundWebhook
from tests.contract.transport import over_a_socket

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.contract.transport import Answer

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "100"))
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
ODD_BODIES = [b"", b"[]", b"{", b"[" * 10**5, b"&" * 5000, b'{"a":' * 5000]


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


well_formed = parameters.map(as_json) | parameters.map(as_form) | parameters.map(as_multipart)
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


def names(answer: Answer) -> set[str]:
    """Return the outermost names of the body, which must be JSON or XML that says so."""
    if answer.headers["content-type"] == "application/xml; charset=utf-8":
        return {child.tag for child in fromstring(answer.content)}
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    return set(answer.json)


def quoted(encoded: bytes) -> str:
    return "".join(chr(b) if 33 <= b <= 126 and b != 35 else f"%{b:02x}" for b in encoded)


def rows() -> list[tuple[Any, ...]]:
    return [*AppUserOption.objects.order_by("pk").values_list(), *AppOption.objects.values_list()]


@pytest.mark.parametrize("credential", ["token", "administrator", "webhook", "none"])
def test_every_answer_keeps_the_contract_and_a_refusal_changes_nothing(
    credential: str, live_server: Any, application: Any, make_user: Any, make_token: Any
) -> None:
    prefix, headers = f"{live_server.url}/rest/", {}
    user = make_user(is_superuser=credential == "administrator")
    if credential == "webhook":
        _, secret = InboundWebhook.objects.issue(owner=user, application=application, scope="basic")
        prefix += f"{user.pk}/{secret}/"
    elif credential != "none":
        headers["Authorization"] = f"Bearer {make_token(application, user)}"

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        # Generating hostile input is slow and large by nature.
        suppress_health_check=list(HealthCheck),
    )
    @given(
        verb=verbs,
        path=segments | path_bytes | st.tuples(segments, path_bytes).map("".join),
        query=st.just("") | path_bytes | parameters.map(as_form).map(quoted),
        content_type=content_types,
        body=well_formed | mutated() | raw | st.sampled_from(ODD_BODIES),
    )
    def attack(verb: str, path: str, query: str, content_type: str, body: bytes) -> None:
        before = rows()
        url = f"{prefix}{path.replace('?', '%3f').replace('#', '%23')}?{query}"
        answer = over_a_socket(verb, url, {**headers, "Content-Type": content_type}, body)
        assert answer.status < 500
        if verb != "HEAD" and answer.status != 204:
            assert names(answer) == (ERROR if answer.status >= 400 else SUCCESS)
        if answer.status >= 400:
            assert rows() == before

    attack()
