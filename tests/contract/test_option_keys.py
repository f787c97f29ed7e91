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
    Row,
    error,
    ok,
    over,
    table,
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
LIMIT = error(TYPE, "limit must be a whole number of 1 or more")


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


def listed(name: str, params: Any, body: Any, status: int = 200, **more: Any) -> Row:
    return Row(name, Call(KEYS, params, **more), status, body, stored=STORED)


WHOLE = page(STORED)["result"]["digest"]
ROWS = [
    *(listed(f"all, {name}", {}, page(STORED), encoding=name) for name in ENCODINGS),
    *(
        listed(f"two, {name}", {"limit": 2, "after": "A"}, page(["B_", "a"], following="a"),
               encoding=name)
        for name in ENCODINGS
    ),
    *(listed(f"empty {empty!r}", dict.fromkeys(("prefix", "after", "limit", "unless"), empty),
             page(STORED)) for empty in (None, "")),
    listed("the last page", {"limit": "7"}, page(STORED)),
    listed("after all", {"after": "😀", "limit": 1}, page([])),
    *(
        listed(f"prefix {prefix!r}", {"prefix": prefix}, page(found, found))
        for prefix, found in (
            ("a", ["a", "ab"]), ("A", ["A"]), ("%", ["%"]), ("_", []), ("B_", ["B_"]), ("B%", []),
            ("я", ["я"]), ("A ", []), (5, []), ("k" * 255, []),
        )
    ),
    listed("prefix and page", {"prefix": "a", "limit": 1}, page(["a"], ["a", "ab"], "a")),
    *(listed(f"unless it is the same, {name}", {"unless": WHOLE, "limit": 1}, ok(None),
             encoding=name) for name in ENCODINGS),
    listed("unless another", {"unless": digest(1)}, page(STORED)),
    *(
        listed(f"{name} {value!r}", {name: value},
               error(TYPE, f"{name}: a key must be a string"), 400)
        for name in ("prefix", "after") for value in (True, 1.5, ["a"], {"a": 1}, [])
    ),
    *(
        listed(f"{name} with NUL", {name: "a\0"}, error(TYPE, f"{name}: {NUL_IN_KEY}"), 400)
        for name in ("prefix", "after")
    ),
    *(
        listed(f"{name} too long", {name: "k" * 256},
               over("max_key_length", 255, 256, f"{name}: a key may have at most 255 characters"),
               400)
        for name in ("prefix", "after")
    ),
    *(
        listed(f"limit {limit!r}", {"limit": limit}, LIMIT, 400)
        for limit in (0, -1, 1.0, True, [], [1], {"a": 1}, "0", "-1", "1.5", "x", "١", "9" * 5000)
    ),
    *(
        listed(f"unless {unless!r}", {"unless": unless},
               error(TYPE, "unless must be a digest"), 400)
        for unless in (0, False, [], {"a": 1})
    ),
    listed("no application", {}, NO_APPLICATION, 400, credential="webhook_without_application"),
]  # fmt: skip


@pytest.mark.database
@table(ROWS)
def test_keys_come_with_digests_and_without_values(row: Row, server: Server) -> None:
    server.check(row)


def test_nothing_has_a_digest_too(server: Server) -> None:
    empty = page([], [])
    server.check(Row("", Call(KEYS), 200, empty))
    server.check(Row("", Call(KEYS, {"unless": empty["result"]["digest"]}), 200, ok(None)))


@pytest.mark.database
@pytest.mark.parametrize("credential", ["access_token", "admin_access_token"])
def test_usage_adds_up_and_names_each_limit(credential: str, server: Server) -> None:
    usage = ok({"keys": 0, "bytes": 0, "limits": dict(conf.limits)})
    server.check(Row("", Call("app.option.usage", credential=credential), 200, usage), APPLICATION)
    server.store(STORED, APPLICATION)
    usage = ok({"keys": 7, "bytes": sum(SIZES.values()), "limits": dict(conf.limits)})
    call = Call("app.option.usage", credential=credential)
    server.check(Row("", call, 200, usage, left=STORED), APPLICATION)
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
