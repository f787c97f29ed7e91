"""Every parameter that a registered method describes, with every kind of JSON value.

A new method is among them as soon as it is registered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from django_user_options.rest.methods import registry
from django_user_options.rest.methods.option_base import KEY
from tests.contract.server import ADMINISTRATOR, APPLICATION
from tests.contract.table import ENCODINGS, Call

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_user_options.rest.methods import RestMethod
    from tests.contract.server import Server

INTEGERS = [10, 0, -5, 10**30]
# By form: integers that name keys, and their texts. In PHP, a list is an array with integer keys.
SAME = {
    "one": (10, "10"),
    "list": ([*INTEGERS, "a"], [*map(str, INTEGERS), "a"]),
    "mapping": (["1", "2"], {"0": "1", "1": "2"}),
}
NO_KEYS: list[Any] = [True, False, 1.5, 0.0, {}, {"a": "b"}]
WRONG = {
    "one": NO_KEYS,
    "list": [[value] for value in (*NO_KEYS, None, [])],
    "mapping": [5, True, 1.5, "x"],
}
VALUES: list[Any] = [
    *(None, False, 10**400, -0.0, "", "\0", "\ud800"),
    *([], [[{}]], {"": 1}, {"a": {"b": []}}),
]
STORED = dict.fromkeys([*map(str, INTEGERS), "1", "a"], "x")
# With these, a call of any method succeeds.
ENOUGH = {"options": {"b": 2}, "option": "b", "set": {"b": 2}}


def parameters(method: type[RestMethod]) -> Mapping[str, Any]:
    """Return the schemas of a method's parameters."""
    schema = method.parameters_schema
    return ((schema() if callable(schema) else schema) or {}).get("properties", {})


def names_a_key(schema: Mapping[str, Any]) -> bool:
    parts = schema.get("anyOf", [schema])
    return any(part.get("pattern") == KEY["pattern"] for part in parts)


def forms_of(schema: Mapping[str, Any]) -> set[str]:
    """Return in which forms a parameter names keys: `one`, in a `list`, or in a `mapping`."""
    places = [("one", schema)]
    for part in schema.get("anyOf", ()):
        places += [("list", part.get("items", {})), ("mapping", part.get("propertyNames", {}))]
    return {form for form, place in places if names_a_key(place)}


METHODS = {method.name: parameters(method) for method in registry}
# The parameters of each method that name keys, and in which forms.
OF_KEYS = {
    method: {name: forms for name, schema in schemas.items() if (forms := forms_of(schema))}
    for method, schemas in METHODS.items()
}
with_keys = pytest.mark.parametrize("method", [method for method in OF_KEYS if OF_KEYS[method]])


def store_of(method: str) -> tuple[str, str]:
    return APPLICATION if method.startswith("app.") else ADMINISTRATOR


def call(server: Server, method: str, params: Any, encoding: Any = "json") -> Any:
    answer = server.send(Call(method, params, encoding=encoding, credential=store_of(method)[1]))
    assert answer.status in (200, 400, 409), params
    return answer.json


def call_in_batch(server: Server, method: str, name: str, count: int) -> list[Any]:
    """Return the answers to commands whose parameter refers to one of the values in `~`."""
    family, credential = store_of(method)
    commands = [f"{method}?{name}=$result[values][{index}]" for index in range(count)]
    cmd = {"values": f"{family}.get?option=~", **dict(enumerate(commands))}
    result = server.call("batch", {"cmd": cmd}, credential)
    answers = {key: {"result": value} for key, value in result["result"].items()}
    answers.update(result["result_error"])
    return [answers[str(index)] for index in range(count)]


def without_times(value: Any) -> Any:
    if isinstance(value, list):
        return [without_times(part) for part in value]
    if isinstance(value, dict):
        names = value.keys() - {"time", "updated_at"}
        return {name: without_times(value[name]) for name in names}
    return value


@with_keys
def test_an_integer_names_the_key_of_its_decimal_text(method: str, server: Server) -> None:
    store = store_of(method)

    def outcome_of(value: Any, send: Any, *arguments: Any) -> Any:
        server.store({**STORED, "~": [value]}, store)
        return without_times(send(server, method, *arguments)), server.stored(store)

    for name, forms in OF_KEYS[method].items():
        for value, same in (SAME[form] for form in forms):
            expected = outcome_of(value, call, {name: value})
            assert outcome_of(value, call_in_batch, name, 1) == ([expected[0]], expected[1])
            for encoding in ENCODINGS:
                assert outcome_of(value, call, {name: same}, encoding) == expected


@with_keys
def test_what_is_neither_a_text_nor_an_integer_names_no_key(method: str, server: Server) -> None:
    store = store_of(method)
    for name, forms in OF_KEYS[method].items():
        wrong = [value for form in forms for value in WRONG[form]]
        if forms == {"one"}:
            wrong += [[], ["a"], [10]]
        stored = {**STORED, "~": wrong}
        server.store(stored, store)
        answers = [call(server, method, {name: value}) for value in wrong]
        answers += call_in_batch(server, method, name, len(wrong))
        for value, answer in zip(wrong * 2, answers, strict=True):
            assert answer["error"] == "ArgumentTypeException", value
            assert answer["error_description"].startswith(name)
        assert server.stored(store) == stored


@pytest.mark.parametrize("method", [method for method in METHODS if METHODS[method]])
def test_any_json_is_accepted_or_refused_with_the_name_of_the_parameter(
    method: str, server: Server
) -> None:
    enough = {key: ENOUGH[key] for key in ENOUGH.keys() & METHODS[method].keys()}
    for name in METHODS[method]:
        for value in VALUES:
            answer = call(server, method, {**enough, name: value})
            reason = answer.get("error_description", name)
            assert name in reason or answer["error"] == "ERROR_CONFLICT", value
