"""`run`, which runs a subcommand, and the owner that the examples in the help name."""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command

from django_user_options.models import AppOption, AppUserOption

if TYPE_CHECKING:
    from collections.abc import Callable


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def run(db: None) -> Callable[..., str]:
    """Run a subcommand and return what it prints; a message ends with one full stop."""

    def run(*words: str, **options: Any) -> str:
        out = io.StringIO()
        try:
            call_command("user_options", *words, stdout=out, **options)
        except CommandError as error:
            # Messages of `argparse` begin so.
            assert re.search(r"^Error: |[^.]\.\Z", str(error)), error  # noqa: PT017
            raise
        return out.getvalue()

    return run


@pytest.fixture
def run_json(run: Callable[..., str]) -> Callable[..., Any]:
    """Run a subcommand with `--json` and return the one value that it prints."""

    def run_json(*words: str) -> Any:
        answer = run(*words, "--json")
        assert answer.isascii()
        assert answer.count("\n") == 1
        return json.loads(answer)

    return run_json


@pytest.fixture
def type_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[str | bytes], None]:
    """Let a command find a text, or bytes, on standard input."""

    def type_in(given: str | bytes) -> None:
        data = given if isinstance(given, bytes) else given.encode()
        # In most locales, Python cannot decode bytes that are not UTF-8.
        stream = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", errors="strict")
        monkeypatch.setattr("sys.stdin", stream)

    return type_in


@pytest.fixture
def application(make_application: Any) -> Any:
    return make_application(client_id="notes", name="Field notes")


@pytest.fixture
def own(application: Any) -> Any:
    """The application's own options."""
    return AppOption.objects.for_owner(application)


@pytest.fixture
def options(application: Any, user: Any) -> Any:
    """The application's options for the user."""
    return AppUserOption.objects.for_owner(application, user)
