"""Settings of a project whose admin has another theme, which `THEME` names."""

from __future__ import annotations

import os

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS as OTHER_APPS

THEMES = {
    "django": [],
    "jazzmin": ["jazzmin"],
    "unfold": ["unfold"],
    "grappelli": ["grappelli"],
    "admin_interface": ["admin_interface", "colorfield"],
}
INSTALLED_APPS = [*THEMES[os.environ["THEME"]], *OTHER_APPS]
ROOT_URLCONF = "tests.browser.theme_urls"
# Pages that open others in frames are what django-admin-interface asks for.
X_FRAME_OPTIONS = "SAMEORIGIN"
SILENCED_SYSTEM_CHECKS = ["security.W019"]
JAZZMIN_SETTINGS = {"use_google_fonts_cdn": False}
