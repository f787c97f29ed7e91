"""`*.option.keys` and `*.option.usage`: what is kept, without the values."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from django_user_options.conf import conf
from django_user_options.fields import encode_json
from django_user_options.summaries import digest_of
from tests.contract.server import APPLICATION
from tests.contract.table import (
    DATE,
    ENCODINGS,
    NO_APPLICATION,
    NUL_IN_KEY,
    Call,
    error,
    ok,
    over,
)
from tests.processes import ROOT

if TYPE_CHECKING:
    from tests.contract.server import Server

README = ROOT / "README.md"
KEYS, USAGE = "user.option.keys", "user.option.usage"
# In the order of code points, which no database's own order is.
STORED = {"%": 1, "A": "x", "B_": None, "a": [1, 2], "ab": "тема", "я": 1e16, "😀": ""}
SIZES = {"%": 1, "A": 3, "B_": 4, "a": 5, "ab": 10, "я": 5, "😀": 2}
TYPE = "ArgumentTypeException"


def digest(value: Any) -> str:
    return digest_of(encode_json(value))


def page(keys: Any, matching: Any = STORED, following: str | None = None) -> Any:
    """Return the answer that has these keys of all that match."""
    facts = {
        key: {"digest": digest(STORED[key]), "size": SIZES[key], "updated_at": DATE} for key in keys
    }
    hashes = {key: sha256(encode_json(STORED[key]).encode()).hexdigest() for key in matching}
    whole = digest(hashes)
    return ok({"keys": facts, "digest": whole, **({"next": following} if following else {})})


def wrong(name: str, value: Any, description: str) -> tuple[Call, Any]:
    return Call(KEYS, {name: value}), error(TYPE, description)


WHOLE = page(STORED)["result"]["digest"]
LISTED = [
    *(
        (Call(KEYS, params, encoding=name), answer)
        for name in ENCODINGS
        for params, answer in (
            ({}, page(STORED)),
            ({"limit": 2, "after": "A"}, page(["B_", "a"], following="a")),
            ({"unless": WHOLE, "limit": 1}, ok(None)),
            ({"unless": WHOLE, "after": "a"}, ok(None)),
        )
    ),
    *(
        (Call(KEYS, dict.fromkeys(("prefix", "after", "limit", "unless"), empty)), page(STORED))
        for empty in (None, "")
    ),
    *(
        (Call(KEYS, {"prefix": prefix}), page(found, found))
        for prefix, found in (
            *(("a", ["a", "ab"]), ("A", ["A"]), ("%", ["%"]), ("B_", ["B_"]), ("я", ["я"])),
            *((prefix, []) for prefix in ("_", "B%", "A ", 5, "k" * 255)),
        )
    ),
    (Call(KEYS, {"limit": "7"}), page(STORED)),
    (Call(KEYS, {"after": "😀", "limit": 1}), page([])),
    (Call(KEYS, {"prefix": "a", "limit": 1}), page(["a"], ["a", "ab"], "a")),
    (Call(KEYS, {"unless": digest(1)}), page(STORED)),
]
LIMITS = [0, -1, 1.0, True, [], [1], {"a": 1}, "0", "-1", "1.5", "x", "١", "9" * 5000]
WRONG = [
    *(
        wrong(name, value, f"{name}: {problem}")
        for name in ("prefix", "after")
        for value, problem in (
            (["a"], "a key must be a string"),
            ("a\0", NUL_IN_KEY),
        )
    ),
    *(
        (
            Call(KEYS, {name: "k" * 256}),
            over("max_key_length", 255, 256, f"{name}: a key may have at most 255 characters"),
        )
        for name in ("prefix", "after")
    ),
    *(wrong("limit", limit, "limit must be a whole number of 1 or more") for limit in LIMITS),
    *(wrong("unless", value, "unless must be a digest") for value in (0, False, [], {"a": 1})),
    (Call(KEYS, credential="webhook_without_application"), NO_APPLICATION),
]


@pytest.mark.database
def test_keys_come_with_digests_and_without_values(server: Server) -> None:
    server.check_unchanged(LISTED, STORED)


def test_wrong_parameters_are_refused(server: Server) -> None:
    server.check_unchanged(WRONG, {}, status=400)


def test_an_empty_store_has_a_digest(server: Server) -> None:
    empty = page([], [])
    server.expect(Call(KEYS), empty)
    server.expect(Call(KEYS, {"unless": empty["result"]["digest"]}), ok(None))


@pytest.mark.database
@pytest.mark.parametrize("credential", ["access_token", "admin_access_token"])
def test_usage_adds_up_and_names_each_limit(credential: str, server: Server) -> None:
    call = Call("app.option.usage", credential=credential)
    server.expect(call, ok({"keys": 0, "bytes": 0, "limits": dict(conf.limits)}))
    server.store(STORED, APPLICATION)
    used = {"keys": 7, "bytes": sum(SIZES.values()), "limits": dict(conf.limits)}
    server.expect(call, ok(used))
    assert len(server.call("app.option.keys", credential=credential)["keys"]) == 7
    assert server.call(USAGE)["keys"] == 0


def test_the_local_copy_of_the_readme_stays_fresh(server: Server) -> None:
    (source,) = re.findall(r"```python\n(def refresh.+?)```", README.read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(source, names)
    copy: dict[str, Any] = {"digest": "", "keys": {}, "values": {}}
    calls = []

    def call(method: str, **params: Any) -> Any:
        calls.append(method)
        return server.call(method, params)

    for change in ({}, {"set": STORED}, {"set": {"a": 2}, "remove": ["A"]}, {"remove": ["a"]}):
        if change:
            server.call("user.option.update", change)
        names["refresh"](copy, call)
        assert copy["values"] == server.stored()
    calls.clear()
    names["refresh"](copy, call)
    assert calls == [KEYS]
