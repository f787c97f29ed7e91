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

    def size(self, value: Any) -> int:
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
        values = {name: _decoded(value) for name, value in data.items()}
        return b"<?xml version='1.0' encoding='utf-8'?>\n" + _xml("response", values)

    def size(self, value: Any) -> int:
        """Return how many bytes a value takes in an answer."""
        return len(_xml("item", _decoded(value)))


def _json(value: Any) -> str:
    """Return the JSON of a value; JSON text is returned unchanged."""
    text = value if isinstance(value, JSONText) else _ENCODER.encode(value)
    # These two end a line in JavaScript before ES2019.
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _decoded(value: Any) -> Any:
    # This refuses the same values as JSON in UTF-8, and writes dates the same way.
    return json.loads(_json(value).encode())


def _xml(tag: str, value: Any) -> bytes:
    document = BytesIO()
    document.writelines(piece.encode() for piece in _element(tag, value))
    return document.getvalue()


def _element(tag: str, value: Any) -> Iterator[str]:
    """Yield an element piece by piece, because all pieces together would take much memory."""
    end = tag.partition(" ")[0]
    if not value or not isinstance(value, dict | list):
        if isinstance(value, bool):
            value = int(value)
        text = str(value) if isinstance(value, str | int | float) else ""
        # A parser would read a bare carriage return as a line feed.
        text = escape(_NO_XML.sub("\ufffd", text), {"\r": "&#13;"})
        yield f"<{tag}>{text}</{end}>" if text else f"<{tag} />"
        return
    yield f"<{tag}>"
    children = value.items() if isinstance(value, dict) else (("item", item) for item in value)
    for name, child in children:
        named = _NAME.fullmatch(name)
        tag = name if named else f"item name={quoteattr(_NO_XML.sub(chr(0xFFFD), name))}"
        yield from _element(tag, child)
    yield f"</{end}>"
