"""A project in which every setting of REST framework has another value than its default."""

from __future__ import annotations

from typing import Any

from rest_framework.settings import DEFAULTS, IMPORT_STRINGS

from tests.settings import *  # noqa: F403

# Stands for each class and function of the project; any call of it fails.
UNTOUCHABLE = None


def other(name: str, value: Any) -> Any:
    """Return a value that is not the default."""
    if name in IMPORT_STRINGS:
        path = f"{__name__}.UNTOUCHABLE"
        return [path] if isinstance(value, list) else path
    if isinstance(value, bool):
        return not value
    return {str: "%H odd", list: ["%H odd"], dict: {}}.get(type(value), 3)


REST_FRAMEWORK = {name: other(name, value) for name, value in DEFAULTS.items()}
