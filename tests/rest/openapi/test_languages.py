"""The texts of the schema in English and in Russian."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import translation

from tests.rest.openapi.conformance import generate

if TYPE_CHECKING:
    from collections.abc import Iterator

_TEXTS = ("summary", "description")
_RUSSIAN = re.compile("[а-яё]", re.IGNORECASE)


def texts(node: Any) -> Iterator[str]:
    """Yield what people read: summaries, descriptions, the tags of operations."""
    if isinstance(node, list):
        for part in node:
            yield from texts(part)
    if isinstance(node, dict):
        yield from (node[name] for name in _TEXTS if name in node)
        yield from node.get("tags", ()) if "operationId" in node else ()
        # Examples are what goes over the wire.
        yield from texts([part for name, part in node.items() if name not in ("example", "value")])


def shape(node: Any) -> Any:
    """Return the schema without what people read."""
    if isinstance(node, list):
        return [shape(part) for part in node]
    if isinstance(node, dict):
        kept = {name: part for name, part in node.items() if name not in (*_TEXTS, "tags")}
        return {name: shape(part) for name, part in kept.items()}
    return node


@pytest.mark.parametrize("dialect", ["documented", "live"])
def test_every_text_is_russian_in_russian_and_nothing_else_is(dialect: str, settings: Any) -> None:
    settings.USER_OPTIONS = {"DIALECT": dialect}
    english = generate()
    with translation.override("ru"):
        russian = generate()
    assert shape(russian) == shape(english)
    assert {text for text in texts(english) if _RUSSIAN.search(text)} == set()
    assert {text for text in texts(russian) if not _RUSSIAN.search(text)} == set()
