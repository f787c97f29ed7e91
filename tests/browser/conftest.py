"""Chromium, logged in to the admin of a server that runs beside the test."""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


@pytest.fixture(scope="session")
def playwright_api() -> Any:
    """Playwright, imported only where its tests run."""
    return importlib.import_module("playwright.sync_api")


@pytest.fixture(scope="session")
def axe() -> Any:
    """Looks for what keeps people from using a page, imported only where its tests run."""
    return importlib.import_module("axe_playwright_python.sync_playwright").Axe()


@pytest.fixture
def expect(playwright_api: Any) -> Any:
    playwright_api.expect.set_options(timeout=30_000)  # 5 are too few beside other jobs
    return playwright_api.expect


@pytest.fixture(scope="session")
def browser(playwright_api: Any) -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as patch, playwright_api.sync_playwright() as playwright:
        # Playwright leaves an event loop in this thread, in which Django would refuse to work.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        with playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS) as browser:
            yield browser


@pytest.fixture
def open_admin(
    browser: Browser, live_server: Any, administrator: Any, settings: Any
) -> Iterator[Callable[..., Page]]:
    """Log in with a new window; what its pages complain about fails the test at its end."""
    settings.USER_OPTIONS = {"ADMIN_EDITABLE": True}
    complaints: list[str] = []
    addresses: list[str] = []
    contexts = []

    def open_admin(**options: Any) -> Page:
        options.setdefault("viewport", {"width": 1280, "height": 800})
        context = browser.new_context(base_url=live_server.url, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: addresses.append(request.url))
        page.goto("/admin/login/")
        page.fill("[name=username]", administrator.username)
        page.fill("[name=password]", "pw")
        page.click("[type=submit]")
        return page

    yield open_admin
    for context in contexts:
        context.close()
    assert complaints == []
    own = (live_server.url, "data:")
    assert [address for address in addresses if not address.startswith(own)] == []
