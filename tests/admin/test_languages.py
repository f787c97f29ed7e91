"""The admin speaks the language of the reader, in what it refuses and in what it logs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.admin.models import LogEntry

from django_user_options.models import InboundWebhook
from tests.admin.screens import url

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

pytestmark = pytest.mark.usefixtures("editable")

NO_JSON = ["", "{", '{"a"', '{"a":1,}', '{"a" 1}', "x", "[1,]", "[1 2]", "1 2"]
NO_STRINGS = ['"a', '"\t"', r'"\q"', r'"\u12"']
NOT_KEPT = ["NaN", "1e999", '{"a": 1, "a": 2}', "9" * 5000, "[" * 40 + "]" * 40, '"\\ud800"']
NO_WORDS = re.compile(r"JSON|NaN|NUL|options|option|key|\\uXXXX|1e999|\"a\"|&quot;a&quot;")
LATIN = re.compile("[A-Za-z]")


@pytest.fixture
def russian(settings: Any) -> None:
    settings.LANGUAGE_CODE = "ru"


@pytest.mark.usefixtures("russian")
@pytest.mark.parametrize("value", [*NO_JSON, *NO_STRINGS, *NOT_KEPT])
def test_a_refused_value_is_explained_in_russian(
    add: Callable[..., Any], model: Any, value: str
) -> None:
    answer = add("key", value)
    assert answer.status_code == 200
    (refusal,) = answer.context["adminform"].form.errors["value"]
    assert len(refusal) > 20
    assert not LATIN.search(NO_WORDS.sub("", refusal))
    assert not model.objects.exists()


@pytest.mark.usefixtures("russian")
def test_a_refused_key_is_explained_in_russian(add: Callable[..., Any], model: Any) -> None:
    (refusal,) = add("\x85", "1").context["adminform"].form.errors["key"]
    assert refusal == (
        "option: ключ должен быть строкой без управляющих символов и одиночных суррогатов"
    )


def test_the_history_of_a_webhook_is_in_russian(
    page: Client, webhook: InboundWebhook, settings: Any
) -> None:
    change = {"title": "New", "allow_admin": "on", "expires_at_0": "2030-01-01"}
    page.post(url(InboundWebhook, "change", webhook.pk), {**change, "expires_at_1": "00:00"})
    settings.LANGUAGE_CODE = "ru"
    assert LogEntry.objects.get().get_change_message() == (
        "Изменено Название, Права администратора и Действует до."
    )
