"""What `check` says about django-cors-headers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.checks.messages import ids

CORS = "corsheaders.middleware.CorsMiddleware"
SECURITY = "django.middleware.security.SecurityMiddleware"


@pytest.mark.parametrize(
    ("first", "found"),
    [
        ([CORS, SECURITY], []),
        ([SECURITY, CORS], []),
        ([SECURITY], ["W020"]),
        (["django.middleware.locale.LocaleMiddleware", CORS], ["W020"]),
    ],
)
def test_w020_other_middleware_answers_before(
    settings: Any, first: list[str], found: list[str]
) -> None:
    rest = [name for name in settings.MIDDLEWARE if name not in (CORS, SECURITY)]
    settings.MIDDLEWARE = [*first, *rest]
    assert ids() == found


def test_w021_headers_that_clients_cannot_read_and_cookies(settings: Any) -> None:
    settings.CORS_EXPOSE_HEADERS = ["retry-after", "X-Total"]
    assert ids() == []
    settings.CORS_ALLOW_CREDENTIALS = True
    assert ids() == ["W021"]
    settings.CORS_ALLOW_CREDENTIALS = False
    del settings.CORS_EXPOSE_HEADERS
    assert ids() == ["W021"]


def test_without_cors_headers_there_is_nothing_to_check(settings: Any) -> None:
    settings.INSTALLED_APPS = [name for name in settings.INSTALLED_APPS if name != "corsheaders"]
    del settings.CORS_EXPOSE_HEADERS
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != CORS]
    assert ids() == []
