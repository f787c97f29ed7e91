"""Characters that readers of an answer could take for the end of a line."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest

from django_user_options.rest.renderers import EnvelopeJSONRenderer, EnvelopeXMLRenderer


@pytest.mark.parametrize("separator", ["\u2028", "\u2029"], ids=ascii)
def test_json_escapes_line_ends_of_javascript(separator: str) -> None:
    data = {"result": {f"a{separator}": separator}}
    answer = EnvelopeJSONRenderer().render(data).decode()
    assert separator not in answer
    assert json.loads(answer) == data


@pytest.mark.parametrize("text", ["\r", "a\r\nb", "\n\r"], ids=ascii)
def test_xml_keeps_carriage_returns(text: str) -> None:
    document = ET.fromstring(EnvelopeXMLRenderer().render({"result": text}))
    assert document.findtext("result") == text
