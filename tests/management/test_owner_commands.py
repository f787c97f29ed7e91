"""Listing, reading, writing and deleting the options of one owner."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError

from tests.hostile import CONTROLS, TEXTS

NOTES = ("--application", "notes")
ANN = (*NOTES, "--user", "ann")


def test_list_shows_keys_and_sizes_but_values_only_on_request(
    run: Any, run_json: Any, own: Any
) -> None:
    assert run("list", *NOTES) == "This owner has no options.\n"
    assert run_json("list", *NOTES) == []
    own.set_options({"theme": {"тёмная": [1]}, "a longer key": 1.5})
    heading, *lines = (line.split("\t") for line in run("list", *NOTES).splitlines())
    assert heading == ["key", "size", "updated_at"]
    assert [line[:2] for line in lines] == [["a longer key", "3"], ["theme", "20"]]
    assert run("list", *NOTES, "--values").endswith('\t{"тёмная": [1]}\n')
    rows = run_json("list", *NOTES)
    assert [(row["key"], row["size"], len(row)) for row in rows] == [
        ("a longer key", 3, 3),
        ("theme", 20, 3),
    ]
    assert run_json("list", *NOTES, "--values")[1]["value"] == {"тёмная": [1]}


def test_an_owner_may_be_named_in_several_ways(
    run_json: Any, own: Any, options: Any, user: Any, make_application: Any
) -> None:
    own.set_options({"a": 1})
    options.set_options({"b": 2})
    assert run_json("get", *NOTES) == {"a": 1}
    words = ("--application", "Field notes", "--user-id", str(user.pk))
    assert run_json("get", *ANN) == run_json("get", *words) == {"b": 2}
    # A client id is found before a name.
    make_application(client_id="Field notes")
    assert run_json("get", *words) == {}


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
@pytest.mark.database
def test_an_owner_who_does_not_exist_is_an_error(
    run: Any, options: Any, make_application: Any, owner: Any, what: str
) -> None:
    make_application(client_id="nameless", name="")
    with pytest.raises(CommandError, match=f"There is no {what} with "):
        run("list", *owner)


def test_a_name_that_two_share_is_an_error(
    run: Any,
    options: Any,
    make_user: Any,
    make_application: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_application(client_id="notes2", name="Field notes")
    with pytest.raises(CommandError, match=r"more than one application .* Use the client id\."):
        run("list", "--application", "Field notes")
    for name in ("bob", "carol"):
        make_user(name, email="us@example.org")
    monkeypatch.setattr(get_user_model(), "USERNAME_FIELD", "email")
    with pytest.raises(CommandError, match=r"more than one user with the email .* --user-id\."):
        run("list", *NOTES, "--user", "us@example.org")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((*ANN, "--user-id", "1"), "not allowed with"),
        (("--user", "ann"), "--application"),
        ((*ANN, "--database", "nope"), "--database"),
    ],
)
def test_an_owner_is_named_once_and_in_a_database_that_exists(
    run: Any, options: Any, words: tuple[str, ...], message: str
) -> None:
    with pytest.raises(CommandError, match=message):
        run("list", *words)


def test_get_prints_one_value_or_all(run: Any, options: Any) -> None:
    options.set_options({"theme": "тёмная", "nothing": None})
    assert run("get", "theme", *ANN) == '"тёмная"\n'
    assert run("get", "nothing", *ANN) == "null\n"
    assert json.loads(run("get", *ANN)) == {"theme": "тёмная", "nothing": None}
    for key, message in (("zoom", "no option 'zoom'"), ("k" * 256, r"at most 255 characters\.")):
        with pytest.raises(CommandError, match=message):
            run("get", key, *ANN)


@pytest.mark.database
def test_every_text_is_shown_without_controlling_the_terminal(
    run: Any, run_json: Any, options: Any
) -> None:
    stored = {text: [text] for text in TEXTS} | {"controls": dict.fromkeys(CONTROLS, 1)}
    options.set_options(stored)
    assert {row["key"] for row in run_json("list", *ANN)} == set(stored)
    answer, listed = run("get", *ANN), run("list", *ANN, "--values")
    assert json.loads(answer) == stored
    assert {line.count("\t") for line in listed.splitlines()} == {3}
    for shown in (answer, listed):
        assert shown.replace("\n", "").replace("\t", "").isprintable()
    assert json.loads(run("get", *ANN, "--", "-2+3")) == ["-2+3"]
    count = len(TEXTS)
    assert run("delete", *ANN, "--", *TEXTS) == f"{count} of {count} keys deleted.\n"


def test_set_writes_json(run: Any, run_json: Any, options: Any, type_in: Any) -> None:
    options.set_options({"kept": 1})
    assert run("set", 'a="x=y"', "b=-1e-5", "c=null", *ANN) == "3 options written.\n"
    type_in('{"a=b": "secret", "-x": [1]}')
    assert run("set", "-", *ANN) == "2 options written.\n"
    given = {"a": "x=y", "b": -1e-5, "c": None, "a=b": "secret", "-x": [1]}
    assert options.as_mapping() == {"kept": 1, **given}
    assert run_json("set", "a=1", *ANN) == {"written": 1, "dry_run": False}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["theme=s3cret"], "The value of 'theme' is not valid JSON"),
        (["theme=" + "[" * 100_000], "The value of 'theme' cannot be stored: .* nested"),
        (['theme={"a": {"s3cret": 1, "s3cret": 2}}'], "a key appears twice in one object"),
        (["theme", '"s3cret"'], "Argument 2 has no =. Use KEY=JSON"),
        (["-"], "KEY=JSON"),
        (["good=2"], "given twice"),
        (["=1"], "at least 1 character"),
        (["a=NaN"], "a number cannot be stored exactly"),
        (['a="s3cret\\u0000"'], "without NUL"),
        ("s3cret", "not valid JSON"),
        ("", "not valid JSON"),
        ('["s3cret"]', "one JSON object"),
        ("{}", "options is empty"),
        (b'{"a": "s3cret \xff"}', "Standard input cannot be stored: .* not encoded in UTF-8"),
        ('{"s3cret": 1, "s3cret": 2}', "Standard input cannot be stored: a key appears twice"),
    ],
    ids=range(15),
)
def test_set_refuses_invalid_input_without_repeating_values(
    run: Any, options: Any, type_in: Any, given: Any, message: str
) -> None:
    words = ["good=1", *given] if isinstance(given, list) else ["-"]
    type_in("" if isinstance(given, list) else given)
    with pytest.raises(CommandError, match=message) as caught:
        run("set", *words, *ANN)
    assert "s3cret" not in str(caught.value)
    assert not options.exists()


@pytest.mark.database
def test_a_dry_run_checks_everything_and_changes_nothing(
    run: Any, run_json: Any, options: Any, settings: Any
) -> None:
    options.set_options({"a": 1})
    answer = "Dry run: 2 options would be written.\n"
    assert run("set", "a=2", "b=3", *ANN, "--dry-run") == answer
    answer = "Dry run: 1 of 2 keys would be deleted.\n"
    assert run("delete", "a", "b", *ANN, "--dry-run") == answer
    deleted = {"deleted": 1, "missing": 1, "dry_run": True}
    assert run_json("delete", "a", "b", *ANN, "--dry-run") == deleted
    assert options.as_mapping() == {"a": 1}
    settings.USER_OPTIONS = {"MAX_KEYS_PER_OWNER": 1}
    with pytest.raises(CommandError, match="at most 1 keys"):
        run("set", "b=3", *ANN, "--dry-run")


def test_delete_says_how_many_there_were(run: Any, options: Any) -> None:
    options.set_options({"a": 1, "b": 2})
    with pytest.raises(CommandError, match="at least 1 character"):
        run("delete", "a", "", *ANN)
    assert run("delete", "a", "a", "zoom", *ANN) == "1 of 2 keys deleted.\n"
    assert options.as_mapping() == {"b": 2}


@pytest.mark.database
def test_keys_and_usage_show_no_values(
    run: Any, run_json: Any, options: Any, settings: Any
) -> None:
    settings.USER_OPTIONS = {"MAX_KEYS_PER_OWNER": 1500}
    assert run("keys", *ANN) == "This owner has no such options.\n"
    digests = options.update_options({"draft.a": "secret", "theme": 1})
    heading, *lines = (line.split("\t") for line in run("keys", *ANN).splitlines())
    assert heading == ["key", "digest", "size", "updated_at"]
    assert [line[:3] for line in lines] == [
        ["draft.a", digests["draft.a"], "8"],
        ["theme", digests["theme"], "1"],
    ]
    rows = run_json("keys", *ANN, "--prefix", "draft.")
    assert [(row["key"], row["digest"]) for row in rows] == [("draft.a", digests["draft.a"])]
    lines = [line.split("\t") for line in run("usage", *ANN).splitlines()]
    assert [line for line in lines if line[1]] == [
        ["limit", "used", "maximum"],
        ["max_keys_per_owner", "2", "1500"],
        ["max_bytes_per_owner", "9", "1048576"],
    ]
    usage = run_json("usage", *ANN)
    assert (usage["keys"], usage["bytes"]) == (2, 9)
    assert {name: str(limit or "") for name, limit in usage["limits"].items()} == {
        name: limit for name, _, limit in lines[1:]
    }


def test_increment_adds_to_all_or_to_none(run: Any, run_json: Any, own: Any) -> None:
    own.set_options({"visits": 1, "theme": "dark"})
    words = ("increment", "visits=2", "balance=-0.5", *NOTES)
    assert run(*words, "--dry-run") == "Dry run: 2 options would be incremented.\n"
    assert run_json(*words) == {"incremented": 2, "dry_run": False}
    with pytest.raises(CommandError, match=r"increment\[theme\]: the stored value is not a number"):
        run("increment", "visits=1", "theme=1", *NOTES)
    assert own.as_mapping() == {"visits": 3, "balance": -0.5, "theme": "dark"}
