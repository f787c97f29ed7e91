"""What a shell, or a project that calls a subcommand, gives as streams: narrow, full or closed."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command

from django_user_options.models import InboundWebhook

if TYPE_CHECKING:
    from collections.abc import Iterator

NOTES = ("--application", "notes")


@pytest.fixture
def full() -> Iterator[Any]:
    """A device with no room."""
    stream = Path("/dev/full").open("w", encoding="utf-8")  # noqa: SIM115
    yield stream
    # What could not be written is still there, and cannot be written now.
    with pytest.raises(OSError, match="No space left"):
        stream.close()


@pytest.mark.parametrize(
    ("words", "encoding", "shown"),
    [(("export",), "utf-8", '"Пермь🎨"'), (("get", "city", *NOTES), "ascii", r'"\u041f\u0435')],
)
def test_only_an_export_is_utf_8_in_every_locale(
    own: Any, words: tuple[str, ...], encoding: str, shown: str
) -> None:
    own.set_options({"city": "Пермь🎨"})
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    call_command("user_options", *words, stdout=out)
    answer = out.buffer.getvalue().decode(encoding)
    assert shown in answer
    assert "Пермь🎨" in str(json.loads(answer))


def test_a_closed_standard_input_is_an_error(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(CommandError, match=r"^Standard input is closed\.$"):
        run("import", "-")


def test_a_closed_standard_output_is_an_error_before_anything_is_written(
    own: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout", None)
    with pytest.raises(CommandError, match=r"^Standard output is closed\.$"):
        call_command("user_options", "set", "lost=1", *NOTES)
    assert not own.exists()


def test_a_broken_pipe_ends_with_one_line() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    finished = subprocess.run(
        [sys.executable, "-m", "django", "user_options", "--skip-checks"],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writer)
    assert finished.returncode == 1
    assert finished.stderr == (
        b"CommandError: The output is incomplete, because it cannot be written: Broken pipe.\n"
    )


@pytest.mark.parametrize("words", [("list", *NOTES), ("stats",), ("export", "--format", "csv")])
def test_a_full_disk_is_an_error(own: Any, full: Any, words: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="cannot be written: No space left on device"):
        call_command("user_options", *words, stdout=full)


@pytest.mark.database
@pytest.mark.parametrize("words", ["create --user ann", "rotate {} --json"])
def test_a_secret_that_nobody_could_read_is_not_issued(user: Any, full: Any, words: str) -> None:
    webhook, _ = InboundWebhook.objects.issue(owner=user)
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("user_options", "webhook", *words.format(webhook.pk).split(), stdout=full)
    assert InboundWebhook.objects.get().secret_digest == webhook.secret_digest
