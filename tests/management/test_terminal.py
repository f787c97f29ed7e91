"""What a terminal gets: tables, progress bars and text that cannot control it."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import call_command

from django_user_options.management.subcommand import plain_lines
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
