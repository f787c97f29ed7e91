"""Form and query strings with bracketed names, read as PHP's `parse_str` reads them.

`options[data]=value`, `options[a][b]=1` and `options[list][]=x` are what PHP clients send.
The library qs-codec was tried first: it merges `a=1&a[b]=2` into a list, joins
`a[][x]=1&a[][y]=2` into one object, renumbers `a[5]=1&a[]=2`, and decodes broken UTF-8
without a word, each of which would store something that was not sent.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from django_user_options.conf import conf
from django_user_options.exceptions import OptionLimitError
from django_user_options.rest.refusals import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Ten times the keys that one call may name; each costs memory before anyone is known.
MAX_FIELDS = 10_000

# What PHP takes for an empty bracket: nothing, or one character of white space.
_EMPTY = ("", " ", "\t", "\n", "\v", "\f", "\r")
# The keys that PHP makes integers: they decide which number `[]` takes next.
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,18}")
_REPLACED_IN_NAMES = str.maketrans(" .[", "___")


def parse_brackets(encoded: bytes) -> dict[str, Any]:
    """Return the parameters of a query string or of a form body.

    Values are strings; bracketed names make nested dicts, and keys `0…n-1` in order lists.

    Raises:
        InvalidRequestError: The bytes are no UTF-8, or have more than `MAX_FIELDS` fields.
        OptionLimitError: A name has more brackets than `MAX_NESTING`.
    """
    return nest(_pairs(encoded))


def nest(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return the nested parameters for decoded pairs of bracketed name and value.

    Raises:
        InvalidRequestError: There are more than `MAX_FIELDS`.
        OptionLimitError: A name has more brackets than `MAX_NESTING`.
    """
    root = _Branch()
    deepest = conf.max_nesting
    for count, (name, value) in enumerate(pairs, 1):
        check_field_count(count)
        path = _split(name, deepest)
        if path:
            branch = root
            for key in path[:-1]:
                branch = branch.open(key)
            branch.put(path[-1], value)
    return {key: _plain(value) for key, value in root.items.items()}


def check_field_count(count: int) -> None:
    """Refuse more fields than any call needs, before they are put together.

    Raises:
        InvalidRequestError: There are more than `MAX_FIELDS`.
    """
    if count > MAX_FIELDS:
        msg = f"The request has more than {MAX_FIELDS} fields"
        raise InvalidRequestError(msg)


def _pairs(encoded: bytes) -> Iterator[tuple[str, str]]:
    for pair in encoded.split(b"&"):
        if pair:
            name, _, value = pair.partition(b"=")
            yield _decode(name), _decode(value)


def _decode(text: bytes) -> str:
    try:
        return unquote_to_bytes(text.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        msg = "Parameters must be encoded in UTF-8"
        raise InvalidRequestError(msg) from None


def _split(name: str, deepest: int) -> list[str | None]:
    """Return the keys of a bracketed name; `None` stands for an empty bracket.

    PHP allows no space, dot or lone bracket in the outermost name and puts `_` there.
    """
    name = name.lstrip(" ")
    start = name.find("[")
    if start < 0:
        return [name.translate(_REPLACED_IN_NAMES)] if name else []
    if start == 0:
        return []
    keys: list[str | None] = [name[:start].translate(_REPLACED_IN_NAMES)]
    while name.startswith("[", start):
        end = name.find("]", start)
        if end < 0:
            return keys if len(keys) > 1 else [name.translate(_REPLACED_IN_NAMES)]
        if len(keys) > deepest:
            # The name is not repeated: it may be anything that was sent by mistake.
            msg = "The name of a parameter may have at most %(maximum)d brackets"
            raise OptionLimitError(msg, argument="", maximum=deepest)
        key = name[start + 1 : end]
        keys.append(None if key in _EMPTY else key)
        start = end + 1
    return keys


class _Branch:
    """One PHP array while it is being built."""

    __slots__ = ("items", "next_index")

    def __init__(self) -> None:
        self.items: dict[str, _Branch | str] = {}
        self.next_index: int | None = None

    def put(self, key: str | None, value: _Branch | str) -> None:
        """Set a key; the last one of a name wins, in the first one's place."""
        if key is None:
            key = str(self.next_index or 0)
        if _INTEGER.fullmatch(key) and (self.next_index is None or int(key) >= self.next_index):
            self.next_index = int(key) + 1
        self.items[key] = value

    def open(self, key: str | None) -> _Branch:
        """Return the branch at a key, a new one in place of a plain value."""
        found = self.items.get(key) if key is not None else None
        if not isinstance(found, _Branch):
            found = _Branch()
            self.put(key, found)
        return found


def _plain(value: _Branch | str) -> Any:
    if isinstance(value, str):
        return value
    values = [_plain(item) for item in value.items.values()]
    if all(key == str(index) for index, key in enumerate(value.items)):
        return values
    return dict(zip(value.items, values, strict=True))
