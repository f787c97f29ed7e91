"""What the project says of its users, whatever fields they have, and of its language."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf.global_settings import LANGUAGES
from django.utils import translation

from django_user_options.rest.caller import Caller
from django_user_options.rest.methods import registry
from django_user_options.rest.methods.system_methods import language_id
from django_user_options.rest.methods.user_methods import iso_moment
from django_user_options.rest.parsers import Parameters

FIELDS = ("first_name", "last_name", "email", "last_login", "date_joined", "is_active")
VALUES = [
    *(None, "2026-01-02", "never", 5, lambda: "x", date(2026, 1, 2)),
    *(datetime(2026, 1, 2, 3, 4, tzinfo=zone) for zone in (UTC, None)),
]
VENDOR = "en ru de la fr it pl br vn tr kz ua ar th sc tc ja id ms in"


def answer(name: str, **fields: Any) -> Any:
    """Return what a method answers of a user who has these fields and no others."""
    user: Any = SimpleNamespace(
        pk=5, get_email_field_name=lambda: "email", **{"is_active": True, **fields}
    )
    caller = Caller(
        credential="access",
        credential_id=1,
        application=None,
        user=user,
        scopes=frozenset(),
        may_administrate=False,
    )
    parameters = Parameters.of_command({})
    request: Any = None
    return registry.get(name)(request=request, caller=caller, parameters=parameters).run()


@pytest.mark.parametrize("name", ["user.current", "profile"])
def test_no_field_is_taken_for_one_of_django(name: str) -> None:
    expected = {key: type(part) for key, part in answer(name).items()}
    for field, value in itertools.product(FIELDS, VALUES):
        found = answer(name, **{field: value})
        assert {key: type(part) for key, part in found.items()} == expected, (field, value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC), "2026-01-02T03:04:05+00:00"),
        (datetime(2026, 1, 2, 3, 4, 5), "2026-01-02T03:04:05+03:00"),  # noqa: DTZ001
        (date(2026, 1, 2), "2026-01-02T00:00:00+03:00"),
        ("2026-01-02", "2026-01-02T00:00:00+03:00"),
        ("2026-01-02 03:04:05+00:00", "2026-01-02T03:04:05+00:00"),
        ("2026-02-30 03:04:05", ""),
        ("never", ""),
        (5, ""),
    ],
    ids=lambda value: f"{type(value).__name__} {value}",
)
def test_moments_are_told_in_iso_8601_with_an_offset(
    value: object, text: str, settings: Any
) -> None:
    settings.TIME_ZONE = "Europe/Moscow"
    assert iso_moment(value) == text


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
