"""Columns that behave alike on SQLite, PostgreSQL, MariaDB and MySQL."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldError
from django.db import models

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper


class JSONText(str):
    """JSON that has been encoded already and is stored as it stands."""

    __slots__ = ()


# Made once: `json.dumps` would make one for every value.
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def encode_json(value: object) -> JSONText:
    """Return the compact JSON text of `value`.

    Raises:
        TypeError: A part has no JSON form.
        ValueError: A number has no JSON form, or a container holds itself.
        RecursionError: It is nested far too deep.
    """
    return JSONText(_ENCODER.encode(value))


def decode_json(text: str | bytes) -> Any:
    """Return the value of a JSON text that can be stored exactly.

    Raises:
        ValueError: This is not JSON, an object contains a key twice, or a number would change.
    """
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_float=_exact_float,
            parse_constant=_exact_float,
        )
    except (ArithmeticError, RecursionError):
        msg = "a number is too large, or the nesting is too deep"
        raise ValueError(msg) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        repeated = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        msg = f"the key {json.dumps(repeated, ensure_ascii=False)} appears twice in one object"
        raise ValueError(msg)
    return found


def _exact_float(text: str) -> float:
    number = float(text)
    if not isfinite(number) or Decimal(text) != Decimal(repr(number)):
        msg = f"the number {text} cannot be stored exactly"
        raise ValueError(msg)
    return number


def _with_binary_collation(
    parameters: dict[str, Any], connection: BaseDatabaseWrapper
) -> dict[str, Any]:
    """Make a text column compare byte for byte where the vendor's default does not.

    MariaDB and MySQL fold case and accents, and even `utf8mb4_bin` ignores trailing
    spaces; only the NO PAD binary collations do not. The others compare bytes anyway.
    """
    if connection.vendor == "mysql":
        mariadb = getattr(connection, "mysql_is_mariadb", False)
        parameters["collation"] = "utf8mb4_nopad_bin" if mariadb else "utf8mb4_0900_bin"
    return parameters


class KeyField(models.CharField):  # type: ignore[type-arg]
    """A text column whose values are equal only when their bytes are."""

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        """Return the column's type, with its collation where one is needed."""
        return _with_binary_collation(dict(super().db_parameters(connection)), connection)


class JSONTextField(models.TextField):  # type: ignore[type-arg]
    """Any JSON value, kept as text so that it comes back exactly as it was written.

    PostgreSQL's `jsonb` rewrites numbers and MariaDB's JSON is text already, so plain
    text is the one type that returns the same value everywhere. `None` is stored as
    JSON `null`, never as SQL NULL. Lookups inside a value are not offered.
    """

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        """Return the column's type, with its collation where one is needed."""
        return _with_binary_collation(dict(super().db_parameters(connection)), connection)

    def get_prep_value(self, value: Any) -> Any:
        """Encode a Python value, or pass on text that is encoded already."""
        return value if isinstance(value, JSONText) else encode_json(value)

    def from_db_value(self, value: str | None, *_: object) -> Any:
        """Decode what the database returned; SQL NULL comes from outer joins only."""
        return None if value is None else json.loads(value)

    def to_python(self, value: Any) -> Any:
        """Return the value unchanged: any Python form of JSON is valid."""
        return value

    def value_to_string(self, obj: models.Model) -> Any:
        """Return the value for `dumpdata`, which writes JSON as it is."""
        return self.value_from_object(obj)

    def get_lookup(self, lookup_name: str) -> Any:
        """Return one of the lookups that compare whole values.

        Raises:
            FieldError: The lookup would look at the text of the JSON.
        """
        if lookup_name in ("exact", "in", "isnull"):
            return super().get_lookup(lookup_name)
        msg = f"{type(self).__name__} offers the lookups exact, in and isnull only."
        raise FieldError(msg)
