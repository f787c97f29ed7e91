"""How keys, values and sizes look on every screen: as text, typed, and never too long.

What is shown is JSON. Characters that nobody sees, among them those that turn the direction
of writing, stand as JSON escapes, so that two keys that look alike here are alike.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

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
KEY_LENGTH = 40
_PREVIEW_LENGTH = 60
_BLOCK_LENGTH = 2_000
# The joiners hold emoji and letters of some scripts together.
_SHOWN_AS_THEY_ARE = "\n\u200c\u200d"


def kind_of(value: Any) -> str:
    """Return which of `KINDS` a value is."""
    if isinstance(value, str):
        return "string"
    if isinstance(value, dict | list):
        return "object" if isinstance(value, dict) else "list"
    if isinstance(value, bool):
        return "boolean"
    return "null" if value is None else "number"


def shown_key(key: str, length: int = KEY_LENGTH) -> str:
    """Return how a key begins, in quotes, as spaces at its ends tell it from others."""
    return _visible(json.dumps(_cut(key, length), ensure_ascii=False))


def preview(value: Any) -> SafeString:
    """Return the type of a value and how it begins, on one line."""
    kind = kind_of(value)
    label = format_html('<span class="uo-kind uo-{}">{}</span>', kind, KINDS[kind])
    return label if value is None else format_html("{} {}", label, _beginning(value))


def whole_key(key: str) -> SafeString:
    """Return a key, whole."""
    return format_html('<pre class="uo-json">{}</pre>', shown_key(key, len(key)))


def whole_value(value: Any) -> SafeString:
    """Return a value as indented JSON, whole."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return format_html('<pre class="uo-json">{}</pre>', _visible(text))


def folded_value(value: Any) -> tuple[SafeString, bool]:
    """Return a preview that opens to the indented JSON, and whether that is cut.

    A value that its preview shows already has nothing to open.
    """
    if (isinstance(value, str) and len(value) <= _PREVIEW_LENGTH) or not _is_large(value):
        return preview(value), False
    text, is_cut = _indented_beginning(value)
    block = '<details class="uo-fold"><summary>{}</summary><pre class="uo-json">{}</pre></details>'
    return format_html(block, preview(value), text), is_cut


def size_text(size: int) -> SafeString:
    """Return a number of bytes for people."""
    return filesizeformat(size)  # type: ignore[return-value]


def _beginning(value: Any) -> str:
    if isinstance(value, dict | list):
        count = len(value)
        return ngettext("%(count)d entry", "%(count)d entries", count) % {"count": count}
    if isinstance(value, str):
        return shown_key(value, _PREVIEW_LENGTH)
    return _cut(json.dumps(value), _PREVIEW_LENGTH)


def _is_large(value: Any) -> bool:
    if isinstance(value, dict | list):
        return bool(value)
    return len(json.dumps(value)) > _PREVIEW_LENGTH


def _indented_beginning(value: Any) -> tuple[str, bool]:
    """Return the first lines, without writing out what a large value has beyond them."""
    text = ""
    for part in json.JSONEncoder(indent=2, ensure_ascii=False).iterencode(value):
        text += part
        if len(text) > _BLOCK_LENGTH:
            return _visible(_cut(text, _BLOCK_LENGTH)), True
    return _visible(text), False


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _visible(text: str) -> str:
    """Escape in JSON what is not seen."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in _SHOWN_AS_THEY_ARE else json.dumps(char)[1:-1]
        for char in text
    )
