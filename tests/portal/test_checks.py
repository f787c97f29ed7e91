"""What `check` says about a project with the portal."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest
from django.urls import include, path

from tests import urls
from tests.checks.messages import ids

# Django's own checks ask the database what it supports.
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("rest", "portal", "found"),
    [
        ("rest/", "", []),
        ("api/", "", ["E021"]),
        ("rest/", "apps/", ["E020"]),
        (None, None, ["E020", "E021"]),
    ],
)
def test_e020_and_e021_applications_call_other_addresses(
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    rest: str | None,
    portal: str | None,
    found: list[str],
) -> None:
    own: Any = ModuleType("own_urls")
    own.urlpatterns = [*urls.urlpatterns[:2]]
    for prefix, module in ((rest, "rest"), (portal, "portal")):
        if prefix is not None:
            own.urlpatterns.append(path(prefix, include(f"django_user_options.{module}.urls")))
    monkeypatch.setitem(sys.modules, own.__name__, own)
    settings.ROOT_URLCONF = own.__name__
    assert ids() == found
