"""The admin speaks the language of the reader, in what it refuses and in what it logs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.admin.models import LogEntry

from django_user_options.models import AppUserOption, InboundWebhook
from tests.admin.screens import errors, url

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.usefixtures("editable")


@pytest.fixture
def model() -> Any:
    return AppUserOption


# One for each of the messages, and for each rule of the package behind them.
REFUSED = [
    "",
    "{",
    "1e999",
    "[" * 40 + "]" * 40,
    '"\\ud800"',
]
NO_WORDS = re.compile('JSON|NaN|NUL|options|option|key|1e999|"a"|""')
LATIN = re.compile("[A-Za-z]")


@pytest.fixture
def russian(settings: Any) -> None:
    settings.LANGUAGE_CODE = "ru"


@pytest.mark.usefixtures("russian")
@pytest.mark.parametrize("value", REFUSED, ids=[ascii(value[:12]) for value in REFUSED])
def test_a_refused_value_is_explained_in_russian(add: Any, value: str) -> None:
    (refusal,) = errors(add("key", value))["value"]
    assert len(refusal) > 20
    assert not LATIN.search(NO_WORDS.sub("", refusal))


@pytest.mark.usefixtures("russian")
def test_a_refused_key_is_explained_in_russian(add: Any) -> None:
    (refusal,) = errors(add("\x85", "1"))["key"]
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
