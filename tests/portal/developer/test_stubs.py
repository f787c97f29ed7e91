"""Methods whose results come from a file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from django_user_options.portal.developer.stubs import register_stubs
from django_user_options.rest.methods import registry

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(registry, "_methods", dict(registry._methods))
    return tmp_path / "stubs.json"


def test_the_methods_of_a_file_answer_alone_and_in_a_batch(
    file: Path, call: Any, token: str
) -> None:
    stubs = {"crm.deal.get": {"ID": "1", "TITLE": "Сделка"}, "crm.deal.list": [], "none": None}
    file.write_text(json.dumps(stubs))
    register_stubs(file)
    for name, result in stubs.items():
        assert call(name.upper(), token=token).json()["result"] == result
    batch = call("batch", {"cmd": {name: name for name in stubs}}, token=token)
    assert batch.json()["result"]["result"] == stubs
    assert call("crm.deal.get").status_code == 401


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_may_be_in_any_encoding_of_json(file: Path, encoding: str) -> None:
    file.write_text('{"own": "Сделка"}', encoding=encoding)
    register_stubs(file)
    assert registry.get("own").name == "own"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"x": 1, "x": 2}', "a key appears twice"),
        ("[" * 100_000, "nested too deeply"),
        ("[]", "JSON object of method → result"),
        ("{", "property name"),
        ('{"x": 1, "User.Option.Set": true}', "need no stub: user.option.set"),
    ],
)
def test_a_wrong_file_registers_nothing(file: Path, text: str, reason: str) -> None:
    file.write_text(text)
    with pytest.raises(ValueError, match=reason):
        register_stubs(file)
    assert "x" not in registry._methods
