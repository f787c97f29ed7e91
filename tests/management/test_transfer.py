"""Exporting to standard output and importing files, as an operator does."""

from __future__ import annotations

import errno
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from django_user_options.keyset import PAGE_SIZE
from django_user_options.models import AppUserOption
from tests.hostile import CONTROLS, TEXTS
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
    texts = {text: [text, *CONTROLS] for text in TEXTS}
    own.set_options(texts)
    options.set_options(VALUES)
    file.write_text(run("export"), encoding="utf-8")
    own.all().delete()
    options.set_options({"long": "changed", "kept": 1})
    count = len(TEXTS) + len(VALUES)
    assert run("import", str(file)) == f"{count} options imported.\n"
    assert own.as_mapping() == texts
    assert repr(options.get_option("minus")) == "-0.0"
    assert options.as_mapping() == {**VALUES, "kept": 1}


def test_an_export_is_of_the_owners_that_it_names(
    run: Any, own: Any, options: Any, make_user: Any
) -> None:
    own.set_options({"a": 1})
    options.set_options({"b": 2})
    make_user("bob")
    for words, keys in (("--application notes", "ab"), ("--user ann", "b"), ("--user bob", "")):
        lines = run("export", *words.split()).splitlines()
        assert "".join(json.loads(line)["key"] for line in lines) == keys


def test_a_csv_runs_no_formulas(run: Any, own: Any) -> None:
    own.set_options({"=1+1": 1})
    text = run("export", "--format", "csv")
    assert text.startswith('\ufeff"application","user","key","value",')
    assert '"notes","","\'=1+1","1",' in text


def test_progress_is_shown_only_beside_the_export(own: Any) -> None:
    own.set_options({"a": 1, "b": 2})
    for out, shown in ((io.StringIO(), True), (Terminal(), False)):
        err = Terminal()
        call_command("user_options", "export", stdout=out, stderr=err, no_color=True)
        assert ("2 options exported" in err.getvalue()) is shown
        assert ("100%" in err.getvalue()) is shown
        assert out.getvalue().count("\n") == 2


@pytest.mark.database
def test_a_dry_run_imports_nothing_and_checks_every_limit(
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


def test_a_fixed_file_can_be_imported_again(
    run: Any, options: Any, file: Path, type_in: Any
) -> None:
    file.write_text(many(1) + many(1, user=None, value="x" * 70_000))
    # An error does not hide what the same batch wrote.
    message = r"^line 2: .*[^.]\. Options before it may have been written\. Fix the cause"
    with pytest.raises(CommandError, match=message):
        run("import", str(file))
    assert options.count() == 1
    file.write_text(many(2))
    type_in(many(2))
    for name in (str(file), "-"):
        assert run("import", name) == "2 options imported.\n"
    assert options.count() == 2


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
def test_an_ambiguous_username_is_an_error(
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


class Pipe(io.BytesIO):
    """Standard input that breaks off where it ends."""

    @property
    def buffer(self) -> Pipe:
        return self

    def readline(self, size: int | None = -1, /) -> bytes:
        if line := super().readline(size):
            return line
        raise OSError(errno.EIO, "Input/output error")


def test_an_error_while_reading_a_file_is_reported(
    run: Any, options: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", Pipe(many(PAGE_SIZE).encode()))
    with pytest.raises(CommandError, match=r"^- cannot be read: Input/output error\. At"):
        run("import", "-")
    assert options.count() == PAGE_SIZE


@pytest.mark.database
def test_overlong_lines_are_not_read_whole(
    run: Any, options: Any, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The longest line of a value that fits.
    value = "\\u0061" * (64 * 1024 - 2)
    file.write_text(f'{{"application": "notes", "user": "ann", "key": "a", "value": "{value}"}}\n')
    assert run("import", str(file)) == "1 option imported.\n"
    endless = Pipe(b"[" * 1_000_000)
    monkeypatch.setattr("sys.stdin", endless)
    with pytest.raises(CommandError, match="line 1: "):
        run("import", "-")
    assert endless.tell() == 6 * 64 * 1024 + 64 * 1024
