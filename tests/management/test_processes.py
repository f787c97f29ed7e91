"""Subcommands as processes: what a shell gives them, and gets from them."""

from __future__ import annotations

import errno
import io
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
DJANGO = [sys.executable, "-m", "django"]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A database of their own, with an application that keeps something."""
    file = tmp_path_factory.mktemp("processes") / "db.sqlite3"
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{file}",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DJANGO_SUPERUSER_PASSWORD": "pw",
    }
    create = [*DJANGO, "createapplication", "--client-id", "notes", "confidential"]
    for words in (
        [*DJANGO, "migrate", "-v0"],
        [*create, "client-credentials", "--skip-checks"],
        [*DJANGO, "user_options", "set", 'city="Пермь"', "--application", "notes", "-v0"],
        [*DJANGO, "createsuperuser", "--noinput", "--username", "ann", "--email", "a@b.example"],
        [*DJANGO, "user_options", "webhook", "create", "--user", "ann"],
    ):
        subprocess.run(words, cwd=ROOT, env=environment, check=True, capture_output=True)
    return environment


@pytest.fixture
def start(environment: dict[str, str]) -> Callable[..., Any]:
    """Run a subcommand as a process of its own."""

    def start(*words: str, encoding: str = "utf-8", **streams: Any) -> Any:
        return subprocess.run(
            [*DJANGO, "user_options", *words, "--skip-checks"],
            cwd=ROOT,
            env={**environment, "PYTHONIOENCODING": encoding},
            check=False,
            stderr=subprocess.PIPE,
            **{"stdout": subprocess.PIPE, **streams},
        )

    return start


def test_an_export_is_utf_8_whatever_the_locale_is(start: Any) -> None:
    finished = start("export", encoding="ascii")
    assert (finished.returncode, finished.stderr) == (0, b"")
    assert json.loads(finished.stdout.decode())["value"] == "Пермь"


def test_a_terminal_without_the_characters_gets_escapes(start: Any) -> None:
    finished = start("get", "city", "--application", "notes", encoding="ascii")
    assert (finished.returncode, finished.stderr) == (0, b"")
    assert finished.stdout == b'"\\u041f\\u0435\\u0440\\u043c\\u044c"\n'


def test_a_closed_standard_input_is_an_error(start: Any) -> None:
    finished = start("import", "-", preexec_fn=lambda: os.close(0))
    assert finished.returncode == 1
    assert finished.stderr == b"CommandError: Standard input is closed.\n"


@pytest.mark.parametrize("words", ["export --format csv", "stats"])
def test_an_output_that_nobody_reads_to_the_end_is_an_error(start: Any, words: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    finished = start(*words.split(), stdout=writer)
    os.close(writer)
    assert finished.returncode == 1
    assert finished.stderr == (
        b"CommandError: The output is incomplete, because it cannot be written: Broken pipe.\n"
    )


class FullStream(io.StringIO):
    """What a project may give to `call_command`, with no room."""

    def write(self, _: str) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.usefixtures("application")
def test_a_stream_of_the_project_that_finds_no_room_is_an_error() -> None:
    with pytest.raises(CommandError, match="cannot be written: No space left on device"):
        call_command("user_options", "list", "--application", "notes", stdout=FullStream())


def test_a_closed_standard_output_is_an_error_before_anything_is_written(start: Any) -> None:
    finished = start(
        "set", "lost=1", "--application", "notes", stdout=None, preexec_fn=lambda: os.close(1)
    )
    assert finished.returncode == 1
    assert finished.stderr == b"CommandError: Standard output is closed.\n"
    assert b"lost" not in start("list", "--application", "notes").stdout


@pytest.mark.parametrize("words", ["create --user ann", "rotate 1 --json"])
def test_a_secret_that_nobody_could_read_is_not_issued(
    start: Any, environment: dict[str, str], words: str
) -> None:
    def webhooks() -> list[Any]:
        file = environment["DATABASE_URL"].removeprefix("sqlite:///")
        with closing(sqlite3.connect(file)) as database:
            return database.execute("SELECT * FROM django_user_options_inboundwebhook").fetchall()

    before = webhooks()
    with Path("/dev/full").open("wb") as full:
        finished = start("webhook", *words.split(), stdout=full)
    assert finished.returncode == 1
    assert finished.stderr.endswith(b"cannot be written: No space left on device.\n")
    assert b"Traceback" not in finished.stderr
    assert len(before) == 1
    assert webhooks() == before
