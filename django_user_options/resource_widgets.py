"""How django-import-export writes and reads a JSON value, if a project uses that package."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from typing import Any

from django_user_options.fields import JSONTextField, decode_json, encode_json


class JSONTextWidget:
    """A widget of django-import-export: the value as JSON text, even `null` and `{}`."""

    def render(self, value: Any, *_: object, **__: object) -> str:
        return encode_json(value)

    def clean(self, value: Any, *_: object, **__: object) -> Any:
        if value is None:
            msg = "a JSON value is required"
            raise ValueError(msg)
        # A spreadsheet cell may already be a number.
        return decode_json(value) if isinstance(value, str) else value


def register_widget() -> None:
    """Use the widget for the fields of this package; the default one would write Python's repr."""
    with suppress(ImportError):
        resources: Any = import_module("import_export.resources")
        resources.ModelResource.WIDGETS_MAP[JSONTextField.__name__] = JSONTextWidget
