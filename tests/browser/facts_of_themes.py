"""What holds under every theme of the admin; `test_themes.py` runs this module once under each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.urls import reverse

from django_user_options.models import AppOption, AppUserOption, InboundWebhook, Overview
from django_user_options.portal.models import ApplicationPage, ApplicationVisit
from tests.admin.screens import (
    WEBHOOKS,
    Screen,
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

OURS = ("django_user_options", "user_options_portal")
# A redirect, unless a webhook was just issued; a file; and what nobody may do.
NO_PAGES = (
    "django_user_options_inboundwebhook_issued",
    "django_user_options_overview_person_export",
    "user_options_portal_applicationvisit_add",
)
# The toolkit's own admin of applications leaves their order open.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def page(administrator: Any, settings: Any) -> Client:
    settings.USER_OPTIONS = {"ADMIN_EDITABLE": True}
    return logged_in(administrator)


def _addresses(application: Any, user: Any) -> Iterator[tuple[str, str]]:
    """Yield the name and the address of every page of this package's admins."""
    visit = ApplicationVisit.objects.create(application=application, user=user)
    kept = {
        ApplicationPage: ApplicationPage.objects.create(application=application),
        ApplicationVisit: visit,
        InboundWebhook: InboundWebhook.objects.issue(owner=user, application=application)[0],
    }
    for model in (AppUserOption, AppOption):
        kept[model] = keep(model, application, user, {"theme": {"name": ["dark"] * 20}}).get()
    pks = {"application": application.pk, "user": quote(str(user.pk))}
    for model, own in admin.site._registry.items():
        if model._meta.app_label in OURS:
            named = [pattern for pattern in own.get_urls() if pattern.name]
            for pattern in named:
                names = pattern.pattern.converters
                given = {name: pks.get(name) or kept[model].pk for name in names}
                yield pattern.name, reverse(f"admin:{pattern.name}", kwargs=given)


def _screens(page: Client, application: Any, user: Any) -> Iterator[tuple[str, Any]]:
    """Yield every page of this package's admin."""
    pages = dict(_addresses(application, user))
    for name, address in pages.items():
        if name not in NO_PAGES:
            yield name, page.get(address)
    for model in (AppUserOption, AppOption):
        listed = url(model, "changelist")
        chosen = {"application": application.pk, "type": "object", "q": "theme", "o": "1"}
        yield "list", page.get(listed, chosen)
        selection = {"action": "delete_selected", "_selected_action": model.objects.get().pk}
        yield "confirmation", page.post(listed, selection)
    yield "list", page.get(WEBHOOKS, {"application": application.pk})
    selection = {"action": "revoke", "_selected_action": InboundWebhook.objects.get().pk}
    yield "revoke", page.post(WEBHOOKS, selection)
    owners = {"owner": user.pk, "application": application.pk}
    fields = {**owners, "scope": "basic", "expires_at_0": "", "expires_at_1": ""}
    yield "issued", page.post(f"{WEBHOOKS}add/", fields, follow=True)
    yield "overview", page.get(url(Overview, "changelist"), {"q": "ann"})
    yield "erased", page.post(person_url(user, "_erase"))
    yield "user", page.get(url(type(user), "change", user.pk))
    yield "app", page.get("/admin/django_user_options/")


@pytest.mark.django_db
def test_no_form_is_nested_in_a_form(page: Client, application: Any, user: Any) -> None:
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
