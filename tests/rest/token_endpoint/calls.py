"""How clients call the token endpoint, and what a refusal looks like."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpResponse
    from django.test import Client

PATH = "/oauth/token/"
FORM = "application/x-www-form-urlencoded"


def by_query(client: Client, parameters: Mapping[str, Any], path: str = PATH) -> HttpResponse:
    return client.get(path, QUERY_STRING=urlencode(parameters))


def by_form(client: Client, parameters: Mapping[str, Any], path: str = PATH) -> HttpResponse:
    return client.post(path, urlencode(parameters), content_type=FORM)


def by_query_of_a_post(
    client: Client, parameters: Mapping[str, Any], path: str = PATH
) -> HttpResponse:
    return client.post(path, QUERY_STRING=urlencode(parameters), content_type=FORM)


def by_json(client: Client, parameters: Mapping[str, Any], path: str = PATH) -> HttpResponse:
    return client.post(path, json.dumps(parameters), content_type="application/json")


ENCODINGS = [by_query, by_form, by_query_of_a_post, by_json]


def assert_refused(response: HttpResponse, status: int, error: str) -> None:
    assert response.status_code == status
    assert response["Content-Type"].partition(";")[0] == "application/json"
    assert response["Cache-Control"] == "no-store"
    body = response.json()
    assert body["error"] == error
    assert isinstance(body["error_description"], str)
    assert body["error_description"]
