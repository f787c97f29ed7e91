"""PHP's notation for arrays: bracketed names in forms and queries, and lists that mean objects.

`options[data]=value`, `options[a][b]=1` and `options[list][]=x` are read as PHP's `parse_str` reads
them, except that a lone `x[]=` is an empty array, because SDKs write `{}` and `[]` that way. The
library qs-codec was tried first. It merges `a=1&a[b]=2` into a list, joins `a[][x]=1&a[][y]=2` into
one object, renumbers `a[5]=1&a[]=2`, and silently replaces broken UTF-8. Each of these would store
something that the client did not send.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from django_user_options.conf import conf
from django_user_options.exceptions import OptionLimitError
from django_user_options.rest.refusals import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Iterable

# Both cost memory before the client is known. No call may use more than a tenth of these keys, and
# clients write fewer than five brackets per field.
MAX_FIELDS = 10_000
MAX_BRACKETS = 50_000

# PHP's empty bracket: nothing, or one whitespace character.
_EMPTY = ("", " ", "\t", "\n", "\v", "\f", "\r")
# The keys that PHP turns into integers; they decide which number `[]` gets next.
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,18}")
_LONG_TEXT = 4096
_ESCAPES = re.compile(rb"(?:%[0-9A-Fa-f]{2})++")
_REPLACED_IN_NAMES = str.maketrans(" .[", "___")


class Fields(dict[str, Any]):
    """Parameters by name.

    Attributes:
        repeated: The outermost names that were given more than once with different values.
    """

    repeated: frozenset[str] = frozenset()


def as_object(value: Any) -> Any:
    """Return the object that a parameter represents, or else the value itself.

    PHP writes an empty object as `[]` or `""`, and an object with index keys as a list.
    """
    if value is None or value == "":
        return {}
    if isinstance(value, list):
        return {str(index): item for index, item in enumerate(value)}
    return value


class FieldCount:
    """The fields and brackets so far of one body, or of all commands of a batch."""

    def __init__(self) -> None:
        self._fields = self._brackets = 0

    def add(self, fields: int, brackets: int = 0) -> None:
        """Count them, and refuse more than any call needs.

        Raises:
            InvalidRequestError: There are more than `MAX_FIELDS` fields or `MAX_BRACKETS` brackets.
        """
        self._fields += fields
        self._brackets += brackets
        if self._fields > MAX_FIELDS or self._brackets > MAX_BRACKETS:
            msg = f"The request has more than {MAX_FIELDS} fields or {MAX_BRACKETS} brackets"
            raise InvalidRequestError(msg)


def parse_brackets(encoded: bytes, count: FieldCount | None = None) -> Fields:
    """Return the parameters of a query string or a form body.

    Values are strings. Bracketed names make nested dicts, and keys `0…n-1` in order make lists.
    A batch passes one count for all of its commands.

    Raises:
        InvalidRequestError: The bytes are not UTF-8, or there are more than `MAX_FIELDS` fields
            or `MAX_BRACKETS` brackets.
        OptionLimitError: A name has more brackets than `MAX_NESTING`.
    """
    pairs = (pair.partition(b"=") for pair in encoded.split(b"&") if pair)
    return nest(((_decode(name), _decode(value)) for name, _, value in pairs), count)


def nest(pairs: Iterable[tuple[str, str]], count: FieldCount | None = None) -> Fields:
    """Return the nested parameters of decoded pairs of bracketed name and value.

    Raises what `parse_brackets` raises.
    """
    root = _PHPArray()
    repeated: set[Any] = set()
    deepest = conf.max_nesting
    count = count or FieldCount()
    for name, value in pairs:
        path = _split(name, deepest)
        count.add(1, len(path[1:]))
        if len(path) == 1 and root.get(path[0], value) != value:
            repeated.add(path[0])
        root.put_at(path, value)
    fields = Fields((key, _plain(value)) for key, value in root.items())
    fields.repeated = frozenset(repeated)
    return fields


def _decode(text: bytes) -> str:
    text = text.replace(b"+", b" ")
    if len(text) < _LONG_TEXT:
        text = unquote_to_bytes(text)
    else:
        # `unquote_to_bytes` is fast, but uses 75 times as much memory as the text.
        text = _ESCAPES.sub(lambda run: bytes.fromhex(run[0].replace(b"%", b"").decode()), text)
    try:
        return text.decode()
    except UnicodeDecodeError:
        msg = "Parameters must be encoded in UTF-8"
        raise InvalidRequestError(msg) from None


def _split(name: str, deepest: int) -> list[str | None]:
    """Return the keys of a bracketed name; `None` stands for an empty bracket.

    PHP replaces a space, dot or lone bracket in the outermost name with `_`.
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
            # The message omits the name, which may be anything sent by mistake.
            msg = "The name of a parameter may have at most %(maximum)d brackets"
            # Further brackets are not counted.
            raise OptionLimitError(
                msg, argument="", limit="max_nesting", maximum=deepest, current=deepest + 1
            )
        key = name[start + 1 : end]
        keys.append(None if key in _EMPTY else key)
        start = end + 1
    return keys


class _PHPArray(dict[Any, Any]):
    """A PHP array that is being built; its values are strings and arrays."""

    __slots__ = ("appended", "next_index")

    def __init__(self) -> None:
        self.next_index: int | None = None
        # Whether the last key was an empty bracket: `x[]=` alone is empty, `x[0]=` is not.
        self.appended = False

    def put_at(self, path: list[str | None], value: str) -> None:
        """Set the value at the end of a path; an empty path sets nothing."""
        branch = self
        for key in path[:-1]:
            branch = branch.open(key)
        for key in path[-1:]:
            branch.put(key, value)

    def put(self, key: str | None, value: _PHPArray | str) -> None:
        """Set a key; the last value wins, in the first one's place."""
        self.appended = key is None
        if key is None:
            key = str(self.next_index or 0)
        if _INTEGER.fullmatch(key) and (self.next_index is None or int(key) >= self.next_index):
            self.next_index = int(key) + 1
        self[key] = value

    def open(self, key: str | None) -> _PHPArray:
        """Return the array at a key; a new one replaces a string."""
        found = self.get(key)
        if not isinstance(found, _PHPArray):
            found = _PHPArray()
            self.put(key, found)
        return found


def _plain(value: _PHPArray | str) -> Any:
    """Return an array as a list or dict, in place because a body may contain very many."""
    if isinstance(value, str):
        return value
    for key, item in value.items():
        value[key] = _plain(item)
    if value.appended and list(value.values()) == [""]:
        return []
    if all(key == str(index) for index, key in enumerate(value)):
        return list(value.values())
    return value
