"""Listing, reading, writing and deleting the options of one owner."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError

from tests.hostile import CONTROLS, TEXTS

NOTES = ("--application", "notes")
ANN = (*NOTES, "--user", "ann")


@pytest.fixture
def type_in(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let a command find a text, or bytes, on standard input."""

    def type_in(given: str | bytes) -> None:
        data = given if isinstance(given, bytes) else given.encode()
        # Under most locales Python refuses to read what is no UTF-8 as text.
        stream = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", errors="strict")
        monkeypatch.setattr("sys.stdin", stream)

    return type_in


def test_list_shows_keys_and_sizes_but_values_only_if_asked(run: Any, own: Any) -> None:
    own.set_options({"theme": "dark", "a longer key": 1.5})
    lines = run("list", *NOTES).splitlines()
    assert lines[0].split() == ["key", "size", "updated_at"]
    assert [line[:18].rstrip() for line in lines[1:]] == [
        "a longer key     3",
        "theme            6",
    ]
    assert "dark" not in run("list", *NOTES)
    assert '"dark"' in run("list", *NOTES, "--values")


def test_list_answers_machines(run_json: Any, own: Any) -> None:
    own.set_options({"theme": {"тёмная": [1]}})
    (row,) = run_json("list", *NOTES)
    assert (row["key"], row["size"], set(row)) == ("theme", 20, {"key", "size", "updated_at"})
    (row,) = run_json("list", *NOTES, "--values")
    assert row["value"] == {"тёмная": [1]}


def test_list_says_that_there_is_nothing(run: Any, run_json: Any, application: Any) -> None:
    assert run("list", *NOTES) == "This owner keeps no options.\n"
    assert run_json("list", *NOTES) == []


def test_without_a_user_the_options_are_the_application_s_own(
    run_json: Any, own: Any, options: Any
) -> None:
    own.set_options({"a": 1})
    options.set_options({"b": 2})
    assert run_json("get", *NOTES) == {"a": 1}
    assert run_json("get", *ANN) == {"b": 2}


def test_a_user_may_be_named_by_primary_key(run_json: Any, options: Any, user: Any) -> None:
    options.set_options({"b": 2})
    assert run_json("get", *NOTES, "--user-id", str(user.pk)) == {"b": 2}


@pytest.mark.parametrize(
    ("owner", "what"),
    [
        (("--application", "nope"), "application"),
        (("--application", ""), "application"),
        ((*NOTES, "--user", "nope"), "user"),
        ((*NOTES, "--user-id", "999999"), "user"),
        ((*NOTES, "--user-id", "nope"), "user"),
        ((*NOTES, "--user-id", "9" * 40), "user"),
    ],
)
def test_an_owner_who_does_not_exist_is_an_error(
    run: Any, options: Any, owner: Any, what: str
) -> None:
    with pytest.raises(CommandError, match=f"There is no {what} "):
        run("list", *owner)


def test_a_name_that_two_users_share_is_an_error(
    run: Any, options: Any, make_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("bob", "carol"):
        make_user(name, email="us@example.org")
    monkeypatch.setattr(get_user_model(), "USERNAME_FIELD", "email")
    with pytest.raises(CommandError, match=r"More than one user has the email 'us@.* --user-id"):
        run("list", "--application", "notes", "--user", "us@example.org")


def test_a_user_is_named_in_one_way(run: Any, options: Any) -> None:
    with pytest.raises(CommandError, match="not allowed with"):
        run("list", *ANN, "--user-id", "1")


def test_an_application_must_be_named(run: Any, options: Any) -> None:
    with pytest.raises(CommandError, match="--application"):
        run("list", "--user", "ann")


def test_a_database_that_there_is_not_is_an_error(run: Any, options: Any) -> None:
    with pytest.raises(CommandError, match="--database"):
        run("list", *ANN, "--database", "nope")


def test_get_prints_one_value_or_all(run: Any, options: Any) -> None:
    options.set_options({"theme": "тёмная", "nothing": None})
    assert run("get", "theme", *ANN) == '"тёмная"\n'
    assert run("get", "nothing", *ANN) == "null\n"
    assert json.loads(run("get", *ANN)) == {"theme": "тёмная", "nothing": None}


def test_get_refuses_keys_that_were_never_set(run: Any, options: Any) -> None:
    with pytest.raises(CommandError, match="no option 'zoom'"):
        run("get", "zoom", *ANN)
    with pytest.raises(CommandError, match="at most 255 characters"):
        run("get", "k" * 256, *ANN)


@pytest.mark.parametrize("text", [*TEXTS, *CONTROLS])
def test_no_value_commands_the_terminal_and_all_stay_readable(
    run: Any, options: Any, text: str
) -> None:
    options.set_options({"k": {text: [text]}})
    for answer in (run("get", *ANN), run("get", "k", *ANN), run("list", *ANN, "--values")):
        assert answer.replace("\n", "").isprintable()
    assert json.loads(run("get", "k", *ANN)) == {text: [text]}


@pytest.mark.parametrize("text", TEXTS)
def test_every_key_can_be_listed_read_and_deleted(
    run: Any, run_json: Any, options: Any, text: str
) -> None:
    options.set_options({text: 1})
    assert run("list", *ANN).replace("\n", "").isprintable()
    assert run_json("list", *ANN)[0]["key"] == text
    assert run("get", *ANN, "--", text) == "1\n"
    assert run("delete", *ANN, "--", text) == "1 of 1 key deleted.\n"


def test_set_writes_json(run: Any, run_json: Any, options: Any) -> None:
    options.set_options({"kept": 1})
    assert run("set", 'a="x=y"', "b=-1e-5", "c=null", *ANN) == "3 options written.\n"
    assert options.as_mapping() == {"kept": 1, "a": "x=y", "b": -1e-5, "c": None}
    assert run_json("set", "a=1", *ANN) == {"written": 1, "dry_run": False}


def test_set_reads_an_object_from_standard_input(run: Any, options: Any, type_in: Any) -> None:
    type_in('{"a=b": "secret", "-x": [1]}')
    assert run("set", "-", *ANN) == "2 options written.\n"
    assert options.as_mapping() == {"a=b": "secret", "-x": [1]}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["theme=s3cret"], "The value of 'theme' is not JSON"),
        (["theme="], "The value of 'theme' is not JSON"),
        (["theme='s3cret'"], "not JSON"),
        (["theme=" + "[" * 100_000], "not JSON"),
        (["theme"], "Word 2 has no =: write KEY=JSON"),
        (["theme", '"s3cret"'], "KEY=JSON"),
        (['{"theme": "s3cret"}'], "KEY=JSON"),
        (["a=1", "-"], "KEY=JSON"),
        (["a=1", "a=2"], "given twice"),
        (["=1"], "at least 1 character"),
        (["a=NaN"], "finite"),
        (['a="s3cret\\u0000"'], "without NUL"),
        (['a="' + "x" * 70_000 + '"'], "at most 65536 bytes"),
    ],
    ids=range(13),
)
def test_set_refuses_what_cannot_be_stored_and_repeats_no_value(
    run: Any, options: Any, given: list[str], message: str
) -> None:
    with pytest.raises(CommandError, match=message) as caught:
        run("set", "good=1", *given, *ANN)
    assert "s3cret" not in str(caught.value)
    assert not options.exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("s3cret", "not JSON"),
        ("", "not JSON"),
        ('["s3cret"]', "one JSON object"),
        ("{}", "options is empty"),
        (b'{"a": "s3cret \xff"}', "not JSON"),
    ],
)
def test_set_refuses_other_input(
    run: Any, options: Any, type_in: Any, text: str | bytes, message: str
) -> None:
    type_in(text)
    with pytest.raises(CommandError, match=message) as caught:
        run("set", "-", *ANN)
    assert "s3cret" not in str(caught.value)


def test_a_dry_run_checks_everything_and_changes_nothing(
    run: Any, run_json: Any, options: Any, settings: Any
) -> None:
    options.set_options({"a": 1})
    assert run("set", "a=2", "b=3", *ANN, "--dry-run") == (
        "Dry run, nothing changed: 2 options written.\n"
    )
    assert run_json("delete", "a", "b", *ANN, "--dry-run") == {
        "deleted": 1,
        "missing": 1,
        "dry_run": True,
    }
    assert options.as_mapping() == {"a": 1}
    settings.USER_OPTIONS = {"MAX_KEYS_PER_OWNER": 1}
    with pytest.raises(CommandError, match="at most 1 keys"):
        run("set", "b=3", *ANN, "--dry-run")


def test_delete_says_how_many_there_were(run: Any, options: Any) -> None:
    options.set_options({"a": 1, "b": 2})
    assert run("delete", "a", "a", "zoom", *ANN) == "1 of 2 keys deleted.\n"
    assert options.as_mapping() == {"b": 2}


def test_delete_refuses_what_is_no_key(run: Any, options: Any) -> None:
    options.set_options({"a": 1})
    with pytest.raises(CommandError, match="at least 1 character"):
        run("delete", "a", "", *ANN)
    assert options.exists()
