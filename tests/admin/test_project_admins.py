"""Every screen asks the project's admin classes what its reader may see, and links to that."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from oauth2_provider.models import get_access_token_model, get_application_model

from django_user_options.admin import AppUserOptionAdmin
from django_user_options.models import AppOption, AppUserOption, InboundWebhook, Overview
from tests.admin.screens import application_url, keep, owner_url, person_url, screen, url

pytestmark = pytest.mark.usefixtures("editable")
SHOWN = {
    AppUserOption: "key.of.user",
    AppOption: "key.of.application",
    InboundWebhook: "Title of webhook",
    get_access_token_model(): "basic scope-of-token",
}
ELSEWHERE = re.compile("log(in|out)|password_change|jsi18n")


@pytest.fixture
def text_of_pages(kept: Any, application: Any, user: Any, make_token: Any) -> Any:
    """Read all screens that show what is kept for an owner."""
    kept(AppUserOption, {"key.of.user": 1})
    kept(AppOption, {"key.of.application": 1})
    InboundWebhook.objects.issue(owner=user, application=application, title="Title of webhook")
    make_token(application, user, scope="basic scope-of-token")
    addresses = [owner_url(application, user), application_url(application)]
    addresses += [url(model, "changelist") for model in (AppUserOption, AppOption, InboundWebhook)]

    def text(page: Any) -> str:
        return "".join(page.get(address).text for address in addresses)

    return text


@pytest.mark.parametrize("model", [None, *SHOWN], ids=str)
def test_what_a_projects_admin_hides_is_shown_nowhere(
    page: Any, text_of_pages: Any, model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if model:
        registered, nothing = admin.site.get_model_admin(model), model.objects.none
        monkeypatch.setattr(registered, "get_queryset", lambda request: nothing())
    text = text_of_pages(page)
    assert {kind for kind, shown in SHOWN.items() if shown in text} == set(SHOWN) - {model}


@pytest.mark.parametrize(
    ("owner", "ours"),
    [(get_application_model, True), (get_user_model, True), (get_user_model, False)],
)
def test_an_owner_hidden_by_a_projects_admin_is_named_nowhere(
    page: Any,
    kept: Any,
    make_user: Any,
    make_application: Any,
    owner: Any,
    ours: bool,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Everybody is near this limit, which the overview says.
    settings.USER_OPTIONS = {"MAX_KEYS_PER_OWNER": 1}
    shown_user, hidden_user = make_user("shown-user"), make_user("hidden-user")
    shown, hidden = (make_application(name=f"{name}-notes") for name in ("shown", "hidden"))
    pairs = [(shown, shown_user), (shown, hidden_user), (hidden, shown_user)]
    for application, user in pairs:
        keep(AppUserOption, application, user, {"a": 1})
        keep(AppOption, application, user, {"a": 1})
        InboundWebhook.objects.issue(owner=user, application=application)
    InboundWebhook.objects.issue(owner=shown_user, title="without application")
    pages = [
        application_url(shown),
        *(url(model, "changelist") for model in (AppUserOption, AppOption, InboundWebhook)),
        url(AppUserOption, "changelist") + "?q=hidden-user",
        url(Overview, "changelist"),
        person_url(shown_user),
    ]
    if not ours:
        own = admin.ModelAdmin(AppUserOption, admin.site)
        monkeypatch.setitem(admin.site._registry, AppUserOption, own)
        pages[1:] = [url(Overview, "changelist")]
    name = {get_user_model: "hidden-user", get_application_model: "hidden-notes"}[owner]
    model = owner()
    registered = admin.site.get_model_admin(model)
    rest = model.objects.exclude(pk__in=[hidden.pk if model is type(hidden) else hidden_user.pk])
    monkeypatch.setattr(registered, "get_queryset", lambda request: rest)
    text = "".join(screen(page, address).text for address in pages)
    assert name not in text
    assert "shown-user" in text
    assert ("without application" in text) is ours


@pytest.mark.parametrize("owner", [get_application_model, get_user_model])
def test_an_owner_hidden_by_a_projects_admin_has_no_page(
    page: Any, application: Any, user: Any, owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = owner()
    registered = admin.site.get_model_admin(model)
    monkeypatch.setattr(registered, "get_queryset", lambda request: model.objects.none())
    assert page.get(owner_url(application, user)).status_code == 404
    name = "application" if isinstance(application, model) else "user"
    hidden = {"application": application, "user": user}[name]
    add = page.get(url(AppUserOption, "add"), {name: hidden.pk})
    assert f'value="{hidden.pk}" selected' not in add.text


@pytest.mark.usefixtures("text_of_pages")
@pytest.mark.parametrize("model", [AppOption, InboundWebhook])
def test_without_an_admin_of_the_model_djangos_permissions_decide(
    page: Any,
    page_of_staff: Any,
    application: Any,
    user: Any,
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
    assert not [it for it in answers if SHOWN[model] in it.text]


def test_another_admin_of_the_project_decides_about_deleting(
    page: Any, kept: Any, application: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    option = kept(AppOption, {"version": "2.4"}).get()
    delete = url(AppOption, "delete", option.pk)
    assert delete in screen(page, application_url(application)).links
    monkeypatch.setitem(admin.site._registry, AppOption, admin.ModelAdmin(AppOption, admin.site))
    assert delete in screen(page, application_url(application)).links
    monkeypatch.delitem(admin.site._registry, AppOption)
    assert delete not in screen(page, application_url(application)).links


def test_links_follow_the_permission_for_the_single_record(
    page: Any, kept: Any, application: Any, user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    option = kept(AppUserOption, {"a": 1}).get()

    def may_view(self: Any, request: Any, obj: Any = None) -> bool:
        return obj is None

    monkeypatch.setattr(AppUserOptionAdmin, "has_view_permission", may_view)
    seen = screen(page, owner_url(application, user))
    assert "a" in seen.rows[1]
    assert url(AppUserOption, "change", option.pk) not in seen.links


def _links(page: Any, address: str) -> set[str]:
    links = screen(page, address).links
    return {it for it in links if it.startswith("/admin/") and not ELSEWHERE.search(it)}


@pytest.mark.parametrize(
    "permissions",
    [
        ["view_appuseroption"],
        ["view_appoption"],
        ["view_appuseroption", "view_appoption", "view_inboundwebhook"],
        ["view_appuseroption", "view_application", "view_user"],
    ],
    ids=" ".join,
)
def test_every_link_can_be_followed_by_its_reader(
    page_of_staff: Any, kept: Any, application: Any, user: Any, permissions: list[str]
) -> None:
    kept(AppUserOption, {"theme": "dark"})
    kept(AppOption, {"version": 1})
    InboundWebhook.objects.issue(owner=user, application=application)
    page = page_of_staff(*permissions)
    pages = [application_url(application)]
    if "view_appuseroption" in permissions:
        pages += [owner_url(application, user), url(AppUserOption, "changelist")]
    links = {link for address in pages for link in _links(page, address)}
    assert len(links) > 3
    assert {link for link in links if page.get(link).status_code != 200} == set()
