"""What answers are to the byte, whatever the project's settings of REST framework are."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings as project
from rest_framework.exceptions import ValidationError
from rest_framework.settings import DEFAULTS, api_settings

from django_user_options.models import AppUserOption
from django_user_options.rest.methods import RestMethod, register

JSON, XML = "application/json; charset=utf-8", "application/xml; charset=utf-8"


def test_every_setting_differs_from_its_default() -> None:
    assert [name for name in DEFAULTS if project.REST_FRAMEWORK[name] == DEFAULTS[name]] == []
    assert api_settings.COMPACT_JSON is False


@register
class Own(RestMethod):
    name = "own.method"

    def run(self) -> Any:
        if "fail" in self.parameters:
            raise ValidationError({"field": ["Wrong."]})
        return [date(2026, 1, 2), datetime(2026, 1, 2, tzinfo=UTC), Decimal("1.5")]


@pytest.mark.parametrize(
    ("path", "body", "status", "content"),
    [
        ("user.option.get", b"{}", 200, '{"result":{"ключ":[1,1.5,null,"\\u2028"]}}'),
        ("user.option.get?format=odd&option=x", b"", 200, '{"result":null}'),
        ("user.option.set", b'{"options":{"a":1}}', 200, '{"result":true}'),
        (
            "user.option.set",
            b"{}",
            400,
            '{"error":"ArgumentNullException","error_description":"options is empty"}',
        ),
        (
            "x",
            b"{}",
            404,
            '{"error":"ERROR_METHOD_NOT_FOUND","error_description":"Method not found!"}',
        ),
        ("own.method", b"", 200, '{"result":["2026-01-02","2026-01-02T00:00:00Z",1.5]}'),
        ("own.method?fail=1", b"", 400, '{"error":"INVALID","error_description":"field: Wrong."}'),
    ],
)
def test_answers_in_json(
    client: Any, token: str, application: Any, user: Any,
    path: str, body: bytes, status: int, content: str,
) -> None:  # fmt: skip
    stored = {"ключ": [1, 1.5, None, "\u2028"]}
    AppUserOption.objects.for_owner(application, user).set_options(stored)
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/html, application/odd"}
    answer = client.post(f"/rest/{path}", body, content_type="application/json", headers=headers)
    assert (answer.status_code, answer["Content-Type"]) == (status, JSON)
    assert re.sub(r',"time":.*\}(?=\})', "", answer.content.decode()) == content


def test_an_answer_in_xml_and_those_without_a_method(client: Any, token: str) -> None:
    answer = client.get("/rest/user.option.get.xml?odd=xml", {"auth": token})
    assert (answer.status_code, answer["Content-Type"]) == (200, XML)
    assert b"<response><result /><time>" in answer.content
    assert client.get("/rest/profile").status_code == 401
    assert client.options("/rest/profile").status_code == 204
    assert client.put("/rest/profile").json()["error_description"] == "Method not allowed"
