"""Editing by permission: the editor's text, and the rules of the one door."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.utils.html import escape

from tests.admin.screens import url

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

pytestmark = pytest.mark.usefixtures("editable")

EXACT = [
    "null",
    '""',
    "{}",
    "[]",
    "0",
    "-0.0",
    "1e16",
    "10000000000000000",
    "123456789012345678901234567890",
    "0.1",
    "1e-7",
    "5e-324",
    "true",
    '"1"',
    '" spaces "',
    '"\\ud83c\\udfa8 \\u2028 </textarea>\\r\\n"',
    '{"b": [1, 1.0], "a": null}',
]
REFUSED = {
    "": "Type a JSON value",
    "  ": "Type a JSON value",
    "{": "This is no JSON: Expecting property name enclosed in double quotes (line 1, column 2).",
    '{\n  "a": x\n}': "This is no JSON: Expecting value (line 2, column 8).",
    "'a'": "This is no JSON",
    "1 2": "This is no JSON: Extra data (line 1, column 3).",
    "NaN": "finite numbers",
    "1e999": "The number 1e999 cannot be kept as it stands.",
    "1e-99999999999999999999": "This JSON has a number that is too large",
    "9" * 5000: "This JSON has a number that is too large",
    "[" * 100_000: "nested too deeply",
    "[" * 40 + "]" * 40: "may be nested at most 32 deep",
    "0.10000000000000000555": "The number 0.10000000000000000555 cannot be kept as it stands.",
    '{"a": 1, "\\u0061": 2}': 'The key "a" stands twice in one object.',
    '"\\ud800"': "without lone surrogates",
    '"\\u0000"': "Null characters are not allowed.",
    f'"{"x" * 70_000}"': "may have at most 65536 bytes as JSON",
}


@pytest.mark.parametrize("text", EXACT)
def test_an_added_value_is_the_one_that_was_typed(
    add: Callable[..., Any], model: Any, text: str
) -> None:
    assert add("key", text).status_code == 302
    option = model.objects.get()
    assert json.dumps(option.value) == json.dumps(json.loads(text))
    assert option.size == len(
        json.dumps(option.value, ensure_ascii=False, separators=(",", ":")).encode()
    )


@pytest.mark.parametrize("text", EXACT)
def test_a_changed_value_is_the_one_that_was_typed(
    change: Callable[..., Any], store: Callable[..., Any], text: str
) -> None:
    option = store("key", "before")
    assert change(option, text).status_code == 302
    created_at, pk = option.created_at, option.pk
    option = type(option).objects.get()
    assert json.dumps(option.value) == json.dumps(json.loads(text))
    assert (option.created_at, option.pk) == (created_at, pk)


@pytest.mark.parametrize("text", EXACT)
def test_saving_what_the_editor_shows_changes_nothing(
    page: Client, change: Callable[..., Any], store: Callable[..., Any], text: str
) -> None:
    option = store("key", json.loads(text))
    response = page.get(url(type(option), "change", option.pk))
    shown = response.context["adminform"].form["value"].value()
    assert f">\n{escape(shown)}</textarea>" in response.content.decode()
    assert change(option, shown.replace("\n", "\r\n")).status_code == 302
    after = type(option).objects.get()
    assert json.dumps(after.value) == json.dumps(option.value)
    assert after.updated_at == option.updated_at


@pytest.mark.parametrize(("text", "error"), REFUSED.items(), ids=lambda text: text[:12])
def test_what_may_not_be_stored_is_an_error_at_the_field(
    change: Callable[..., Any], store: Callable[..., Any], text: str, error: str
) -> None:
    option = store("key", "before")
    response = change(option, text)
    assert response.status_code == 200
    errors = response.context["adminform"].form.errors
    assert list(errors) == ["value"]
    assert error in errors["value"][0]
    assert response.context["adminform"].form["value"].value() == text
    option.refresh_from_db()
    assert option.value == "before"


@pytest.mark.parametrize("key", ["", "a\nb", "a\u0085", "k" * 256])
def test_what_may_not_be_a_key_is_an_error_at_the_field(
    add: Callable[..., Any], model: Any, key: str
) -> None:
    response = add(key, "1")
    assert response.status_code == 200
    assert list(response.context["adminform"].form.errors) == ["key"]
    assert not model.objects.exists()


def test_a_key_keeps_its_spaces(add: Callable[..., Any], model: Any) -> None:
    assert add(" theme ", "1").status_code == 302
    assert model.objects.get().key == " theme "


def test_adding_a_key_that_there_is_does_not_replace_it(
    add: Callable[..., Any], store: Callable[..., Any]
) -> None:
    option = store("key", "before")
    response = add("key", '"after"')
    assert response.status_code == 200
    assert "already exists" in response.content.decode()
    option.refresh_from_db()
    assert option.value == "before"


def test_the_limits_of_an_owner_are_errors_of_the_form(
    add: Callable[..., Any],
    change: Callable[..., Any],
    store: Callable[..., Any],
    model: Any,
    settings: Any,
) -> None:
    settings.USER_OPTIONS = {
        "ADMIN_EDITABLE": True,
        "MAX_KEYS_PER_OWNER": 1,
        "MAX_BYTES_PER_OWNER": 10,
    }
    option = store("key", "before")
    response = add("other", "1")
    assert "at most 1 keys may be kept" in response.content.decode()
    response = change(option, '"much too long"')
    assert "at most 10 bytes of values may be kept" in response.content.decode()
    option.refresh_from_db()
    assert option.value == "before"
    assert model.objects.count() == 1
