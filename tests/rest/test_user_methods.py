"""`user.current` and `profile` whatever the fields of the project's user model are."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from django_user_options.rest.caller import Caller
from django_user_options.rest.methods import registry
from django_user_options.rest.methods.user_methods import iso_moment
from django_user_options.rest.parsers import Parameters

FIELDS = ("first_name", "last_name", "email", "last_login", "date_joined", "is_active")
VALUES = {
    "nothing": None,
    "a moment": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    "a moment without a zone": datetime(2026, 1, 2, 3, 4, 5),  # noqa: DTZ001
    "a date": date(2026, 1, 2),
    "a text": "2026-01-02",
    "another text": "never",
    "a number": 5,
    "a method": lambda: "x",
}


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
    parameters = Parameters({}, {})
    request: Any = None
    return registry.get(name)(request=request, caller=caller, parameters=parameters).run()


@pytest.mark.parametrize("name", ["user.current", "profile"])
@pytest.mark.parametrize("kind", VALUES)
def test_no_field_is_taken_for_one_of_django(name: str, kind: str) -> None:
    expected = {key: type(part) for key, part in answer(name).items()}
    for field in FIELDS:
        found = answer(name, **{field: VALUES[kind]})
        assert {key: type(part) for key, part in found.items()} == expected


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
