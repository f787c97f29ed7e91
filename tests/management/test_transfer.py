"""Exporting to standard output and importing files, as an operator does."""

from __future__ import annotations

import csv
import errno
import io
import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from django_user_options.keyset import PAGE_SIZE
from django_user_options.models import AppUserOption
from tests.hostile import TEXTS
from tests.management.conftest import Terminal

if TYPE_CHECKING:
    from pathlib import Path

VALUES = {"exponent": 1e16, "minus": -0.0, "long": 10**30 + 1, "null": None, "text": "1"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "options.jsonl"


def many(count: int, **fields: Any) -> str:
    one = {"application": "notes", "user": "ann", "value": 1, **fields}
    return "".join(json.dumps({**one, "key": f"{n}"}) + "\n" for n in range(count))


@pytest.mark.database
def test_what_was_exported_comes_back_exactly(run: Any, own: Any, options: Any, file: Path) -> None:
    own.set_options(dict.fromkeys(TEXTS, "value"))
    options.set_options(VALUES)
    file.write_text(run("export"), encoding="utf-8")
    own.all().delete()
    options.set_options({"long": "changed", "kept": 1})
    count = len(TEXTS) + len(VALUES)
    assert run("import", str(file)) == f"{count} options imported.\n"
    assert own.as_mapping() == dict.fromkeys(TEXTS, "value")
    assert repr(options.get_option("minus")) == "-0.0"
    assert options.as_mapping() == {**VALUES, "kept": 1}


def test_an_export_is_of_whom_it_names(run: Any, own: Any, options: Any, make_user: Any) -> None:
    own.set_options({"a": 1})
    options.set_options({"b": 2})
    make_user("bob")

    def keys(*words: str) -> list[str]:
        return [json.loads(line)["key"] for line in run("export", *words).splitlines()]

    assert keys() == keys("--application", "notes") == ["a", "b"]
    assert keys("--user", "ann") == keys("--user", "ann", "--application", "notes") == ["b"]
    assert keys("--user", "bob") == []


def test_a_csv_has_a_heading_and_runs_nothing(run: Any, own: Any) -> None:
    own.set_options(dict.fromkeys(TEXTS, 1))
    text = run("export", "--format", "csv")
    assert text[0] == "\ufeff"
    heading, *rows = csv.reader(io.StringIO(text[1:], newline=""))
    assert heading[:4] == ["application", "user", "key", "value"]
    assert {row[2].removeprefix("'") for row in rows} == set(TEXTS)
    assert not any(cell.lstrip()[:1] in {*"=+-@"} for row in rows for cell in row if cell)


def test_progress_is_shown_only_beside_the_export(own: Any) -> None:
    own.set_options({"a": 1, "b": 2})
    for out, shown in ((io.StringIO(), True), (Terminal(), False)):
        err = Terminal()
        call_command("user_options", "export", stdout=out, stderr=err, no_color=True)
        assert ("2 options exported" in err.getvalue()) is shown
        assert ("100%" in err.getvalue()) is shown
        assert out.getvalue().count("\n") == 2


def test_an_import_reads_standard_input(run: Any, options: Any, type_in: Any) -> None:
    type_in(many(2))
    assert run("import", "-") == "2 options imported.\n"
    assert options.count() == 2


@pytest.mark.database
def test_a_dry_run_imports_nothing_and_meets_every_limit(
    run: Any, run_json: Any, options: Any, file: Path, settings: Any
) -> None:
    file.write_text(many(3))
    answer = run_json("import", str(file), "--dry-run")
    assert answer == {"written": 3, "skipped": 0, "dry_run": True}
    answer = "Dry run: 3 options would be imported.\n"
    assert run("import", str(file), "--dry-run") == answer
    # A limit that only the whole file breaks.
    settings.USER_OPTIONS = {"MAX_KEYS_PER_OWNER": PAGE_SIZE}
    file.write_text(many(PAGE_SIZE + 1))
    with pytest.raises(CommandError, match=rf"line {PAGE_SIZE + 1}: .* Nothing was changed\."):
        run("import", str(file), "--dry-run")
    assert not options.exists()


@pytest.mark.database
@pytest.mark.parametrize("atomic", [True, False])
def test_an_error_names_its_line_and_what_was_written(
    run: Any, options: Any, file: Path, settings: Any, *, atomic: bool
) -> None:
    settings.USER_OPTIONS = {"MAX_KEYS_PER_OWNER": 2 * PAGE_SIZE}
    file.write_text(many(PAGE_SIZE) + "{}\n")
    with pytest.raises(CommandError) as caught:
        run("import", str(file), *(["--atomic"] if atomic else []))
    message = str(caught.value)
    assert message.startswith(f"line {PAGE_SIZE + 1}: ")
    assert message.endswith("." if atomic else "import the whole file again.")
    assert ".." not in message
    assert ("Nothing was changed." in message) is atomic
    assert ("1,000 options before it had been written" in message) is not atomic
    assert options.count() == (0 if atomic else PAGE_SIZE)


def test_an_import_goes_on_where_it_was_interrupted(run: Any, options: Any, file: Path) -> None:
    lines = many(PAGE_SIZE)
    file.write_text(lines[: len(lines) // 2])
    with pytest.raises(CommandError, match=r"^line \d+: "):
        run("import", str(file))
    file.write_text(lines)
    for _ in range(2):
        assert run("import", str(file)) == "1,000 options imported.\n"
    assert options.count() == PAGE_SIZE


def test_an_error_does_not_hide_what_the_same_batch_wrote(
    run: Any, options: Any, file: Path
) -> None:
    file.write_text(many(1) + many(1, user=None, value="x" * 70_000))
    message = r"^line 2: .*[^.]\. Options before it may have been written\. Fix the cause"
    with pytest.raises(CommandError, match=message):
        run("import", str(file))
    assert options.count() == 1


def test_unknown_owners_are_an_error_or_counted(
    run: Any, run_json: Any, options: Any, file: Path
) -> None:
    file.write_text(many(2) + many(3, user="nobody") + many(1, application="nope"))
    with pytest.raises(CommandError, match=r"line 3: .* user 'nobody'"):
        run("import", str(file))
    words = ("import", str(file), "--skip-unknown")
    assert run(*words) == "2 options imported, 4 of unknown owners skipped.\n"
    assert run_json(*words) == {"written": 2, "skipped": 4, "dry_run": False}


@pytest.mark.parametrize("field", ["email", "id"])
def test_a_name_that_does_not_mean_one_user_is_an_error(
    run: Any, options: Any, make_user: Any, file: Path, monkeypatch: pytest.MonkeyPatch, field: str
) -> None:
    """Two users share it, or none can have it."""
    for name in ("bob", "carol"):
        make_user(name, email="us@example.org")
    known = make_user("dave", email="dave@example.org")
    monkeypatch.setattr(get_user_model(), "USERNAME_FIELD", field)
    file.write_text(many(1, user=str(getattr(known, field))) + many(1, user="us@example.org"))
    with pytest.raises(CommandError, match=r"line 2: .* user 'us@example.org'"):
        run("import", str(file))
    assert not AppUserOption.objects.exists()
    assert run("import", str(file), "--skip-unknown").startswith("1 option imported, 1 of")


def test_an_import_shows_its_progress(options: Any, file: Path, type_in: Any) -> None:
    file.write_text(many(PAGE_SIZE))
    type_in(many(PAGE_SIZE))
    # The size of a file is known, and that of a pipe is not.
    for name, shown in ((str(file), "100%"), ("-", "1,000")):
        err = Terminal()
        words = ("import", name, "--dry-run")
        call_command("user_options", *words, stdout=io.StringIO(), stderr=err, no_color=True)
        assert "1,000 options imported" in err.getvalue()
        assert shown in err.getvalue()


@pytest.mark.parametrize("name", ["nowhere.jsonl", "."])
def test_a_file_that_cannot_be_read_is_an_error(run: Any, tmp_path: Path, name: str) -> None:
    with pytest.raises(CommandError, match=r"cannot be read: [^.]*\.$"):
        run("import", str(tmp_path / name))


def test_a_file_that_breaks_off_is_an_error(
    run: Any, options: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(io.BytesIO):
        def readline(self, size: int | None = -1, /) -> bytes:
            if line := super().readline(size):
                return line
            raise OSError(errno.EIO, "Input/output error")

    stdin = SimpleNamespace(buffer=Broken(many(PAGE_SIZE).encode()))
    monkeypatch.setattr("sys.stdin", stdin)
    with pytest.raises(CommandError, match=r"^- cannot be read: Input/output error\. At"):
        run("import", "-")
    assert options.count() == PAGE_SIZE


def test_a_line_of_any_length_is_read_in_parts(
    run: Any, db: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.USER_OPTIONS = {"MAX_VALUE_BYTES": 100}
    asked = []

    class Endless(io.BytesIO):
        def readline(self, size: int | None = -1, /) -> bytes:
            asked.append(size)
            return b"[" * (size or 0)

    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=Endless()))
    with pytest.raises(CommandError, match="line 1: "):
        run("import", "-")
    assert asked == [600 + 64 * 1024]


def test_the_longest_line_of_a_value_that_fits_is_read_at_once(
    run: Any, options: Any, file: Path
) -> None:
    value = "".join(f"\\u{ord(char):04x}" for char in "a" * (64 * 1024 - 2))
    line = '{"application": "notes", "user": "ann", "key": "a", "value": "%s"}\n'
    file.write_text(line % value)
    assert run("import", str(file)) == "1 option imported.\n"
