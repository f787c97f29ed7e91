"""How much is kept, by which application, under which keys."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_user_options.models import AppOption, AppUserOption


@pytest.fixture
def kept(own: Any, options: Any, make_application: Any, make_user: Any) -> None:
    """A large one among small ones, so that the order is plain."""
    own.set_options({"licence": "x" * 50})
    options.set_options({"theme": "dark", "zoom": 1})
    other, bob = make_application(client_id="tasks"), make_user("bob")
    AppUserOption.objects.for_owner(options.get(key="zoom").application, bob).set_options(
        {"theme": "light"}
    )
    AppUserOption.objects.for_owner(other, bob).set_options({"b": 1})
    AppOption.objects.for_owner(other).set_options({"c": 22})


def rows(answer: Any, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[column] for column in columns) for row in answer["rows"]]


@pytest.mark.database
def test_stats_are_by_application_the_largest_first(run_json: Any, kept: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        answer = run_json("stats")
    assert len(queries) == 4
    assert rows(answer, "application", "kept_for", "users", "options", "bytes") == [
        ("notes", "itself", 0, 1, 52),
        ("notes", "users", 2, 3, 14),
        ("tasks", "itself", 0, 1, 2),
        ("tasks", "users", 1, 1, 1),
    ]
    assert answer["total"] == {"options": 6, "bytes": 69}


def test_stats_of_an_application_are_by_key(run_json: Any, kept: None) -> None:
    answer = run_json("stats", "--application", "notes")
    assert rows(answer, "key", "kept_for", "users", "bytes") == [
        ("licence", "itself", 0, 52),
        ("theme", "users", 2, 13),
        ("zoom", "users", 1, 1),
    ]


def test_stats_of_a_user_are_by_application(run_json: Any, kept: None) -> None:
    answer = run_json("stats", "--user", "bob")
    assert rows(answer, "application", "options") == [("notes", 1), ("tasks", 1)]
    assert run_json("stats", "--user", "bob", "--application", "tasks")["total"]["options"] == 1


def test_stats_limit_the_rows_but_not_the_total(run: Any, run_json: Any, kept: None) -> None:
    answer = run_json("stats", "--top", "1")
    assert (len(answer["rows"]), answer["total"]["options"]) == (1, 6)
    lines = run("stats", "--top", "2").splitlines()
    assert lines[0].split("\t")[:3] == ["application", "application_name", "kept_for"]
    assert lines[1].split("\t")[:2] == ["notes", "Field notes"]
    assert [len(lines), lines[-1]] == [4, "6 options, 69 bytes in total."]
    AppOption.objects.all().delete()
    AppUserOption.objects.all().delete()
    assert run("stats") == "0 options, 0 bytes in total.\n"


@pytest.mark.parametrize("number", ["0", "²"])
def test_stats_refuse_an_invalid_number_of_rows(run: Any, number: str) -> None:
    with pytest.raises(CommandError, match="1 or more"):
        run("stats", f"--top={number}")
