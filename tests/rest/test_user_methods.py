"""`user.current` and `profile` whatever the fields of the project's user model are."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from django_user_options.rest.caller import Caller
from django_user_options.rest.methods import registry
from django_user_options.rest.methods.user_methods import UserMethod, iso_moment
from django_user_options.rest.parsers import Parameters

FIELDS = (
    "first_name", "last_name", "email", "last_login", "date_joined", "is_active", "is_superuser",
)  # fmt: skip
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
METHODS = [method.name for method in registry if issubclass(method, UserMethod)]


class Recorder(SimpleNamespace):
    """A user who notes which fields a method reads by name."""

    def __init__(self, **fields: Any) -> None:
        self.read: set[str] = set()
        super().__init__(**fields)

    def __getattr__(self, name: str) -> Any:
        self.read.add(name)
        raise AttributeError(name)


def answer(name: str, user: Any = None, **fields: Any) -> Any:
    """Return what a method answers of a user who has these fields and no others."""
    sure = {"pk": 5, "get_email_field_name": lambda: "email", "is_active": True}
    user = user or SimpleNamespace()
    user.__dict__.update(sure | fields)
    caller = Caller(
        credential="access",
        credential_id=1,
        application=None,
        user=user,
        scopes=frozenset(),
        may_administrate=True,
    )
    parameters = Parameters({}, {})
    request: Any = None
    return registry.get(name)(request=request, caller=caller, parameters=parameters).run()


def types_of(found: Any) -> Any:
    if isinstance(found, dict):
        return {key: type(part) for key, part in found.items()}
    return type(found)


def test_every_field_that_a_method_reads_is_tried() -> None:
    user = Recorder()
    for name in METHODS:
        answer(name, user)
    # Every user model of Django has `is_active`.
    assert {*FIELDS} == user.read | {"is_active"}


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("kind", VALUES)
def test_fields_of_unusual_types_are_answered_with_the_usual_types(name: str, kind: str) -> None:
    for field in FIELDS:
        assert types_of(answer(name, **{field: VALUES[kind]})) == types_of(answer(name))


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
def test_times_are_iso_8601_with_an_offset(value: object, text: str, settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Moscow"
    assert iso_moment(value) == text
