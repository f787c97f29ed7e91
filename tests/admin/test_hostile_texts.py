"""Whatever an application stores is text on every screen: it adds no element and no attribute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.admin.models import LogEntry

from django_user_options.models import AppOption, AppUserOption
from tests.admin.screens import Screen, application_url, keep, owner_url, url
from tests.hostile import TEXTS

if TYPE_CHECKING:
    from collections.abc import Iterator


pytestmark = pytest.mark.usefixtures("editable")

# With it every value is folded.
LONG = "x" * 60
# One text for each way out of where a page may put it.
WAYS_OUT = [
    "<svg/onload=alert(1)>",
    "\"><b onmouseover='alert(1)'>",
    "'><script>alert(1)</script>",
    "</textarea></title></pre></script><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]


def _screens_of_many(page: Any, application: Any, user: Any, keys: Any) -> Iterator[Screen]:
    """Yield every screen that shows many options, before and after they are deleted."""
    LogEntry.objects.all().delete()
    for model in (AppUserOption, AppOption):
        keep(model, application, user, {key: {key: [key, LONG]} for key in keys})
        yield Screen(page.get(url(model, "changelist"), {"all": ""}))
    yield Screen(page.get(owner_url(application, user)))
    yield Screen(page.get(application_url(application)))
    for model in (AppUserOption, AppOption):
        chosen = list(model.objects.values_list("pk", flat=True))
        fields = {"action": "delete_selected", "_selected_action": chosen}
        yield Screen(page.post(url(model, "changelist"), fields))
        page.post(url(model, "changelist"), {**fields, "post": "yes"})
    yield Screen(page.get("/admin/"))


def _screens_of_one(page: Any, application: Any, user: Any, text: str) -> Iterator[Screen]:
    """Yield every screen that shows one option."""
    option = keep(AppUserOption, application, user, {text: text}).get()
    for view in ("change", "delete", "history"):
        yield Screen(page.get(url(AppUserOption, view, option.pk)))
    broken = {"value": f"{text}{{"}
    yield Screen(page.post(url(AppUserOption, "change", option.pk), broken))
    yield Screen(page.get(url(AppUserOption, "changelist"), {"q": text}))
    deleted = page.post(url(AppUserOption, "delete", option.pk), {"post": "yes"}, follow=True)
    yield Screen(deleted)


def _assert_text_only(shown: Iterator[Screen], harmless: Iterator[Screen]) -> None:
    for screen, other in zip(list(shown), list(harmless), strict=True):
        assert screen.elements == other.elements
        for link in screen.addresses:
            assert link.startswith(("/", "?", "#", ".")), link


def test_hostile_keys_and_values_are_text_where_many_are_shown(
    page: Any, application: Any, user: Any
) -> None:
    # As long as the hostile ones, as long texts are cut.
    harmless = [f"{number:02}".ljust(len(text), "x") for number, text in enumerate(TEXTS)]
    _assert_text_only(
        _screens_of_many(page, application, user, TEXTS),
        _screens_of_many(page, application, user, harmless),
    )


@pytest.mark.parametrize("text", WAYS_OUT)
def test_hostile_keys_and_values_are_text_where_one_is_shown(
    page: Any, application: Any, user: Any, text: str
) -> None:
    # As long as the hostile one, as long texts are folded.
    _assert_text_only(
        _screens_of_one(page, application, user, text),
        _screens_of_one(page, application, user, "x" * len(text)),
    )
