from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from django_user_options.rest.renderers import EnvelopeJSONRenderer, EnvelopeXMLRenderer

# What JSON can hold: any text but lone surrogates, any number but NaN and the infinities.
ANY_TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
ANY_DATA = st.recursive(
    st.none() | st.booleans() | NUMBERS | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=8,
)
profile = settings(max_examples=60, deadline=None, derandomize=True, database=None)


def xml(data: Any) -> str:
    return ET.tostring(ET.fromstring(EnvelopeXMLRenderer().render(data)), encoding="unicode")


@pytest.mark.parametrize(
    ("data", "inside"),
    [
        ({"result": True}, "<result>1</result>"),
        ({"result": False}, "<result>0</result>"),
        ({"result": None}, "<result />"),
        ({"result": []}, "<result />"),
        ({"result": {}}, "<result />"),
        ({"result": ""}, "<result />"),
        ({"result": 0}, "<result>0</result>"),
        ({"result": 1e16}, "<result>1e+16</result>"),
        ({"result": 10**30}, f"<result>{10**30}</result>"),
        (
            {"result": [1, [2, 3]]},
            "<result><item>1</item><item><item>2</item><item>3</item></item></result>",
        ),
        ({"result": (1,)}, "<result><item>1</item></result>"),
        ({"result": {"a": {"b": "c"}}}, "<result><a><b>c</b></a></result>"),
        ({"": "a"}, '<item name="">a</item>'),
        ({"1a": "a"}, '<item name="1a">a</item>'),
        ({"a:b": "a"}, '<item name="a:b">a</item>'),
        ({"a b": "a"}, '<item name="a b">a</item>'),
        ({"a\n": "a"}, '<item name="a&#10;">a</item>'),
        ({"xml-b.c_d": "a"}, "<xml-b.c_d>a</xml-b.c_d>"),
        ({"ключ": "знак"}, "<ключ>знак</ключ>"),
        ({"×": "a"}, '<item name="×">a</item>'),
        ({"a": "<b>&\"'</b>"}, "<a>&lt;b&gt;&amp;\"'&lt;/b&gt;</a>"),
        ({"a": "]]>"}, "<a>]]&gt;</a>"),
        ({"a": "\x00\x01\ufffe\uffff"}, "<a>" + "\ufffd" * 4 + "</a>"),
        ({"\x00": "a"}, '<item name="\ufffd">a</item>'),
    ],
)
def test_data_is_written_as_elements(data: Any, inside: str) -> None:
    assert xml(data) == f"<response>{inside}</response>"


@profile
@given(st.dictionaries(ANY_TEXT, ANY_DATA, max_size=4))
@example({"a": "\x0b", "\x0b": [{"\x01": "\uffff"}]})
def test_document_is_always_well_formed(data: dict[str, Any]) -> None:
    assert len(ET.fromstring(EnvelopeXMLRenderer().render(data))) == len(data)


def test_document_says_that_it_is_utf_8() -> None:
    assert EnvelopeXMLRenderer().render({}).startswith(b"<?xml version='1.0' encoding='utf-8'?>")


@pytest.mark.parametrize("text", ["\r", "a\r\nb"], ids=ascii)
def test_xml_keeps_carriage_returns(text: str) -> None:
    document = ET.fromstring(EnvelopeXMLRenderer().render({"result": text}))
    assert document.findtext("result") == text


def test_json_escapes_line_ends_of_javascript() -> None:
    data = {"result": {"a\u2028": "\u2029"}}
    answer = EnvelopeJSONRenderer().render(data).decode()
    assert answer.isascii()
    assert json.loads(answer) == data


@pytest.mark.parametrize("renderer", [EnvelopeJSONRenderer(), EnvelopeXMLRenderer()])
def test_size_is_what_a_value_adds_to_an_answer(renderer: Any) -> None:
    value = {"я": ["<&>\u2028\r", 1.5, None, {"a b": "x" * 200}]}
    added = len(renderer.render({"item": value})) - len(renderer.render({"item": 0}))
    assert renderer.size(value) == pytest.approx(added, abs=20)
