"""Exports are exact, take constant memory, and are harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from django_user_options.exports import ExportedOption, as_csv, as_json_lines, export_options
from django_user_options.imports import import_options
from django_user_options.keyset import PAGE_SIZE
from django_user_options.models import AppOption, AppUserOption
from django_user_options.owners import options_of
from tests.hostile import CONTROLS, FORMULAS, TEXTS
from tests.races import once_before
from tests.test_fields import JSON_VALUES, KEYS, VALUES

pytestmark = pytest.mark.django_db
TIME = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)


def exported(**scope: Any) -> list[ExportedOption]:
    return list(chain.from_iterable(map(export_options, options_of(**scope))))


def lines(**scope: Any) -> list[bytes]:
    return [line.encode() for line in as_json_lines(exported(**scope))]


def cells(*options: ExportedOption) -> list[list[str]]:
    """The rows as a spreadsheet reads them, without the heading."""
    text = "".join(as_csv(options))
    assert text[0] == "\ufeff"
    heading, *rows = csv.reader(io.StringIO(text[1:], newline=""))
    assert heading == ["application", "user", "key", "value", "created_at", "updated_at"]
    return rows


def option(**fields: Any) -> ExportedOption:
    given = {"application": "notes", "user": "ann", "key": "k", "value": "1", **fields}
    return ExportedOption(**given, created_at=TIME, updated_at=TIME)


@pytest.fixture
def stored(make_application: Any, make_user: Any) -> None:
    """Options of two applications, for two users and for themselves."""
    ann, bob = make_user("ann"), make_user("bob")
    for client_id in ("one", "two"):
        application = make_application(client_id=client_id)
        AppOption.objects.for_owner(application).set_options({"own": client_id})
        AppUserOption.objects.for_owner(application, ann).set_options({"b": 1, "a": 2})
    AppUserOption.objects.for_owner(application, bob).set_options({"c": 3})


def owners(**scope: Any) -> list[tuple[str, str | None, str]]:
    return [one[:3] for one in exported(**scope)]


@pytest.mark.database
def test_options_are_exported_owner_by_owner(
    stored: None,
) -> None:
    of_two = [("two", "ann", "a"), ("two", "ann", "b"), ("two", "bob", "c")]
    of_all = [("one", "ann", "a"), ("one", "ann", "b"), *of_two]
    assert owners() == [("one", None, "own"), ("two", None, "own"), *of_all]
    two = AppOption.objects.get(application__client_id="two").application
    bob = AppUserOption.objects.get(key="c").user
    assert owners(application=two) == [("two", None, "own"), *of_two]
    assert owners(user=bob) == owners(application=two, user=bob) == of_two[-1:]


def test_a_line_holds_the_names_the_value_and_the_times(application: Any, user: Any) -> None:
    options = AppUserOption.objects.for_owner(application, user)
    options.set_options({"theme": {"dark": True}})
    (line,) = lines()
    row = options.get()
    assert json.loads(line) == {
        "application": application.client_id,
        "user": "ann",
        "key": "theme",
        "value": {"dark": True},
        "created_at": row.created_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
    }


@pytest.mark.database
def test_values_are_exported_as_stored(application: Any) -> None:
    options = AppOption.objects.for_owner(application)
    options.set_options({f"{number}": value for number, value in enumerate(VALUES)})
    texts = {one.key: one.value for one in exported()}
    for number, value in enumerate(VALUES):
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        assert texts[f"{number}"] == text
        assert f'"value":{text},"created_at":' in "".join(as_json_lines([option(value=text)]))


def everywhere(texts: Any) -> list[list[str]]:
    """Return the cells of options that have the text in every column."""
    options = [option(**dict.fromkeys(("application", "user", "key", "value"), t)) for t in texts]
    return [row[:4] for row in cells(*options)]


def test_a_cell_that_a_spreadsheet_would_run_gets_an_apostrophe_that_can_be_removed() -> None:
    harmful = [*FORMULAS, *CONTROLS[:3], "\t", "\ttext", "\rtext", "\ntext"]
    assert everywhere(harmful) == [[f"'{text}"] * 4 for text in harmful]
    texts = [*TEXTS, *CONTROLS]
    restored = [[cell.removeprefix("'") for cell in row] for row in everywhere(texts)]
    assert restored == [[text] * 4 for text in texts]


def test_harmless_cells_stay_as_they_are() -> None:
    values = ['"=1+1"', '{"a":"=1"}', "1.5", "null", "[1]"]
    assert cells(*(option(value=value, user=None) for value in values)) == [
        ["notes", "", "k", value, TIME.isoformat(), TIME.isoformat()] for value in values
    ]


@pytest.mark.database
def test_an_export_reads_pages_without_a_query_per_owner(application: Any, user: Any) -> None:
    rows = [
        AppUserOption(application=application, user=user, key=f"{n:04}", value=n, size=4)
        for n in range(2 * PAGE_SIZE + 1)
    ]
    AppUserOption.objects.bulk_create(rows, batch_size=500)
    options = export_options(AppUserOption.objects.all())
    with CaptureQueriesContext(connection) as queries:
        next(options)
        # The page, the names of applications, the names of users.
        assert len(queries) == 3
        for _ in range(PAGE_SIZE - 1):
            next(options)
        assert len(queries) == 3
        assert len(list(options)) == PAGE_SIZE + 1
    assert len(queries) == 3 + 3 + 5


@pytest.mark.database
def test_an_owner_deleted_meanwhile_is_left_out(application: Any, make_user: Any) -> None:
    users = [make_user("ann"), make_user("bob")]
    for user in users:
        AppUserOption.objects.for_owner(application, user).set_options({"a": 1})
    # Before the names are read.
    with once_before(users[0].delete, "client_id"):
        assert [one.user for one in export_options(AppUserOption.objects.all())] == ["bob"]


@pytest.mark.database
@given(
    own=st.dictionaries(KEYS, JSON_VALUES, max_size=3),
    users=st.dictionaries(KEYS, JSON_VALUES, min_size=1, max_size=3),
)
@settings(
    deadline=None,
    max_examples=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_an_export_imported_elsewhere_is_equal(
    application: Any, user: Any, own: dict[str, Any], users: dict[str, Any]
) -> None:
    stores = (
        AppOption.objects.for_owner(application),
        AppUserOption.objects.for_owner(application, user),
    )
    given_options = own, users
    for store, options in zip(stores, given_options, strict=True):
        if options:
            store.set_options(options)
    before = [one[:4] for one in exported()]
    leaving = lines()
    for store in stores:
        store.all().delete()
    assert [counts.written for counts in import_options(leaving)] == [len(own) + len(users)]
    assert [one[:4] for one in exported()] == before
    for store, options in zip(stores, given_options, strict=True):
        read = store.as_mapping()
        assert repr(read) == repr({key: options[key] for key in read})
        store.all().delete()
