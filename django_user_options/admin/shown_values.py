"""How keys and values look on every page: as text, and never too long.

They are shown as JSON. Invisible characters, including those that change the writing direction,
appear as JSON escapes, so two keys that look the same are the same.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise
    from django.utils.safestring import SafeString

KINDS: dict[str, _StrPromise] = {
    "string": _("string"),
    "number": _("number"),
    "boolean": _("boolean"),
    "null": _("null"),
    "list": _("list"),
    "object": _("object"),
}
# The first characters of each type's JSON.
STARTS = {
    "string": '"',
    "number": "-0123456789",
    "boolean": "tf",
    "null": "n",
    "list": "[",
    "object": "{",
}
_KEY_LENGTH = 40
_PREVIEW_LENGTH = 60
_BLOCK_LENGTH = 2_000
# The joiners connect emoji and the letters of some scripts.
_SHOWN_AS_THEY_ARE = "\n\u200c\u200d"


def shown_key(key: str, length: int = _KEY_LENGTH) -> str:
    """Return the beginning of a key, in quotes only if it could be mistaken for another."""
    cut = key if len(key) <= length else f"{key[: length - 1]}…"
    is_plain = cut.isprintable() and cut == cut.strip() and not cut.startswith('"')
    return cut if is_plain else _visible(json.dumps(cut, ensure_ascii=False))


def preview(value: Any) -> str:
    """Return the beginning of a value's JSON, on one line."""
    return _beginning(value)[0]


def whole_key(key: str) -> SafeString:
    """Return the whole key."""
    return format_html('<pre class="uo-json">{}</pre>', shown_key(key, len(key)))


def whole_value(value: Any) -> SafeString:
    """Return the whole value as indented JSON."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return format_html('<pre class="uo-json">{}</pre>', _visible(text))


def folded_value(value: Any) -> tuple[str, bool]:
    """Return a preview that opens to the indented JSON, and whether that JSON is cut.

    If the preview shows the whole value, there is nothing to open.
    """
    if not _beginning(value)[1]:
        return preview(value), False
    text, is_cut = _beginning(value, _BLOCK_LENGTH, indent=2)
    block = '<details class="uo-fold"><summary>{}</summary><pre class="uo-json">{}</pre></details>'
    return format_html(block, preview(value), text), is_cut


def _beginning(
    value: Any, length: int = _PREVIEW_LENGTH, indent: int | None = None
) -> tuple[str, bool]:
    """Return the beginning of a value's JSON, and whether there is more."""
    text = ""
    # In parts, so that the rest of a large value is never encoded.
    for part in json.JSONEncoder(indent=indent, ensure_ascii=False).iterencode(value):
        text += part
        if len(text) > length:
            return _visible(f"{text[: length - 1]}…"), True
    return _visible(text), False


def _visible(text: str) -> str:
    """Escape invisible characters as JSON does."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in _SHOWN_AS_THEY_ARE else json.dumps(char)[1:-1]
        for char in text
    )
