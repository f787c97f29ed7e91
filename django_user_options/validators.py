"""The rules for one option: what a key and a value may be, and how large.

The queryset applies them, so the same rules hold for REST, Python and the admin.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_noop as _

from django_user_options.conf import KEY_LENGTH, conf
from django_user_options.exceptions import InvalidOptionError, OptionLimitError
from django_user_options.fields import JSONText, encode_json

# Control characters (C0, DEL and C1), and lone surrogates, which have no UTF-8 form.
_UNUSABLE_IN_KEY = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# In JSON text, an even number of backslashes is all escaped backslashes.
_ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")

_SCALARS = (str, int, float, type(None))


def validate_key(key: object, *, argument: str = "option", maximum: int = KEY_LENGTH) -> str:
    """Return `key` if it may name an option.

    Any key that fits the column may be read or deleted, even if the project has lowered the limit
    for writing.

    Raises:
        InvalidOptionError: The key is not a string, is empty, or contains control characters or
            lone surrogates.
        OptionLimitError: The key is longer than `maximum`, in characters.
    """
    if not isinstance(key, str):
        msg = _("%(argument)s: a key must be a string")
        raise InvalidOptionError(msg, argument=argument)
    if not key:
        msg = _("%(argument)s: a key must be a string of at least 1 character")
        raise InvalidOptionError(msg, argument=argument)
    if len(key) > maximum:
        msg = _("%(argument)s: a key may have at most %(maximum)d characters")
        raise OptionLimitError(
            msg, argument=argument, limit="max_key_length", maximum=maximum, current=len(key)
        )
    if _UNUSABLE_IN_KEY.search(key):
        msg = _(
            "%(argument)s: a key must be a string without control characters or lone surrogates"
        )
        raise InvalidOptionError(msg, argument=argument)
    # A subclass of str may convert itself for the database; use only its text.
    return str.__str__(key)


def validate_keys(keys: object, *, argument: str = "option") -> list[str]:
    """Return the keys as a list if each may name an option and there are not too many.

    Raises:
        InvalidOptionError: A key is invalid, or `keys` is a single string or no list at all.
        OptionLimitError: A key is too long, or there are more than `MAX_KEYS_PER_CALL`.
    """
    if isinstance(keys, str) or not isinstance(keys, Iterable):
        msg = _("%(argument)s must be a list of keys")
        raise InvalidOptionError(msg, argument=argument)
    given = list(keys)
    check_count(len(given), argument=argument)
    return [validate_key(key, argument=argument) for key in given]


def validate_mapping(given: object, *, argument: str, maximum: int = KEY_LENGTH) -> dict[str, Any]:
    """Return the mapping as a dict if each key may name an option and there are not too many.

    Raises:
        InvalidOptionError: `given` is not a mapping, or a key is invalid.
        OptionLimitError: A key is too long, or there are more than `MAX_KEYS_PER_CALL`.
    """
    if not isinstance(given, Mapping):
        msg = _("%(argument)s must be an object of keys and values")
        raise InvalidOptionError(msg, argument=argument)
    check_count(len(given), argument=argument)
    return {
        validate_key(key, argument=argument, maximum=maximum): value for key, value in given.items()
    }


def encode_options(options: object, *, argument: str = "options") -> dict[str, JSONText]:
    """Return the options with each value as JSON text, sorted by key.

    Raises:
        InvalidOptionError: `options` is not a mapping, or a key or a value cannot be stored.
        OptionLimitError: A limit is exceeded.
    """
    values = validate_mapping(options, argument=argument, maximum=conf.max_key_length)
    largest = conf.max_value_bytes
    texts = {}
    # Writers that lock rows in the same order cannot deadlock.
    for key in sorted(values):
        value, place = values[key], {"argument": argument, "key": key}
        text, size = _encode(value, place)
        if size > largest:
            msg = _("%(argument)s[%(key)s] may have at most %(maximum)d bytes as JSON")
            raise OptionLimitError(
                msg, limit="max_value_bytes", maximum=largest, current=size, **place
            )
        if not isinstance(value, _SCALARS):
            _check_structure(value, place)
        # Most texts have no such letters, and looking for them is faster than the expression.
        if "u0000" in text and _ESCAPED_NUL.search(text):
            msg = _("%(argument)s[%(key)s] must be text without NUL")
            raise InvalidOptionError(msg, **place)
        texts[key] = text
    return texts


def _encode(value: object, place: Mapping[str, str]) -> tuple[JSONText, int]:
    """Return the JSON text and its size in bytes."""
    try:
        text = encode_json(value)
        return text, byte_size(text)
    except RecursionError:
        raise _too_deep(place) from None
    except TypeError:
        raise _not_json(place) from None
    except UnicodeEncodeError:
        msg = _("%(argument)s[%(key)s] must be text without lone surrogates")
        raise InvalidOptionError(msg, **place) from None
    except ValueError:
        msg = _("%(argument)s[%(key)s] must be finite numbers of at most 4,300 digits, and no loop")
        raise InvalidOptionError(msg, **place) from None


def byte_size(text: JSONText) -> int:
    """Return how many bytes the JSON text takes in UTF-8."""
    return len(text) if text.isascii() else len(text.encode())


def check_count(count: int, *, argument: str) -> None:
    """Check that one call may name this many keys.

    Raises:
        OptionLimitError: There are more than `MAX_KEYS_PER_CALL`.
    """
    maximum = conf.max_keys_per_call
    if count > maximum:
        msg = _("%(argument)s: one call may name at most %(maximum)d keys")
        raise OptionLimitError(
            msg, argument=argument, limit="max_keys_per_call", maximum=maximum, current=count
        )


def _check_structure(value: object, place: Mapping[str, str]) -> None:
    """Refuse deep nesting, and tuples and non-string keys, which JSON would silently change."""
    level: list[Any] = [value]
    depth, maximum = 0, conf.max_nesting
    while containers := [part for part in level if not isinstance(part, _SCALARS)]:
        level = []
        for part in containers:
            if isinstance(part, list):
                level += part
            elif isinstance(part, dict) and all(isinstance(key, str) for key in part):
                level += part.values()
            else:
                raise _not_json(place)
        if depth >= maximum:
            raise _too_deep(place)
        depth += 1


def _not_json(place: Mapping[str, str]) -> InvalidOptionError:
    msg = _(
        "%(argument)s[%(key)s] must be a JSON value: null, a boolean, a number, a string, a list, "
        "or an object with string keys"
    )
    return InvalidOptionError(msg, **place)


def _too_deep(place: Mapping[str, str]) -> OptionLimitError:
    maximum = conf.max_nesting
    msg = _("%(argument)s[%(key)s] may be nested at most %(maximum)d deep")
    # Deeper levels are not counted.
    return OptionLimitError(msg, limit="max_nesting", maximum=maximum, current=maximum + 1, **place)
