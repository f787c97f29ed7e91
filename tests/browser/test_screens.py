"""Each screen fits in its window, one line a row, in both languages, and is accessible."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import timezone

from django_user_options.models import AppOption, AppUserOption, InboundWebhook, Overview
from tests.admin.screens import application_url, keep, owner_url, person_url, url

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LONG = {
    "recently_used_documents_and_folders": ["name"] * 50,
    "theme": "dark",
    "n": 10**500,
    "k" * 255: "v" * 1_500,
}
# What sticks out of its box, unless the box says by an ellipsis that there is more, or scrolls.
OVERFLOWS = """[...document.querySelectorAll('#content *, main *')].filter(it => {
    const style = getComputedStyle(it)
    return it.clientWidth && it.scrollWidth > it.clientWidth + 1 && style.textOverflow != 'ellipsis'
        && !['auto', 'scroll'].includes(style.overflowX) && !it.closest('.uo-scroll, .results, svg')
}).map(it => it.outerHTML.slice(0, 80))"""
TALL = """[...document.querySelectorAll('#result_list tbody tr, .uo-page tbody tr')]
    .filter(it => it.offsetHeight > 44).map(it => it.innerText)"""
# The luminance of a color, as WCAG defines it, of a bar and of what is behind it.
LUMINANCES = """() => {
    const bar = document.querySelector('.uo-bar'), canvas = document.createElement('canvas')
    const context = canvas.getContext('2d')
    return [getComputedStyle(bar).fill, getComputedStyle(bar).backgroundColor].map(color => {
        context.fillStyle = color
        context.fillRect(0, 0, 1, 1)
        const [red, green, blue] = [...context.getImageData(0, 0, 1, 1).data].map(it =>
            it > 10 ? ((it / 255 + 0.055) / 1.055) ** 2.4 : it / 255 / 12.92)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue
    })
}"""

# Not what Django itself writes.
DJANGOS = (".select2", ".datetime", "#toolbar", "#changelist-filter-extra-actions")
OURS = {"include": [["main"]], "exclude": [[part] for part in DJANGOS]}


@pytest.fixture
def screens(application: Any, make_application: Any, make_user: Any, user: Any) -> list[str]:
    """The addresses of all screens, with names as long as in real life."""
    board = make_application(name="Планировщик задач")
    ivan = make_user("aleksandra.kuznetsova", first_name="Александра", last_name="Кузнецова")
    for owner in (application, board):
        keep(AppOption, owner, None, LONG)
        for person in (ivan, user):
            keep(AppUserOption, owner, person, LONG)
    left = make_user("left", is_active=False)
    longest = AppUserOption.objects.get(application=board, user=ivan, key="k" * 255)
    soon = timezone.now() + timedelta(days=9)
    for owner in (ivan, left):
        issue = InboundWebhook.objects.issue
        issue(owner=owner, application=board, title="Ночная выгрузка", expires_at=soon)
    return [
        url(Overview, "changelist"),
        f"{url(Overview, 'changelist')}?q=александра",
        person_url(ivan),
        person_url(ivan, "_erase"),
        owner_url(board, ivan),
        application_url(board),
        *(url(model, "changelist") for model in (AppUserOption, AppOption, InboundWebhook)),
        url(AppUserOption, "add"),
        *(url(AppUserOption, view, longest.pk) for view in ("change", "delete")),
        url(InboundWebhook, "add"),
        reverse("django_user_options_person:overview"),
    ]


@pytest.mark.parametrize(
    ("language", "width", "colors"),
    [("en", 1280, "light"), ("ru", 1280, "dark"), ("ru", 390, "light")],
)
def test_each_screen_fits_and_is_accessible(
    open_admin: Callable[..., Page],
    screens: list[str],
    settings: Any,
    subtests: Any,
    language: str,
    width: int,
    colors: str,
    axe: Any,
) -> None:
    settings.LANGUAGE_CODE = language
    page = open_admin(viewport={"width": width, "height": 900}, color_scheme=colors)
    for address in screens:
        with subtests.test(address):
            page.goto(address)
            _assert_fits_and_is_accessible(page, width, axe)
    with subtests.test("revoke"):
        _ask_to_revoke(page)
        _assert_fits_and_is_accessible(page, width, axe)


def _assert_fits_and_is_accessible(page: Page, width: int, axe: Any) -> None:
    assert width < 1280 or page.evaluate(TALL) == []
    page.evaluate("document.querySelectorAll('details').forEach(it => { it.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(OVERFLOWS) == []
    found = axe.run(page, OURS)
    assert [it["id"] for it in found.response["violations"]] == [], found.generate_report()


def _ask_to_revoke(page: Page) -> None:
    page.goto(url(InboundWebhook, "changelist"))
    page.check("#action-toggle")
    page.select_option("[name=action]", "revoke")
    page.click("[name=index]")


@pytest.mark.parametrize("colors", ["light", "dark"])
def test_a_bar_stands_out(open_admin: Callable[..., Page], screens: list[str], colors: str) -> None:
    page = open_admin(color_scheme=colors)
    page.goto(screens[0])
    dark, light = sorted(page.evaluate(LUMINANCES))
    assert (light + 0.05) / (dark + 0.05) >= 3


def test_a_person_is_exported_in_three_clicks_and_erased_in_four(
    open_admin: Callable[..., Page],
    expect: Any,
    application: Any,
    user: Any,
    call: Any,
    token: str,
) -> None:
    keep(AppUserOption, application, user, {"theme": "dark"})
    page = open_admin()
    page.goto("/admin/")
    page.click(".model-appuseroption th a")
    page.click(".field-user_link a")
    with page.expect_download() as download:
        page.click("text=Export")
    assert download.value.suggested_filename.endswith(".zip")
    page.click(".object-tools >> text=Erase")
    page.check("[name=also][value=tokens]")
    page.click("input[value=Erase]")
    expect(page.locator(".uo-receipt")).to_have_text(
        "Erased from all applications – options: 1, webhooks: 0, tokens: 1."
    )
    assert not AppUserOption.objects.exists()
    assert call("user.option.get", token=token).status_code == 401


def test_webhooks_are_revoked_after_a_second_look(
    open_admin: Callable[..., Page], expect: Any, application: Any, user: Any
) -> None:
    webhooks = InboundWebhook.objects
    for title in ("Nightly", "Hourly"):
        webhooks.issue(owner=user, application=application, title=title)
    page = open_admin()
    _ask_to_revoke(page)
    expect(page.locator(".uo-page tbody th")).to_have_text(["Hourly", "Nightly"])
    page.click("text=No, take me back")
    expect(page.locator("#result_list tbody tr")).to_have_count(2)
    assert webhooks.usable().count() == 2
    _ask_to_revoke(page)
    page.click("input[value=Revoke]")
    expect(page.locator(".messagelist")).to_contain_text("2 webhooks were revoked.")
    assert not webhooks.usable().exists()


def test_a_secret_is_copied_with_a_call_to_try(
    open_admin: Callable[..., Page], expect: Any, application: Any
) -> None:
    page = open_admin(permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{url(InboundWebhook, 'add')}?application={application.pk}")
    page.click("[name=_save]")
    page.click("[data-copy=webhook-curl]")
    copy = page.locator("[data-copy=webhook-curl]")
    # Green even under the mouse, and with a text that can be read.
    expect(copy).to_have_css("background-color", "rgb(221, 255, 221)")
    expect(copy).to_have_css("color", "rgb(51, 51, 51)")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("curl http://localhost:")
    assert copied.endswith("/user.option.set -d 'options[theme]=dark'")
