"""What the checks of a project find."""

from __future__ import annotations

from typing import Any

from django.core.checks import run_checks

LABEL = "django_user_options."


def ids(**arguments: Any) -> list[str]:
    """Return the ids of our messages among those of all registered checks."""
    found = [message.id or "" for message in run_checks(**arguments)]
    return [name.removeprefix(LABEL) for name in found if name.startswith(LABEL)]


def advice(name: str) -> list[str]:
    """Return this id if `check --deploy` finds it."""
    return [found for found in ids(include_deployment_checks=True) if found == name]
