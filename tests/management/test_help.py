"""The help of each subcommand shows examples, and each example works when pasted."""

from __future__ import annotations

import io
import re
import shlex
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError
from django.db import OperationalError, connection
from oauth2_provider.models import get_application_model

from django_user_options.management.commands.user_options import (
    SUBCOMMANDS,
    Command,
    SubcommandGroup,
)
from django_user_options.models import AppOption, AppUserOption, InboundWebhook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# What stands before the command, the command, and where its output goes.
EXAMPLE = re.compile(
    r"(?:(?P<source>[^|]+) \| )?python manage\.py (?P<words>[^|>]+?)(?: (?P<sink>[|>].+))?"
)
GROUPS = {(): SUBCOMMANDS} | {
    (name,): subcommand.members
    for name, subcommand in SUBCOMMANDS.items()
    if isinstance(subcommand, SubcommandGroup)
}
LEAVES = {
    (*words, name): subcommand
    for words, members in GROUPS.items()
    for name, subcommand in members.items()
    if not isinstance(subcommand, SubcommandGroup)
}


def shell(script: str, text: str = "") -> str:
    """Run lines of bash in the current folder and return what they print."""
    words = ["bash", "-euo", "pipefail", "-c", script]
    return subprocess.run(words, input=text, capture_output=True, text=True, check=True).stdout


def paste(line: str, run: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Run an example as a shell would, but for the start of another Python, which takes long."""
    match = EXAMPLE.fullmatch(line)
    assert match, line
    source, words, sink = match["source"], match["words"], match["sink"]
    given = io.TextIOWrapper(io.BytesIO(shell(source or "").encode()), encoding="utf-8")
    monkeypatch.setattr("sys.stdin", given)
    answer = run(*shlex.split(words)[1:])
    if sink:
        shell(f"cat {sink}", answer)


@pytest.fixture
def prepared(
    run: Callable[..., str],
    own: Any,
    options: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the examples take for granted, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    own.set_options({"licence": "free"})
    options.set_options({"theme": "dark", "zoom": 1})
    # The examples name the first webhook by its number.
    row = options.first()
    webhook, _ = InboundWebhook.objects.issue(owner=row.user, application=row.application)
    InboundWebhook.objects.filter(pk=webhook.pk).update(id=1)
    for line in ("export > options.jsonl", "export | gzip > notes.jsonl.gz"):
        paste(f"python manage.py user_options {line}", run, monkeypatch)


@pytest.fixture
def help_of(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    def help_of(*words: str) -> str:
        with pytest.raises(SystemExit) as caught:
            Command().run_from_argv(["manage.py", "user_options", *words, "--help"])
        assert caught.value.code == 0
        return capsys.readouterr().out

    return help_of


@pytest.fixture
def examples_of(help_of: Any) -> Callable[..., list[str]]:
    def examples_of(*words: str) -> list[str]:
        _, _, examples = help_of(*words).partition("\nExample")
        return [line.strip() for line in examples.splitlines() if "manage.py" in line]

    return examples_of


@pytest.mark.usefixtures("prepared")
@pytest.mark.parametrize("words", LEAVES, ids=" ".join)
def test_every_example_works_as_it_is_printed(
    examples_of: Any, run: Any, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    lines = examples_of(*words)
    assert lines
    for line in lines:
        assert f"manage.py user_options {' '.join(words)}" in line
        paste(line, run, monkeypatch)


@pytest.mark.usefixtures("prepared")
@pytest.mark.parametrize("words", LEAVES, ids=" ".join)
def test_without_its_tables_every_subcommand_asks_to_migrate(
    examples_of: Any, run: Any, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    owners = (get_application_model(), get_user_model())
    with connection.cursor() as cursor:
        for model in (*owners, AppOption, AppUserOption, InboundWebhook):
            table = model._meta.db_table
            cursor.execute(f"ALTER TABLE {table} RENAME TO gone_{table}")
    for line in examples_of(*words):
        with pytest.raises(CommandError, match=r"^no such table: \w+\. Run `manage.py migrate`\.$"):
            paste(line, run, monkeypatch)


def test_another_error_of_the_database_stays_as_it_is(run: Any) -> None:
    def refuse(*_: Any) -> None:
        msg = "database is locked"
        raise OperationalError(msg)

    with connection.execute_wrapper(refuse), pytest.raises(OperationalError, match="locked"):
        run("stats")


@pytest.mark.parametrize("words", GROUPS, ids=" ".join)
def test_subcommands_are_listed_with_and_without_help(
    run: Any, help_of: Any, words: tuple[str, ...]
) -> None:
    for text in (run(*words), help_of(*words)):
        for name in GROUPS[words]:
            assert f"\n    {name} " in text


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("lst",), r"Unknown subcommand 'lst'\. Did you mean 'list'\?"),
        (("webhook", "rotte", "1"), "Did you mean 'rotate'"),
        (("purge", "x"), r"Choose from options, webhooks\."),
    ],
    ids=range(3),
)
def test_an_unknown_subcommand_is_an_error_with_a_suggestion(
    run: Any, words: tuple[str, ...], hint: str
) -> None:
    with pytest.raises(CommandError, match=hint):
        run(*words)


def test_usage_errors_exit_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        Command().run_from_argv(["manage.py", "user_options", "lst"])
    assert caught.value.code == 2
    assert "Did you mean 'list'?" in capsys.readouterr().err


@pytest.mark.usefixtures("db")
def test_djangos_options_may_come_first_or_last(capsys: pytest.CaptureFixture[str]) -> None:
    purge = ["purge", "webhooks"]
    given = ["--settings", "tests.settings", "--no-color", "-v", "0", "--skip-checks"]
    for words in ([*purge, *given], [*given, *purge]):
        Command().run_from_argv(["manage.py", "user_options", *words])
        assert capsys.readouterr().out == ""
    Command().run_from_argv(["manage.py", "user_options", *purge])
    assert capsys.readouterr().out == "0 webhooks deleted.\n"
