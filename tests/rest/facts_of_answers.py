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

from django_user_options.rest.methods import RestMethod, register

JSON, XML = "application/json; charset=utf-8", "application/xml; charset=utf-8"
SET = "/rest/user.option.set"
GET = "/rest/user.option.get"


def test_every_setting_differs_from_its_default() -> None:
    assert [name for name in DEFAULTS if project.REST_FRAMEWORK[name] == DEFAULTS[name]] == []
    assert api_settings.COMPACT_JSON is False


@pytest.fixture
def ask(client: Any, token: str) -> Any:
    def send(path: str, body: bytes = b"{}", media_type: str = "application/json") -> Any:
        headers = {"Authorization": f"Bearer {token}", "Accept": "text/html, application/odd"}
        response = client.post(path, body, content_type=media_type, headers=headers)
        content = re.sub(r'[,]"time":.*\}(?=\})', "", response.content.decode())
        return response.status_code, response["Content-Type"], content

    return send


def test_options_are_written_and_read(ask: Any) -> None:
    body = '{"options": {"ключ": [1, 1.5, null, "\u2028"]}}'.encode()
    assert ask(SET, body) == (200, JSON, '{"result":true}')
    assert ask(GET) == (200, JSON, '{"result":{"ключ":[1,1.5,null,"\\u2028"]}}')
    assert ask(f"{GET}?option=x") == (200, JSON, '{"result":null}')
    form = "application/x-www-form-urlencoded"
    assert ask(SET, b"options[a]=1", form) == (200, JSON, '{"result":true}')
    assert ask(f"{GET}?format=odd&option=a") == (200, JSON, '{"result":"1"}')


def test_xml_and_batch_are_answered(ask: Any) -> None:
    status, content_type, content = ask(f"{GET}.xml?odd=xml")
    assert (status, content_type) == (200, XML)
    assert "<response><result /><time>" in content
    batch = ask("/rest/batch", '{"cmd": {"я": "user.option.get"}}'.encode())
    assert batch[2].startswith('{"result":{"result":{"я":{}},"result_error":[],')


def test_refusals_are_written_alike(ask: Any, client: Any) -> None:
    expected = '{"error":"ArgumentNullException","error_description":"options is empty"}'
    assert ask(SET) == (400, JSON, expected)
    assert ask(SET, b"{")[0] == 400
    expected = '{"error":"ERROR_METHOD_NOT_FOUND","error_description":"Method not found!"}'
    assert ask("/rest/x") == (404, JSON, expected)
    assert client.get(GET).status_code == 401
    assert client.options(GET).status_code == 204
    assert client.put(GET).json()["error_description"] == "Method not allowed"


@register
class Own(RestMethod):
    name = "own.method"

    def run(self) -> Any:
        if "fail" in self.parameters:
            raise ValidationError({"field": ["Wrong."]})
        return [date(2026, 1, 2), datetime(2026, 1, 2, tzinfo=UTC), Decimal("1.5")]


def test_results_and_errors_of_own_methods_are_written_alike(ask: Any) -> None:
    assert ask("/rest/own.method") == (
        200,
        JSON,
        '{"result":["2026-01-02","2026-01-02T00:00:00Z",1.5]}',
    )
    assert ask("/rest/own.method?fail=1") == (
        400,
        JSON,
        '{"error":"INVALID","error_description":"field: Wrong."}',
    )
