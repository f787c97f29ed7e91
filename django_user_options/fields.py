"""Columns that behave the same on SQLite, PostgreSQL, MariaDB and MySQL, and their forms."""

from __future__ import annotations

import json
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from importlib import import_module
from math import isfinite
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import FieldError, ValidationError
from django.db import models
from django.forms.fields import InvalidJSONInput
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper


class JSONText(str):
    """JSON text that is already encoded and is stored unchanged."""

    __slots__ = ()


# Created once, because `json.dumps` would create an encoder for every value.
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def encode_json(value: object) -> JSONText:
    """Return the compact JSON text of `value`.

    Raises:
        TypeError: A part cannot be written as JSON.
        ValueError: A number cannot be written as JSON, or a container contains itself.
        RecursionError: The value is nested too deeply.
    """
    return JSONText(_ENCODER.encode(value))


def decode_json(text: str | bytes) -> Any:
    """Return the value of a JSON text, if it can be stored exactly.

    Raises:
        ValueError: This is not JSON or not UTF-8, an object contains a key twice, or a number would
            change. The message has no period and quotes no part of the text.
    """
    try:
        return json.loads(
            text,
            object_pairs_hook=_decode_object,
            parse_int=_decode_int,
            parse_float=_decode_float,
            parse_constant=_decode_float,
        )
    except RecursionError:
        msg = "the JSON is nested too deeply"
    except UnicodeDecodeError:
        msg = "the text is not encoded in UTF-8"
    raise ValueError(msg)


def _decode_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        msg = "a key appears twice in one object"
        raise ValueError(msg)
    return found


def _decode_int(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        msg = "a number has too many digits"
        raise ValueError(msg) from None


def _decode_float(text: str) -> float:
    number = float(text)
    try:
        is_exact = isfinite(number) and Decimal(text) == Decimal(repr(number))
    except InvalidOperation:  # an exponent with 18 digits
        is_exact = False
    if not is_exact:
        msg = "a number cannot be stored exactly"
        raise ValueError(msg)
    return number


class _BinaryCollation:
    """Makes a text column compare byte by byte on databases that do not do so by default.

    MariaDB and MySQL ignore case and accents, and even `utf8mb4_bin` ignores trailing
    spaces. Only their NO PAD binary collations compare bytes.
    """

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        parameters = dict(super().db_parameters(connection))  # type: ignore[misc]
        if connection.vendor == "mysql":
            mariadb = getattr(connection, "mysql_is_mariadb", False)
            parameters["collation"] = "utf8mb4_nopad_bin" if mariadb else "utf8mb4_0900_bin"
        return parameters


class KeyField(_BinaryCollation, models.CharField):  # type: ignore[type-arg]
    """A text column whose values are equal only when their bytes are."""


class JSONFormField(forms.JSONField):
    """Any JSON value, typed as text; `null`, `{}` and `""` are values, but an empty text is not."""

    empty_values = ()

    def to_python(self, value: Any) -> Any:
        if value is None or (isinstance(value, str) and not value.strip()):
            raise forms.ValidationError(self.error_messages["required"], code="required")
        try:
            return decode_json(value) if isinstance(value, str) else value
        except ValueError as error:
            message, params = self.error_messages["invalid"], {"value": value}
            raise forms.ValidationError(message, code="invalid", params=params) from error

    def bound_data(self, data: Any, initial: Any) -> Any:
        # Invalid input is shown again unchanged.
        return data if data is None or self.disabled else InvalidJSONInput(data)


def validate_encodable(value: object) -> None:
    """Check that a value can be written as JSON that every database can store.

    Raises:
        ValidationError: It cannot.
    """
    try:
        encode_json(value).encode()
    except UnicodeEncodeError as error:
        message = _("This must be text without lone surrogates.")
        raise ValidationError(message, code="invalid") from error
    except ValueError as error:
        message = _("This must have finite numbers of at most 4,300 digits, and no loop.")
        raise ValidationError(message, code="invalid") from error
    except (TypeError, RecursionError) as error:
        raise ValidationError(_("This value cannot be stored as JSON."), code="invalid") from error


class JSONTextField(_BinaryCollation, models.Field):  # type: ignore[type-arg]
    """Any JSON value, kept as text so that it comes back exactly as it was written.

    PostgreSQL's `jsonb` rewrites numbers and MariaDB's JSON is text already, so plain
    text is the one type that returns the same value everywhere. `None` is stored as
    JSON `null`, never as SQL NULL. Lookups inside a value are not offered.

    This is not a TextField, so packages that inspect model fields do not treat the value as text.
    """

    description = _("A JSON value")
    default_validators = [validate_encodable]  # noqa: RUF012  as Django declares it
    empty_values = ()

    def get_internal_type(self) -> str:
        return "TextField"

    def get_prep_value(self, value: Any) -> Any:
        return value if isinstance(value, JSONText) else encode_json(value)

    def from_db_value(self, value: str | None, *_: object) -> Any:
        # SQL NULL comes from outer joins only.
        return None if value is None else json.loads(value)

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        """Accept any value, even `None` or an empty one; the validators do the rest."""

    def value_to_string(self, obj: models.Model) -> Any:
        # `dumpdata` writes JSON as it is.
        return self.value_from_object(obj)

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": JSONFormField, **kwargs})

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name in ("exact", "in", "isnull"):
            return super().get_lookup(lookup_name)
        msg = f"{type(self).__name__} offers the lookups exact, in and isnull only."
        raise FieldError(msg)


class JSONTextWidget:
    """The value as JSON text, even `null` and `{}`, in files of django-import-export."""

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


# The column `value` as it is stored. Decoding and reencoding it would only cost time.
STORED_TEXT = models.ExpressionWrapper(models.F("value"), output_field=models.TextField())
