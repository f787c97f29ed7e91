"""What an operator does, with the mouse, by keyboard alone, and in a narrow window."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

import pytest

from django_user_options.models import AppOption, AppUserOption, InboundWebhook
from tests.admin.screens import application_url, keep, owner_url, url
from tests.hostile import TEXTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = "/admin/django_user_options/appuseroption/"
# Too long for one line, so that it is folded.
DRAFT = {"title": "Report", "paragraphs": ["Sales are up."] * 5}


@pytest.fixture
def rest(live_server: Any, token: str) -> Callable[..., Any]:
    """Call a method over the network, as an application does."""

    def rest(method: str, **parameters: Any) -> Any:
        request = Request(
            f"{live_server.url}/rest/{method}",
            data=json.dumps(parameters).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        with urlopen(request, timeout=60) as response:
            return json.load(response)["result"]

    return rest


def _press_until(page: Page, key: str, selector: str) -> None:
    """Press a key until it has moved the focus to an element."""
    reached, presses = False, 0
    while not reached:
        assert presses < 80, f"{key} does not reach {selector}"
        page.keyboard.press(key)
        reached = page.evaluate("it => document.activeElement.matches(it)", selector)
        presses += 1


def test_what_an_application_wrote_is_found_by_user_name_and_deleted(
    open_admin: Callable[..., Page], expect: Any, rest: Callable[..., Any]
) -> None:
    rest("user.option.set", options={"theme": "dark", "draft": DRAFT})
    page = open_admin()
    page.goto(LIST)
    page.fill("#searchbar", "ann")
    page.click("#changelist-search [type=submit]")
    expect(page.locator("#result_list tbody tr")).to_have_count(2)
    page.click("#result_list tbody tr:first-child .field-user_link .uo-pair")
    expect(page.locator("h1")).to_have_text("Options of ann")
    expect(page.locator(".uo-usage")).to_contain_text("2 of 1,000 keys")
    page.click(".uo-fold summary")
    expect(page.locator(".uo-fold pre")).to_contain_text('"title": "Report"')
    page.click("tr:has-text('theme') .deletelink")
    page.click("text=Yes, I’m sure")
    expect(page.locator(".messagelist")).to_contain_text("deleted successfully")
    assert rest("user.option.get") == {"draft": DRAFT}


def test_a_value_is_edited_and_read_back_as_typed(
    open_admin: Callable[..., Page], expect: Any, rest: Callable[..., Any]
) -> None:
    rest("user.option.set", options={"limits": [1e16, 12345678901234567890, -0.0]})
    page = open_admin()
    page.goto(LIST)
    page.click("#result_list .field-short_key a")
    editor = page.locator("#id_value")
    expect(editor).to_have_value("[\n  1e+16,\n  12345678901234567890,\n  -0.0\n]")
    editor.fill("[1e16, oops]")
    page.click("[name=_save]")
    expect(page.locator(".errorlist")).to_contain_text("This is not valid JSON (line 1, column 8)")
    expect(editor).to_have_value("[1e16, oops]")
    editor.fill("[1e16, 98765432109876543210, -0.0, null]")
    page.click("[name=_save]")
    expect(page.locator(".messagelist")).to_contain_text("changed successfully")
    answer = rest("user.option.get", option="limits")
    assert json.dumps(answer) == "[1e+16, 98765432109876543210, -0.0, null]"


# The toolkit's own admin of applications leaves their order open.
@pytest.mark.filterwarnings(
    "ignore:Pagination may yield:django.core.paginator.UnorderedObjectListWarning"
)
def test_applications_are_chosen_by_typing(
    open_admin: Callable[..., Page], expect: Any, make_application: Callable[..., Any], user: Any
) -> None:
    for name in ("Sales board", "Time tracker"):
        keep(AppUserOption, make_application(name=name), user, {f"of {name}": 1})
    page = open_admin()
    page.goto(LIST)
    page.click(".uo-filter .select2-selection >> nth=0")
    page.fill(".select2-search__field", "Time")
    page.click(".select2-results__option:has-text('Time tracker')")
    page.click(".uo-filter [type=submit] >> nth=0")
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    expect(page.locator(".field-short_key")).to_have_text("of Time tracker")
    expect(page.locator(".uo-filter >> nth=0")).to_contain_text("Time tracker")


def test_the_main_controls_are_reached_by_keyboard_alone(
    open_admin: Callable[..., Page], expect: Any, application: Any, user: Any
) -> None:
    keep(AppUserOption, application, user, {"theme": "dark", "draft": DRAFT})
    page = open_admin()
    page.goto(LIST)
    _press_until(page, "Tab", "#searchbar")
    page.keyboard.type("ann")
    page.keyboard.press("Enter")
    expect(page.locator("#result_list tbody tr")).to_have_count(2)
    for control in (".action-select", ".uo-filter .select2-selection"):
        page.goto(page.url)
        _press_until(page, "Tab", control)
    page.goto(page.url)
    _press_until(page, "Tab", ".field-user_link .uo-pair")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Options of ann")
    _press_until(page, "Tab", ".uo-fold summary")
    page.keyboard.press("Enter")
    expect(page.locator(".uo-fold pre")).to_be_visible()
    _press_until(page, "Tab", ".deletelink")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Delete")
    _press_until(page, "Tab", "#content [type=submit]")
    page.keyboard.press("Enter")
    expect(page.locator(".messagelist")).to_contain_text("deleted successfully")
    assert AppUserOption.objects.count() == 1


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_a_narrow_window_never_scrolls_sideways(
    open_admin: Callable[..., Page], application: Any, user: Any, colours: str
) -> None:
    texts = {"k" * 255: "v" * 5_000, "w" * 200: ["x" * 500], "short": 1, "n": 10**500}
    for model in (AppUserOption, AppOption):
        keep(model, application, user, texts)
    InboundWebhook.objects.issue(
        owner=user, application=application, title="t" * 200, scope="s" * 300
    )
    page = open_admin(viewport={"width": 390, "height": 800}, color_scheme=colours)
    option = AppUserOption.objects.first()
    assert option is not None
    for address in (
        LIST,
        url(AppOption, "changelist"),
        url(AppUserOption, "add"),
        url(AppUserOption, "change", option.pk),
        url(AppUserOption, "delete", option.pk),
        owner_url(application, user),
        application_url(application),
    ):
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(it => { it.open = true })")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, address


def test_no_stored_text_runs_as_a_script(
    open_admin: Callable[..., Page], expect: Any, application: Any, user: Any
) -> None:
    for model in (AppUserOption, AppOption):
        keep(model, application, user, {text: {text: [text]} for text in TEXTS})
    page = open_admin()
    for address in (
        f"{LIST}?all=",
        f"{url(AppOption, 'changelist')}?all=",
        owner_url(application, user),
        application_url(application),
    ):
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(it => { it.open = true })")
        expect(page.locator("#footer")).to_be_attached()
        assert page.evaluate("getComputedStyle(document.body).direction") == "ltr"
