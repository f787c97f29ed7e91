"""Every screen asks the admin classes of the project what its staff may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from oauth2_provider.models import get_access_token_model, get_application_model

from django_user_options.admin import AppUserOptionAdmin
from django_user_options.models import AppOption, AppUserOption, InboundWebhook
from tests.admin.screens import application_url, keep, owner_url, screen, url

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

pytestmark = pytest.mark.usefixtures("editable")
SHOWN = {
    AppUserOption: "key.of.user",
    AppOption: "key.of.application",
    InboundWebhook: "Title of webhook",
    get_access_token_model(): "basic scope-of-token",
}


@pytest.fixture
def pages(
    application: Any, user: Any, make_token: Callable[..., str]
) -> tuple[Callable[[Client], str], list[str]]:
    """Read all screens that show what is kept for an owner, and their addresses."""
    keep(AppUserOption, application, user, {"key.of.user": 1})
    keep(AppOption, application, user, {"key.of.application": 1})
    InboundWebhook.objects.issue(owner=user, application=application, title="Title of webhook")
    make_token(application, user, scope="basic scope-of-token")
    addresses = [owner_url(application, user), application_url(application)]
    addresses += [url(model, "changelist") for model in (AppUserOption, AppOption, InboundWebhook)]

    def text(page: Client) -> str:
        answers = [page.get(address) for address in addresses]
        return "".join(it.content.decode() for it in answers if it.status_code == 200)

    return text, addresses


@pytest.mark.parametrize("model", SHOWN, ids=lambda model: model.__name__)
@pytest.mark.parametrize("hides", ["rows", "all"])
def test_what_a_projects_admin_hides_is_shown_nowhere(
    page: Client, pages: Any, model: Any, hides: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, _ = pages
    assert all(shown in text(page) for shown in SHOWN.values())
    registered = admin.site.get_model_admin(model)
    if hides == "rows":
        nothing = model._default_manager.none
        monkeypatch.setattr(registered, "get_queryset", lambda request: nothing())
    else:
        for action in ("view", "change"):
            name = f"has_{action}_permission"
            monkeypatch.setattr(registered, name, lambda request, obj=None: False)
    remaining = text(page)
    # Without the permission to view options for users, their owner has no page at all.
    unreachable = {get_access_token_model()} if (model, hides) == (AppUserOption, "all") else set()
    assert {kind for kind, shown in SHOWN.items() if shown in remaining} == (
        set(SHOWN) - {model} - unreachable
    )


@pytest.mark.parametrize("owner", [get_application_model, get_user_model])
def test_an_owner_whom_a_projects_admin_hides_has_no_page(
    page: Client, application: Any, user: Any, owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = owner()
    registered = admin.site.get_model_admin(model)
    monkeypatch.setattr(registered, "get_queryset", lambda request: model.objects.none())
    assert page.get(owner_url(application, user)).status_code == 404
    name = "application" if isinstance(application, model) else "user"
    hidden = {"application": application, "user": user}[name]
    add = page.get(url(AppUserOption, "add"), {name: hidden.pk})
    assert f'value="{hidden.pk}" selected' not in add.content.decode()


@pytest.mark.parametrize("model", SHOWN, ids=lambda model: model.__name__)
def test_without_an_admin_of_the_model_djangos_permissions_decide(
    page: Client,
    page_of_staff: Callable[..., Client],
    application: Any,
    user: Any,
    pages: Any,
    model: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    addresses = [owner_url(application, user), application_url(application)]
    everything = {"appuseroption", "appoption", "inboundwebhook", "accesstoken"}
    others = everything - {model._meta.model_name}
    monkeypatch.delitem(admin.site._registry, model)
    text = "".join(screen(page, address).text for address in addresses)
    assert SHOWN[model] in text
    staff = page_of_staff(*(f"view_{name}" for name in others))
    answers = [staff.get(address) for address in addresses]
    assert not [it for it in answers if SHOWN[model] in it.content.decode()]


def test_another_admin_of_the_project_decides_about_deleting(
    page: Client, application: Any, user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    option = keep(AppOption, application, user, {"version": "2.4"}).get()
    delete = url(AppOption, "delete", option.pk)
    assert delete in screen(page, application_url(application)).links
    monkeypatch.setitem(admin.site._registry, AppOption, admin.ModelAdmin(AppOption, admin.site))
    assert delete in screen(page, application_url(application)).links
    monkeypatch.delitem(admin.site._registry, AppOption)
    assert delete not in screen(page, application_url(application)).links


def test_links_follow_the_permission_for_the_single_record(
    page: Client, application: Any, user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    option = keep(AppUserOption, application, user, {"a": 1}).get()

    def may_view(self: Any, request: Any, obj: Any = None) -> bool:
        return obj is None

    monkeypatch.setattr(AppUserOptionAdmin, "has_view_permission", may_view)
    seen = screen(page, owner_url(application, user))
    assert "a" in seen.rows[1]
    assert url(AppUserOption, "change", option.pk) not in seen.links
