"""Writes an answer as JSON, or as XML if the path ends in `.xml`.

Both write the envelope themselves, so the project's REST framework settings change nothing.
"""

from __future__ import annotations

import json
import re
from io import BytesIO
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from rest_framework.renderers import BaseRenderer
from rest_framework.utils.encoders import JSONEncoder

from django_user_options.fields import JSONText

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# It also supports dates, UUIDs and the like, which a project's methods may return.
_ENCODER = JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
# The letters that every edition of XML 1.0 allows in names.
_LETTERS = "A-Za-zÀ-ÖØ-öø-ÿΑ-ΡΣ-ώЁ-ЌЎ-яё-ќў-ҁ一-龥가-힣"
_NAME = re.compile(f"[{_LETTERS}_][{_LETTERS}0-9_.-]*")
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class EnvelopeJSONRenderer(BaseRenderer):
    """JSON in UTF-8."""

    media_type = "application/json"
    format = "json"
    charset = "utf-8"

    def render(self, data: Mapping[str, Any] | None, *_: Any, **__: Any) -> bytes:
        if data is None:
            return b""
        members = (f"{_ENCODER.encode(name)}:{_json(value)}" for name, value in data.items())
        return f"{{{','.join(members)}}}".encode()

    def size(self, value: Any, most: int) -> int:
        """Return how many bytes a value takes in an answer."""
        return len(_json(value).encode())


class EnvelopeXMLRenderer(BaseRenderer):
    """XML that is well-formed for any keys and values.

    A key that is not an XML name becomes `<item name="…">`, a list's element `<item>`, true `1`,
    false `0`, and null nothing. A character that XML 1.0 does not allow becomes U+FFFD.
    """

    media_type = "application/xml"
    format = "xml"
    charset = "utf-8"

    def render(self, data: Mapping[str, Any] | None, *_: Any, **__: Any) -> bytes:
        if data is None:
            return b""
        document = BytesIO()
        document.write(b"<?xml version='1.0' encoding='utf-8'?>\n")
        values = {name: _decoded(value) for name, value in data.items()}
        document.writelines(piece.encode() for piece in _xml("response", values))
        return document.getvalue()

    def size(self, value: Any, most: int) -> int:
        """Return how many bytes a value takes in an answer, or some number above `most`."""
        total = 0
        for piece in _xml("item", _decoded(value)):
            total += len(piece.encode())
            if total > most:
                break
        return total


def _json(value: Any) -> str:
    """Return the JSON of a value; JSON text is returned unchanged."""
    text = value if isinstance(value, JSONText) else _ENCODER.encode(value)
    # These two end a line in JavaScript before ES2019.
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _decoded(value: Any) -> Any:
    # This refuses the same values as JSON in UTF-8, and writes dates the same way.
    return json.loads(_json(value).encode())


def _xml(tag: str, value: Any) -> Iterator[str]:
    """Yield an element piece by piece, so that no element tree takes memory."""
    unfinished = [(iter([(tag, value)]), "")]
    while unfinished:
        children, end = unfinished[-1]
        for child, item in children:
            name = child.partition(" ")[0]
            if isinstance(item, dict | list) and item:
                yield f"<{child}>"
                unfinished.append((_children(item), f"</{name}>"))
                break
            text = _xml_text(item)
            yield f"<{child}>{text}</{name}>" if text else f"<{child} />"
        else:
            yield end
            unfinished.pop()


def _children(value: dict[str, Any] | list[Any]) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        yield from (("item", item) for item in value)
        return
    for key, item in value.items():
        if _NAME.fullmatch(key):
            yield key, item
        else:
            yield f"item name={quoteattr(_NO_XML.sub(chr(0xFFFD), key))}", item


def _xml_text(value: Any) -> str:
    if isinstance(value, str):
        # A parser would read a bare carriage return as a line feed.
        return escape(_NO_XML.sub("\ufffd", value), {"\r": "&#13;"})
    if isinstance(value, bool):
        return str(int(value))
    return str(value) if isinstance(value, int | float) else ""
