"""What an operator does, with the mouse and by keyboard alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

import pytest

from django_user_options.models import AppUserOption
from tests.admin.screens import keep

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


def test_what_an_application_wrote_is_found_and_deleted_by_keyboard_alone(
    open_admin: Callable[..., Page], expect: Any, rest: Callable[..., Any]
) -> None:
    rest("user.option.set", options={"theme": "dark", "draft": DRAFT})
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
    expect(page.locator(".uo-usage")).to_contain_text("2 of 1,000 keys")
    _press_until(page, "Tab", ".uo-fold summary")
    page.keyboard.press("Enter")
    expect(page.locator(".uo-fold pre")).to_be_visible()
    _press_until(page, "Tab", ".deletelink")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Delete")
    _press_until(page, "Tab", "#content [type=submit]")
    page.keyboard.press("Enter")
    expect(page.locator(".messagelist")).to_contain_text("deleted successfully")
    assert rest("user.option.get") == {"theme": "dark"}
