"""Pages link to what their reader may see, and to nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from django_user_options.models import AppOption, AppUserOption, InboundWebhook
from tests.admin.screens import application_url, keep, owner_url, screen, url

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

ELSEWHERE = re.compile("log(in|out)|password_change|jsi18n")


def _links(page: Client, address: str) -> set[str]:
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
    page_of_staff: Callable[..., Client], application: Any, user: Any, permissions: list[str]
) -> None:
    keep(AppUserOption, application, user, {"theme": "dark"})
    keep(AppOption, application, user, {"version": 1})
    InboundWebhook.objects.issue(owner=user, application=application)
    page = page_of_staff(*permissions)
    pages = [application_url(application)]
    if "view_appuseroption" in permissions:
        pages += [owner_url(application, user), url(AppUserOption, "changelist")]
    links = {link for address in pages for link in _links(page, address)}
    assert len(links) > 3
    assert {link for link in links if page.get(link).status_code != 200} == set()
