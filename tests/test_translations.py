"""Whatever people read is there in Russian."""

from __future__ import annotations

import re
from pathlib import Path

import django_user_options

CATALOGUE = Path(django_user_options.__file__).parent / "locale/ru/LC_MESSAGES/django.po"
_MISSING = re.compile(r'^msgstr(\[\d\])? ""\n(?!")', re.MULTILINE)


def test_every_text_of_the_catalogue_is_translated() -> None:
    catalogue = f"{CATALOGUE.read_text(encoding='utf-8')}\n"
    assert catalogue.count("msgid ") > 150
    assert "fuzzy" not in catalogue
    assert _MISSING.findall(catalogue) == []
