"""What holds under every theme of the admin; `test_themes.py` runs this module once under each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from django_user_options.models import AppOption, AppUserOption, InboundWebhook, Overview
from tests.admin.screens import (
    WEBHOOKS,
    Screen,
    application_url,
    keep,
    logged_in,
    owner_url,
    person_url,
    url,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.test import Client
    from playwright.sync_api import Page

# The toolkit's own admin of applications leaves their order open.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def page(administrator: Any, settings: Any) -> Client:
    settings.USER_OPTIONS = {"ADMIN_EDITABLE": True}
    return logged_in(administrator)


def _screens(page: Client, application: Any, user: Any) -> Iterator[tuple[str, Any]]:
    """Yield every page of this package's admin, whatever stands on it."""
    webhook, _ = InboundWebhook.objects.issue(owner=user, application=application)
    for model in (AppUserOption, AppOption):
        option = keep(model, application, user, {"theme": {"name": ["dark"] * 20}}).get()
        for view in ("change", "delete", "history"):
            yield view, page.get(url(model, view, option.pk))
        listed = url(model, "changelist")
        yield "add", page.get(url(model, "add"))
        chosen = {"application": application.pk, "type": "object", "q": "theme", "o": "1"}
        yield "list", page.get(listed, chosen)
        selection = {"action": "delete_selected", "_selected_action": option.pk}
        yield "confirmation", page.post(listed, selection)
    for view in ("change", "delete", "history"):
        yield view, page.get(url(InboundWebhook, view, webhook.pk))
    yield "list", page.get(WEBHOOKS, {"application": application.pk})
    yield "add", page.get(f"{WEBHOOKS}add/")
    owners = {"owner": user.pk, "application": application.pk}
    fields = {**owners, "scope": "basic", "expires_at_0": "", "expires_at_1": ""}
    yield "issued", page.post(f"{WEBHOOKS}add/", fields, follow=True)
    yield "owner", page.get(owner_url(application, user))
    yield "application", page.get(application_url(application))
    yield "overview", page.get(url(Overview, "changelist"), {"q": "ann"})
    for view in ("", "_erase"):
        yield f"person{view}", page.get(person_url(user, view))
    yield "erased", page.post(person_url(user, "_erase"))
    yield "user", page.get(url(type(user), "change", user.pk))
    yield "app", page.get("/admin/django_user_options/")


@pytest.mark.django_db
def test_no_form_stands_within_a_form(page: Client, application: Any, user: Any) -> None:
    for name, response in _screens(page, application, user):
        assert response.status_code == 200, name
        tags = [it if isinstance(it, str) else it[0] for it in Screen(response).elements]
        forms = [tag for tag in tags if tag in {"form", "/form"}]
        assert forms == ["form", "/form"] * (len(forms) // 2), name


@pytest.mark.django_db(transaction=True)
def test_a_search_is_typed_and_a_filter_chosen(
    open_admin: Callable[..., Page],
    expect: Any,
    make_application: Callable[..., Any],
    user: Any,
) -> None:
    for name in ("Sales board", "Time tracker"):
        application = make_application(name=name)
        keep(AppUserOption, application, user, {f"key of {name}": 1})
        InboundWebhook.objects.issue(owner=user, application=application, title=f"For {name}")
    page = open_admin()
    for address in (url(AppUserOption, "changelist"), WEBHOOKS):
        page.goto(address)
        expect(page.locator("#result_list tbody tr")).to_have_count(2)
        page.fill("input[name=q]", "ann")
        page.press("input[name=q]", "Enter")
        page.wait_for_url("**q=ann**")
        expect(page.locator("#result_list tbody tr")).to_have_count(2)
        page.evaluate(
            """id => {
                const select = document.getElementById('filter-application')
                select.append(new Option('chosen', id, true, true))
                document.querySelector('.uo-filter [type=submit]').click()
            }""",
            str(application.pk),
        )
        page.wait_for_url(f"**application={application.pk}**")
        expect(page.locator("#result_list tbody tr")).to_have_count(1)
        expect(page.locator("#result_list")).to_contain_text("Time tracker")
        assert page.input_value("input[name=q]") == "ann"
    page.goto(owner_url(application, user))
    expect(page.locator("h1", has_text=f"Options of {user}")).to_be_visible()
    cells = page.locator("#content-main table").first.locator("tbody tr").first
    boxes = [cell.bounding_box() for cell in cells.locator("th, td").all()]
    padding = cells.locator("td").first.evaluate("it => getComputedStyle(it).paddingLeft")
    assert padding == "8px"
    assert len(boxes) == 6
