"""Chromium, logged in to the admin of a server that runs beside the test."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright leaves an event loop in this thread, in which Django would refuse to work.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_admin(
    browser: Browser, live_server: Any, administrator: Any, settings: Any
) -> Iterator[Callable[..., Page]]:
    """Log in with a new window; what its pages complain about fails the test at its end."""
    settings.USER_OPTIONS = {"ADMIN_EDITABLE": True}
    complaints: list[str] = []
    contexts = []

    def open_admin(**options: Any) -> Page:
        options.setdefault("viewport", {"width": 1280, "height": 800})
        context = browser.new_context(base_url=live_server.url, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: _note_strangers(request.url, complaints))
        page.goto("/admin/login/")
        page.fill("#id_username", administrator.username)
        page.fill("#id_password", "pw")
        page.click("[type=submit]")
        return page

    def _note_strangers(address: str, complaints: list[str]) -> None:
        if not address.startswith((live_server.url, "data:")):
            complaints.append(f"request: {address}")

    yield open_admin
    for context in contexts:
        context.close()
    assert complaints == []
