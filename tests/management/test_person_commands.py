"""A person's data on the command line: exported to a file, and erased after confirmation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest
from django.core.management import CommandError

from django_user_options.models import AppUserOption, InboundWebhook
from tests.management.conftest import Terminal

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.database


@pytest.fixture
def kept(options: Any, make_application: Any, user: Any) -> None:
    options.set_options({"a": 1, "b": 2})
    AppUserOption.objects.for_owner(make_application(), user).set_options({"c": 3})


@pytest.mark.usefixtures("kept")
def test_an_export_is_a_new_file_that_only_its_owner_can_read(
    run: Any, tmp_path: Path, user: Any
) -> None:
    path = tmp_path / "ann.zip"
    words = ("person", "export", "--user-id", f"{user.pk}", "--output", f"{path}")
    assert run(*words) == f"3 options written to {path}.\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(ZipFile(path).read("options.jsonl").splitlines()) == 3
    with pytest.raises(CommandError, match=r"cannot be created: File exists\."):
        run(*words)
    path.unlink()
    assert run(*words, verbosity=0) == ""


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize(
    ("words", "answer", "left"),
    [
        (["--dry-run"], "Dry run: 3 options, 0 webhooks, 0 tokens would be erased.", 3),
        (["--application", "notes", "--no-input"], "2 options, 0 webhooks, 0 tokens erased.", 1),
        (["--also", "webhooks", "--no-input"], "3 options, 1 webhook, 0 tokens erased.", 0),
    ],
    ids=str,
)
def test_only_the_selected_records_are_erased(
    run: Any, user: Any, words: list[str], answer: str, left: int
) -> None:
    InboundWebhook.objects.issue(owner=user)
    assert run("person", "erase", "ann", *words) == f"{answer}\n"
    assert AppUserOption.objects.count() == left


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize(
    ("words", "question"),
    [
        (["--also", "tokens"], "This erases the options and tokens of ann in all applications."),
        (["--application", "notes"], "This erases the options of ann in Field notes."),
    ],
    ids=str,
)
def test_erasing_asks_first(
    run: Any, words: list[str], question: str, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal("no\n"))
    with pytest.raises(CommandError, match="Nothing was deleted"):
        run("person", "erase", "ann", *words)
    assert question in capsys.readouterr().err
    assert AppUserOption.objects.count() == 3
