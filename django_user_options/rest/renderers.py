"""How an answer is written: JSON, or XML where the path ends in `.xml`."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, SubElement, tostring

from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer

from django_user_options.fields import JSONText

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rest_framework.request import Request

# The letters that parsers of every edition of XML 1.0 take in names.
_LETTERS = "A-Za-zÀ-ÖØ-öø-ÿΑ-ΡΣ-ώЁ-ЌЎ-яё-ќў-ҁ一-龥가-힣"
_NAME = re.compile(f"[{_LETTERS}_][{_LETTERS}0-9_.-]*")
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class EnvelopeJSONRenderer(JSONRenderer):
    """JSON in UTF-8 that says so, as the vendor's does."""

    charset = "utf-8"

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        """Return the JSON of an envelope; a result that is JSON text already goes in as it is."""
        if not (isinstance(data, dict) and isinstance(data.get("result"), JSONText)):
            rendered: bytes = super().render(data, *args, **kwargs)
            return rendered
        others = super().render({**data, "result": None}, *args, **kwargs)
        result = data["result"].replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
        return others.replace(b'"result":null', b'"result":' + result.encode(), 1)


class EnvelopeXMLRenderer(BaseRenderer):
    """XML that is well-formed whatever the keys and values hold.

    A key that is no XML name becomes `<item name="…">`, a list's element `<item>`, true `1`,
    false `0`, null nothing, and a character that XML 1.0 cannot hold U+FFFD.
    """

    media_type = "application/xml"
    format = "xml"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return the document `<response>…</response>`; an answer without a body has no bytes."""
        if data is None:
            return b""
        response = Element("response")
        # What is no JSON is refused here as it is there, and dates read alike.
        _fill(response, json.loads(EnvelopeJSONRenderer().render(data)))
        document: bytes = tostring(response, encoding="utf-8", xml_declaration=True)
        # A parser would read a bare carriage return as a line feed.
        return document.replace(b"\r", b"&#13;")


def _fill(element: Element, value: Any) -> None:
    if isinstance(value, dict):
        _add_children(element, value.items())
    elif isinstance(value, list):
        _add_children(element, ((None, item) for item in value))
    elif isinstance(value, bool):
        element.text = str(int(value))
    elif value is not None:
        element.text = _NO_XML.sub("\ufffd", str(value))


def _add_children(element: Element, children: Iterable[tuple[str | None, Any]]) -> None:
    for name, value in children:
        if name is None:
            child = SubElement(element, "item")
        elif _NAME.fullmatch(name):
            child = SubElement(element, name)
        else:
            child = SubElement(element, "item", name=_NO_XML.sub("\ufffd", name))
        _fill(child, value)


class SuffixNegotiation(BaseContentNegotiation):
    """Chooses the renderer by the suffix of the path; `Accept` says nothing here."""

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        """Return the renderer of the suffix, JSON without one."""
        first, *_ = renderers = list(renderers)
        chosen = next((r for r in renderers if r.format == format_suffix), first)
        return chosen, chosen.media_type
