"""Whatever an application stores is text on every screen: it adds no element and no attribute."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.admin.models import LogEntry

from django_user_options.models import AppOption, AppUserOption
from tests.admin.screens import application_url, keep, owner_url, url
from tests.hostile import TEXTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client


class Skeleton(HTMLParser):
    """The elements of a page, each with the names of its attributes, its links, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Any] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, [name for name, _ in attrs]))
        self.links += [value or "" for name, value in attrs if name in {"href", "src", "action"}]

    def handle_endtag(self, tag: str) -> None:
        self.elements.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        self.text += data


def _screens_of_many(page: Client, application: Any, user: Any, keys: Any) -> Iterator[str]:
    """Yield every screen that shows many options, before and after they are deleted."""
    LogEntry.objects.all().delete()
    for model in (AppUserOption, AppOption):
        keep(model, application, user, {key: {key: [key]} for key in keys})
        yield page.get(url(model, "changelist"), {"all": ""}).content.decode()
    yield page.get(owner_url(application, user)).content.decode()
    yield page.get(application_url(application)).content.decode()
    for model in (AppUserOption, AppOption):
        chosen = list(model.objects.values_list("pk", flat=True))
        fields = {"action": "delete_selected", "_selected_action": chosen}
        yield page.post(url(model, "changelist"), fields).content.decode()
        page.post(url(model, "changelist"), {**fields, "post": "yes"})
    yield page.get("/admin/").content.decode()


def _screens_of_one(page: Client, application: Any, user: Any, text: str) -> Iterator[str]:
    """Yield every screen that shows one option."""
    option = keep(AppUserOption, application, user, {text: text}).get()
    for view in ("change", "delete", "history"):
        yield page.get(url(AppUserOption, view, option.pk)).content.decode()
    broken = {"value": f"{text}{{"}
    yield page.post(url(AppUserOption, "change", option.pk), broken).content.decode()
    yield page.get(url(AppUserOption, "changelist"), {"q": text}).content.decode()
    deleted = page.post(url(AppUserOption, "delete", option.pk), {"post": "yes"}, follow=True)
    yield deleted.content.decode()


def _assert_text_only(shown: list[str], harmless: list[str]) -> None:
    for screen, other in zip(map(Skeleton, shown), map(Skeleton, harmless), strict=True):
        assert screen.elements == other.elements
        for link in screen.links:
            assert link.startswith(("/", "?", "#", ".")), link


def test_the_table_has_fifty_texts() -> None:
    assert len(set(TEXTS)) >= 50


@pytest.mark.usefixtures("editable")
def test_hostile_keys_and_values_are_text_where_many_are_shown(
    page: Client, application: Any, user: Any
) -> None:
    harmless = [f"{number:02}" for number in range(len(TEXTS))]
    _assert_text_only(
        list(_screens_of_many(page, application, user, TEXTS)),
        list(_screens_of_many(page, application, user, harmless)),
    )


@pytest.mark.usefixtures("editable")
@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text[:24]))
def test_hostile_keys_and_values_are_text_where_one_is_shown(
    page: Client, application: Any, user: Any, text: str
) -> None:
    # As long as the hostile one, as long texts are folded.
    harmless = "x" * len(text)
    _assert_text_only(
        list(_screens_of_one(page, application, user, text)),
        list(_screens_of_one(page, application, user, harmless)),
    )
