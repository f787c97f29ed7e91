"""What people read is translated into Russian; what programs read stays English."""

from __future__ import annotations

import gettext
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command

import django_user_options

if TYPE_CHECKING:
    from collections.abc import Callable

PACKAGE = Path(django_user_options.__file__).parent
CATALOG = Path("locale/ru/LC_MESSAGES/django.po")
# A text without a translation, one whose translation is a guess, and one that is gone.
_INCOMPLETE = re.compile(r'^msgstr(\[\d\])? ""\n(?!")|fuzzy|^#~', re.MULTILINE)


def test_every_text_of_the_catalog_is_translated() -> None:
    assert _texts((PACKAGE / CATALOG).with_suffix(".mo"))
    _assert_complete(PACKAGE / CATALOG)


@pytest.mark.gettext
def test_the_catalog_holds_exactly_the_texts_of_the_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(PACKAGE, tmp_path, dirs_exist_ok=True)
    compiled = (tmp_path / CATALOG).with_suffix(".mo")
    committed = _texts(compiled)
    compiled.unlink()
    monkeypatch.chdir(tmp_path)
    call_command("makemessages", locale=["ru"], verbosity=0)
    _assert_complete(tmp_path / CATALOG)
    call_command("compilemessages", locale=["ru"], verbosity=0)
    assert _texts(compiled) == committed


def _assert_complete(catalog: Path) -> None:
    text = f"{catalog.read_text(encoding='utf-8')}\n"
    assert [found.group() for found in _INCOMPLETE.finditer(text)] == []


def _texts(compiled: Path) -> dict[Any, str]:
    with compiled.open("rb") as file:
        texts = vars(gettext.GNUTranslations(file))["_catalog"]
    return {text: translated for text, translated in texts.items() if text}


def test_errors_are_english_in_a_russian_project(
    call: Callable[..., Any], token: str, settings: Any
) -> None:
    settings.LANGUAGE_CODE = "ru"
    answer = call("user.option.set", {"options": {"": 1}}, token=token)
    assert answer.status_code == 400
    assert answer.json()["error_description"].isascii()
