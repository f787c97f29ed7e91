"""What a terminal gets: aligned, harmless, and a counter only where somebody looks."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management.base import OutputWrapper

from django_user_options.management.subcommands.output import Progress, number_of, table, visible
from tests.management.conftest import Terminal


def counter(stream: Any, *, shown: bool = True) -> Progress:
    return Progress(OutputWrapper(stream), "options", shown=shown)


def test_numbers_stand_to_the_right_and_texts_to_the_left() -> None:
    rows = [
        {"key": "a", "size": 5, "on": True, "note": None},
        {"key": "longer", "size": 12_345, "on": False, "note": "x\x1b[0m"},
    ]
    assert table(rows).split("\n") == [
        "key       size  on   note",
        "a            5  yes",
        "longer  12,345  no   x\\u001b[0m",
    ]


@pytest.mark.parametrize("use_tz", [True, False])
def test_times_are_those_of_the_host(settings: Any, *, use_tz: bool) -> None:
    settings.USE_TZ, settings.TIME_ZONE = use_tz, "Asia/Yekaterinburg"
    time = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC if use_tz else None)
    shown = "2026-01-02 08:04:05+05:00" if use_tz else "2026-01-02 03:04:05"
    assert table([{"at": time}]).split("\n")[1] == shown


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
)
def test_what_a_terminal_would_obey_is_shown_as_text(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_counts_agree_with_their_nouns() -> None:
    assert [number_of(n, "option") for n in (0, 1, 2_000)] == [
        "0 options",
        "1 option",
        "2,000 options",
    ]


def test_a_terminal_sees_how_far_it_has_come() -> None:
    stream = Terminal()
    with counter(stream) as progress:
        assert sum(progress.counted([1] * 2_500)) == 2_500
    assert stream.getvalue() == "\r1,000 options\r2,000 options\r2,500 options\n"


def test_a_counter_ends_its_line_whatever_happens() -> None:
    stream = Terminal()
    with pytest.raises(ZeroDivisionError), counter(stream) as progress:
        progress.show(1 // 0)
    assert stream.getvalue() == "\n"


@pytest.mark.parametrize(("stream", "shown"), [(io.StringIO(), True), (Terminal(), False)])
def test_elsewhere_a_counter_is_silent(stream: Any, *, shown: bool) -> None:
    with counter(stream, shown=shown) as progress:
        assert list(progress.counted([1, 2])) == [1, 2]
    assert stream.getvalue() == ""
