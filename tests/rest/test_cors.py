"""Which answers a browser lets the page of an application read."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse
    from django.test import Client

pytestmark = [pytest.mark.database, pytest.mark.django_db]

ORIGIN = "https://app.example"
GET = "/rest/user.option.get"


@pytest.fixture(autouse=True)
def origins(application: Any) -> None:
    application.allowed_origins = f"https://other.example {ORIGIN}"
    application.save()


def cors(response: HttpResponse) -> dict[str, str]:
    prefix = "access-control-"
    return {
        name.removeprefix(prefix): value
        for name, value in response.headers.items()
        if name.startswith(prefix)
    }


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (GET, HTTPStatus.UNAUTHORIZED),
        (f"{GET}.xml", HTTPStatus.UNAUTHORIZED),
        ("/rest//server.time/", HTTPStatus.UNAUTHORIZED),
        ("/rest/1/secret/server.time", HTTPStatus.UNAUTHORIZED),
        ("/rest/a/b/c/d/e", HTTPStatus.NOT_FOUND),
        ("/oauth/token/", HTTPStatus.BAD_REQUEST),
        ("/oauth/rest/app.info", HTTPStatus.UNAUTHORIZED),
    ],
)
def test_refusals_can_be_read_from_a_listed_origin(
    client: Client, path: str, status: HTTPStatus
) -> None:
    answer = client.post(path, headers={"origin": ORIGIN})
    assert answer.status_code == status
    assert cors(answer) == {"allow-origin": ORIGIN, "expose-headers": "Retry-After"}
    assert "origin" in answer["Vary"].lower()


def test_a_preflight_is_answered_and_kept_for_ten_minutes(client: Client) -> None:
    asked = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
    }
    answer = client.options(GET, headers={"origin": ORIGIN, **asked})
    headers = cors(answer)
    assert answer.status_code == HTTPStatus.OK
    assert "content-type" in headers.pop("allow-headers")
    assert "POST" in headers.pop("allow-methods")
    assert headers == {
        "allow-origin": ORIGIN, "expose-headers": "Retry-After", "max-age": "600",
    }  # fmt: skip


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example", "http://app.example", "https://app.example:444", "null", "", "*",
        "https://app", "https://app.exampl_", "https://", "https://[", f"{ORIGIN}/",
        f"{ORIGIN} {ORIGIN}",
        "https://APP.EXAMPLE", "https://app.example\0", "https://é.example", "%",
    ],
)  # fmt: skip
def test_a_call_from_another_origin_runs_but_cannot_be_read(
    client: Client, token: str, origin: str
) -> None:
    answer = client.post("/rest/profile", {"auth": token}, headers={"origin": origin})
    assert answer.status_code == HTTPStatus.OK
    assert cors(answer) == {}


@pytest.mark.parametrize("path", ["/admin/login/", "/portal/x/", "/oauth/authorize/", "/unknown"])
def test_other_pages_have_no_such_headers(client: Client, path: str) -> None:
    assert cors(client.get(path, headers={"origin": ORIGIN})) == {}


def test_the_database_is_asked_once_and_only_for_other_origins(
    call: Callable[..., Any], token: str, django_assert_num_queries: Any
) -> None:
    for origin, queries in (({}, 1), ({"HTTP_ORIGIN": ORIGIN}, 2), ({"HTTP_ORIGIN": "null"}, 1)):
        with django_assert_num_queries(queries):
            call("profile", token=token, **origin)
