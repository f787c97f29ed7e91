"""`app.info` names a language as the vendor does."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf.global_settings import LANGUAGES
from django.utils import translation

from django_user_options.rest.methods.system_methods import language_id

VENDOR = "en ru de la fr it pl br vn tr kz ua ar th sc tc ja id ms in"


def test_every_language_of_django_is_one_of_the_vendors() -> None:
    assert {language_id(code) for code, _name in LANGUAGES} <= set(VENDOR.split())


def test_languages_of_other_names_are_renamed() -> None:
    for code, name in (
        *(("en-us", "en"), ("ru", "ru"), ("uk", "ua"), ("pt-br", "br"), ("pt", "br")),
        *(("zh-hans", "sc"), ("zh-hant", "tc"), ("zh-Hant-HK", "tc"), ("zh_TW", "tc")),
        *(("es-ar", "la"), ("kk", "kz"), ("vi", "vn"), ("hi", "in"), ("sv", "en")),
    ):
        assert language_id(code) == name


@pytest.mark.parametrize(("active", "name"), [("pt-br", "br"), (None, "de")])
def test_app_info_names_the_language_of_the_call(
    active: str | None, name: str, call: Any, token: str, settings: Any
) -> None:
    settings.LANGUAGE_CODE = "de-at"
    settings.MIDDLEWARE = []
    with translation.override(active):
        assert call("app.info", token=token).json()["result"]["LANGUAGE_ID"] == name
