"""What a terminal gets: tables, progress bars and text that cannot control it."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import BaseCommand, call_command

from django_user_options.management.subcommand import Subcommand
from django_user_options.management.terminal import (
    number_of,
    plain_lines,
    visible,
    visible_json,
)
from tests.management.conftest import Terminal

ESCAPE = "\x1b["
LIST = ("list", "--application", "notes")


def printed(*words: str, out: io.StringIO | None = None, **options: Any) -> str:
    out = Terminal() if out is None else out
    call_command("user_options", *words, stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of 60 columns that knows colors."""
    for name, value in {"COLUMNS": "60", "TERM": "xterm-256color"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR", raising=False)


def test_a_terminal_gets_a_table_that_fits(own: Any, narrow: None) -> None:
    own.set_options({"[red]a[/]": "x" * 80 + "end", ":smile:": 1})
    text = printed(*LIST, "--values", no_color=True)
    assert ESCAPE not in text
    assert max(map(len, text.splitlines())) <= 60
    assert "[red]a[/]" in text
    assert ":smile:" in text
    folded = "".join(line[-20:].strip() for line in text.splitlines())
    assert "end" in folded


def test_only_a_terminal_gets_colors_unless_they_are_forced(own: Any, narrow: None) -> None:
    own.set_options({"a": 1})
    assert ESCAPE in printed(*LIST)
    assert ESCAPE not in printed(*LIST, no_color=True)
    assert ESCAPE not in printed(*LIST, out=io.StringIO())
    assert ESCAPE in printed(*LIST, out=io.StringIO(), force_color=True)


def test_a_pipe_gets_one_line_per_row_and_tabs_between_the_cells() -> None:
    rows = [
        {"key": "a", "size": 5, "on": True, "note": None},
        {"key": "two words", "size": 12_345, "on": False, "note": "x\x1b[0m\ty"},
    ]
    assert plain_lines(rows).split("\n") == [
        "key\tsize\ton\tnote",
        "a\t5\tyes\t",
        "two words\t12345\tno\tx\\u001b[0m\\ty",
    ]


@pytest.mark.parametrize("use_tz", [True, False])
def test_times_are_in_the_time_zone_of_the_project(settings: Any, *, use_tz: bool) -> None:
    settings.USE_TZ, settings.TIME_ZONE = use_tz, "Asia/Yekaterinburg"
    time = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC if use_tz else None)
    shown = "2026-01-02 08:04:05+05:00" if use_tz else "2026-01-02 03:04:05"
    assert plain_lines([{"at": time}]).split("\n")[1] == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain тёмная 🎨", "plain тёмная 🎨"),
        ("\x1b]0;x\x07", "\\u001b]0;x\\u0007"),
        ("\x9b31m", "\\u009b31m"),
        ("\u202e", "\\u202e"),
        ("\U000e0041", "\\udb40\\udc41"),
        ("a\r\nb\tc", "a\\r\\nb\\tc"),
    ],
    ids=range(6),
)
def test_what_would_control_a_terminal_is_shown_as_text(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_json_is_valid_in_every_encoding() -> None:
    assert visible_json("é🎨", encoding="utf-8") == visible_json("é🎨", encoding=None) == '"é🎨"'
    assert visible_json("é🎨", encoding="latin-1") == '"\\u00e9\\ud83c\\udfa8"'


def test_counts_agree_with_their_nouns() -> None:
    counts = [number_of(count, "option") for count in (0, 1, 2_000)]
    assert counts == ["0 options", "1 option", "2,000 options"]


def bar(stream: Any, *, fail: bool = False, **options: Any) -> None:
    """Move a progress bar to half of its length."""
    command = BaseCommand(stderr=stream)
    given = {"stderr": stream, "verbosity": 1, "no_color": True, **options}
    shown = given.pop("shown", True)
    subcommand = Subcommand(command, SimpleNamespace(**given))
    with subcommand.progress("options read", lambda: 5_000, shown=shown) as update:
        update(completed=2_500, found=2_400)
        if fail:
            raise ZeroDivisionError


@pytest.mark.parametrize("fail", [False, True])
def test_a_terminal_sees_progress_and_what_is_left(narrow: None, *, fail: bool) -> None:
    stream = Terminal()
    try:
        bar(stream, fail=fail)
    except ZeroDivisionError:
        assert fail
    text = stream.getvalue()
    assert "2,400 options read" in text
    assert " 50%" in text
    assert ":" in text
    # The next line starts at the left, and the cursor is visible again.
    assert text.rstrip("\x1b[?25h").endswith("\n")


@pytest.mark.parametrize(
    ("stream", "options"),
    [(io.StringIO(), {}), (Terminal(), {"verbosity": 0}), (Terminal(), {"shown": False})],
    ids=["pipe", "quiet", "hidden"],
)
def test_nobody_else_sees_progress(stream: Any, options: dict[str, Any]) -> None:
    bar(stream, **options)
    assert stream.getvalue() == ""
