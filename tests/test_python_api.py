"""Reading as a type, as JSON text, and from asynchronous code."""

from __future__ import annotations

import json
from typing import Any

import pytest
from asgiref.sync import async_to_sync

from django_user_options.fields import JSONText
from django_user_options.models import AppUserOption

pytestmark = pytest.mark.django_db

VALUES = {
    "null": None,
    "bool": True,
    "int": 1,
    "float": 1.5,
    "str": "dark",
    "list": [1],
    "dict": {"a": 1},
}


@pytest.mark.parametrize("kind", [bool, int, float, str, list, dict])
def test_a_value_of_another_type_counts_as_never_set(options: Any, kind: type) -> None:
    options.set_options(VALUES)
    default = object()
    fitting = {key for key in VALUES if options.get_option(key, default, of=kind) is not default}
    assert fitting == ({"int", "float"} if kind is float else {kind.__name__})
    assert options.get_option("unknown", default, of=kind) is default
    assert {key: options.get_option(key, default) for key in VALUES} == VALUES


EXACT = {"big": 10**30, "e": 1e16, "zero": -0.0, "": "", 'q"\\': "\u2028 é 😀", "none": None}


def test_json_text_says_what_the_mapping_says(options: Any, application: Any, user: Any) -> None:
    assert options.as_json() == "{}"
    given = {key or "empty": value for key, value in EXACT.items()}
    options.set_options(given)
    text = options.as_json()
    assert isinstance(text, JSONText)
    assert repr(json.loads(text)) == repr(options.as_mapping())
    assert json.loads(text) == given
    assert json.loads(options.filter(key="e").as_json()) == {"e": 1e16}
    owner = (application, user) if options.model is AppUserOption else (application,)
    narrow = options.model.objects.filter(key="big").for_owner(*owner)
    assert json.loads(narrow.as_json()) == {"big": 10**30}
    assert options.none().as_json() == "{}"


def test_each_method_has_an_asynchronous_twin(options: Any) -> None:
    async def use() -> tuple[Any, ...]:
        await options.aset_options({"a": 1, "b": "dark"}, cause="a test")
        read = await options.aas_mapping()
        typed = await options.aget_option("b", 0, of=int)
        value = await options.aget_option("b", 0)
        text = await options.aas_json()
        return read, text, typed, value, await options.adelete_options(["a"], cause="a test")

    expected = ({"a": 1, "b": "dark"}, '{"a":1,"b":"dark"}', 0, "dark", 1)
    assert async_to_sync(use)() == expected
    assert options.as_mapping() == {"b": "dark"}
