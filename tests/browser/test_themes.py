"""The admin under other themes: `uv pip install --group themes`, `python -m pytest -m themes`."""

from __future__ import annotations

import pytest

from tests.variants.runner import run_tests

THEMES = ["django", "jazzmin", "unfold", "grappelli", "admin_interface"]


@pytest.mark.themes
@pytest.mark.parametrize("theme", THEMES)
def test_the_pages_work_under_the_theme(theme: str) -> None:
    run_tests(
        "tests.browser.theme_settings",
        "--create-db",
        "tests/browser/facts_of_themes.py",
        THEME=theme,
    )
