"""`run`, which types a subcommand, and the owner that the examples in the help name."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command

from django_user_options.models import AppOption, AppUserOption

if TYPE_CHECKING:
    from collections.abc import Callable


class Terminal(io.StringIO):
    """What a command writes to, when somebody watches."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def run(db: None) -> Callable[..., str]:
    """Type a subcommand and return what it answers."""

    def run(*words: str, **options: Any) -> str:
        out = io.StringIO()
        call_command("user_options", *words, stdout=out, **options)
        return out.getvalue()

    return run


@pytest.fixture
def run_json(run: Callable[..., str]) -> Callable[..., Any]:
    """Type a subcommand with `--json` and return the one value that it answers."""

    def run_json(*words: str) -> Any:
        answer = run(*words, "--json")
        assert answer.isascii()
        assert answer.count("\n") == 1
        return json.loads(answer)

    return run_json


@pytest.fixture
def application(make_application: Any) -> Any:
    return make_application(client_id="notes")


@pytest.fixture
def own(application: Any) -> Any:
    """The application's own options."""
    return AppOption.objects.for_owner(application)


@pytest.fixture
def options(application: Any, user: Any) -> Any:
    """The application's options for the user."""
    return AppUserOption.objects.for_owner(application, user)
