"""Receivers hear of what an operator wrote, but not of what a dry run rolled back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from django_user_options.signals import options_changed, options_deleted
from tests.receivers import connected

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
ANN = ("--application", "notes", "--user", "ann")


@pytest.fixture
def heard() -> Iterator[list[tuple[Any, ...]]]:
    """What was sent: which signal, the keys, the cause."""
    heard: list[tuple[Any, ...]] = []

    def listen(signal: Any, keys: list[str], cause: object, **_: Any) -> None:
        heard.append((signal, keys, cause))

    with connected(listen, options_changed, options_deleted):
        yield heard


def test_every_subcommand_that_writes_is_named_as_the_cause(
    run: Any, options: Any, heard: Any, tmp_path: Path
) -> None:
    line = {"application": "notes", "user": "ann", "key": "c", "value": 1}
    (tmp_path / "file").write_text(json.dumps(line))
    for words in (
        ("set", "a=1", "b=1", *ANN),
        ("delete", "a", *ANN),
        ("import", str(tmp_path / "file")),
        ("purge", "options", "--key", "*", "--no-input"),
    ):
        run(*words, "--dry-run")
        run(*words)
    cause = "manage.py user_options"
    assert heard == [
        (options_changed, ["a", "b"], cause),
        (options_deleted, ["a"], cause),
        (options_changed, ["c"], cause),
        (options_deleted, ["b", "c"], cause),
    ]
