"""What holds for every screen: who sees it, and that its cost does not grow with what is kept."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from django_user_options.models import AppOption, AppUserOption, InboundWebhook, Overview
from tests.admin.screens import (
    ADMIN,
    application_url,
    keep,
    owner_url,
    person_url,
    statements,
    url,
)

PERSON = "admin:django_user_options_overview_person"


@pytest.fixture
def fill(application: Any, user: Any, make_application: Any, make_user: Any) -> Any:
    """Keep something more for the owner, and for new owners."""

    def fill(number: int) -> None:
        pairs = (application, user), (application, make_user()), (make_application(), user)
        for pair in (*pairs, (make_application(), make_user())):
            keep(AppUserOption, *pair, {f"key{number}": 1, "theme": 1})
            keep(AppOption, *pair, {f"key{number}": 1})
            InboundWebhook.objects.issue(owner=pair[1], application=pair[0])

    return fill


@pytest.mark.database
def test_a_screen_takes_the_same_statements_for_any_number_of_rows(
    page: Any, fill: Any, application: Any, user: Any, settings: Any
) -> None:
    fill(0)
    option = AppUserOption.objects.get(application=application, user=user, key="theme")
    # Each takes two for the session and the user.
    taken = {
        # count, rows
        url(AppUserOption, "changelist"): 4,
        url(AppOption, "changelist"): 4,
        url(InboundWebhook, "changelist"): 4,
        # application, user, totals, count, options, webhooks, tokens
        owner_url(application, user): 9,
        # application; own: totals, count, rows; edge, users, keys, they, count, totals
        application_url(application): 12,
        # person; options, tokens, webhooks, applications; newest
        person_url(user): 8,
        # bounds, figures, fullest; applications, users; webhooks
        url(Overview, "changelist"): 11,
        url(AppUserOption, "delete", option.pk): 3,
        url(type(user), "delete", user.pk): None,
        url(type(application), "delete", application.pk): None,
    }

    def measured() -> dict[str, int]:
        # Everybody is near this limit, which the overview says.
        settings.USER_OPTIONS = {"ADMIN_EDITABLE": True, "MAX_KEYS_PER_OWNER": 1}
        return {address: len(statements(page, address)) for address in taken}

    few = measured()
    settings.USER_OPTIONS = {}
    for number in range(1, 9):
        fill(number)
    assert measured() == few
    assert few == {address: number or few[address] for address, number in taken.items()}


def test_a_screen_needs_the_matching_view_permission(
    page: Any, page_of_staff: Any, client: Any, fill: Any, application: Any, user: Any
) -> None:
    fill(0)
    options, own = AppUserOption.objects.first(), AppOption.objects.first()
    needed = {
        url(AppUserOption, "changelist"): "view_appuseroption",
        url(AppUserOption, "change", options.pk): "view_appuseroption",
        url(AppOption, "changelist"): "view_appoption",
        url(AppOption, "change", own.pk): "view_appoption",
        url(InboundWebhook, "changelist"): "view_inboundwebhook",
        owner_url(application, user): "view_appuseroption",
        url(Overview, "changelist"): "view_appuseroption",
        person_url(user): "view_appuseroption",
        person_url(user, "_export"): "view_appuseroption",
    }
    permissions = {"view_appuseroption", "view_appoption", "view_inboundwebhook"}
    for permission in permissions:
        some, others = page_of_staff(permission), page_of_staff(*permissions - {permission})
        for address, needs in needed.items():
            assert some.get(address).status_code == (200 if needs == permission else 403), address
            assert others.get(address).status_code == (403 if needs == permission else 200)
    for address in needed:
        assert client.get(address).url.startswith("/admin/login/")


@pytest.mark.parametrize("pk", ["0", "x", "_00", "9" * 25])
def test_an_owner_that_does_not_exist_has_no_screen(page: Any, pk: str) -> None:
    addresses = [
        reverse(f"{ADMIN}_owner", args=[pk, pk]),
        reverse(f"{ADMIN}_application", args=[pk]),
    ]
    addresses += [reverse(f"{PERSON}{view}", args=[pk]) for view in ("", "_export", "_erase")]
    assert {page.get(address).status_code for address in addresses} == {404}
