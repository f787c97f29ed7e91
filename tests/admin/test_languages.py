"""What the editor refuses, it refuses in the language of the reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.usefixtures("editable")


@pytest.mark.parametrize(
    ("key", "value", "refusal"),
    [
        ("\x85", "1", "ключ должен быть строкой без управляющих символов"),
        ("key", "[" * 40 + "]" * 40, "options[key]: глубина вложенности — не больше 32"),
        ("key", "{", "Это не JSON"),
    ],
)
def test_refusals_are_in_the_language_of_the_reader(
    add: Callable[..., Any], model: Any, settings: Any, key: str, value: str, refusal: str
) -> None:
    settings.LANGUAGE_CODE = "ru"
    response = add(key, value)
    assert response.status_code == 200
    assert refusal in response.content.decode()
    assert not model.objects.exists()
