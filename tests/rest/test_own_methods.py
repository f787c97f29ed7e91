"""What a project's own method raises or returns, as clients and the log see it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DataError, InterfaceError, InternalError, OperationalError
from django.http import Http404
from django.urls import Resolver404
from rest_framework import exceptions
from rest_framework.permissions import BasePermission

from django_user_options.rest.methods import Page, RestMethod, registry
from django_user_options.rest.permissions import HasUser

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

SECRET = "the value of an option"


class No(BasePermission):
    """A project's permission that refuses without a message."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return False


class NoWithReason(No):
    code = "closed_on_sundays"
    message = "Come back on Monday"


class Nameless(exceptions.APIException):
    default_code = None
    status_code = 418


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch, call: Any, token: str) -> Callable[..., HttpResponse]:
    """Call a method that is registered for this test only, and does what `run` does."""
    monkeypatch.setattr(registry, "_methods", dict(registry._methods))

    def call_own(run: Callable[[], Any], suffix: str = "", **attributes: Any) -> HttpResponse:
        body = {"name": "host.own", "run": lambda _: run(), **attributes}
        registry.register(type("Own", (RestMethod,), body))
        return call(f"host.own{suffix}", token=token)

    return call_own


def read_only() -> InternalError:
    """Return what Django makes of a write to a PostgreSQL server that is a replica."""
    cause, error = Exception(SECRET), InternalError(SECRET)
    cause.sqlstate = "25006"
    error.__cause__ = cause
    return error


def raising(error: Exception) -> Callable[[], Any]:
    def run() -> Any:
        raise error

    return run


@pytest.mark.parametrize(
    ("error", "status", "name", "description"),
    [
        (exceptions.NotFound("No such page"), 404, "NOT_FOUND", "No such page"),
        (Http404(), 404, "NOT_FOUND", "Not found."),
        (exceptions.PermissionDenied("Not you"), 403, "PERMISSION_DENIED", "Not you"),
        (
            PermissionDenied(),
            403,
            "PERMISSION_DENIED",
            "You do not have permission to perform this action.",
        ),
        (Resolver404({"path": "x"}), 404, "NOT_FOUND", "Not found."),
        (exceptions.ValidationError("Too short"), 400, "INVALID", "Too short"),
        (exceptions.ValidationError(["One", "Two"]), 400, "INVALID", "One Two"),
        (exceptions.ValidationError({"a": ["One"], "b": "Two"}), 400, "INVALID", "a: One b: Two"),
        (Nameless("short and stout"), 418, "ERROR", "short and stout"),
        (exceptions.NotFound("\ud800"), 404, "NOT_FOUND", "?"),
        (exceptions.Throttled(), 503, "QUERY_LIMIT_EXCEEDED", "Too many requests"),
        (SuspiciousOperation(SECRET), 400, "INVALID_REQUEST", "The request is not acceptable"),
        (OperationalError(SECRET), 503, "INTERNAL_SERVER_ERROR", "Internal server error"),
        (InterfaceError(SECRET), 503, "INTERNAL_SERVER_ERROR", "Internal server error"),
        (OperationalError(1142, SECRET), 500, "INTERNAL_SERVER_ERROR", "Internal server error"),
        (read_only(), 503, "INTERNAL_SERVER_ERROR", "Internal server error"),
        (InternalError(SECRET), 500, "INTERNAL_SERVER_ERROR", "Internal server error"),
        (DataError(SECRET), 500, "INTERNAL_SERVER_ERROR", "Internal server error"),
        (RuntimeError(SECRET), 500, "INTERNAL_SERVER_ERROR", "Internal server error"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_errors_are_answered_in_the_envelope(
    own: Any, error: Exception, status: int, name: str, description: str
) -> None:
    response = own(raising(error))
    assert response.status_code == status
    assert response.json() == {"error": name, "error_description": description}


@pytest.mark.parametrize(("wait", "seconds"), [(None, "1"), (0.2, "1"), (2.5, "3"), (60, "60")])
def test_a_throttled_client_gets_retry_after_and_is_not_a_server_error(
    own: Any, wait: Any, seconds: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert own(raising(exceptions.Throttled(wait)))["Retry-After"] == seconds
    assert "in a REST method" not in caplog.text


@pytest.mark.parametrize(
    ("permission", "answer"),
    [
        (No, ["PERMISSION_DENIED", "You do not have permission to perform this action."]),
        (NoWithReason, ["CLOSED_ON_SUNDAYS", "Come back on Monday"]),
    ],
)
def test_a_permission_of_the_project_is_answered_with_its_own_words(
    own: Any, permission: Any, answer: list[str]
) -> None:
    response = own(lambda: "unreached", permission_classes=(permission,))
    assert (response.status_code, list(response.json().values())) == (403, answer)


def test_a_method_can_require_other_scopes_or_none(
    own: Any, call: Any, make_token: Any, application: Any, user: Any
) -> None:
    bare = make_token(application, user, scope="")
    assert own(lambda: "reached", permission_classes=(HasUser,)).json()["result"] == "reached"
    assert call("host.own", token=bare).json()["error"] == "insufficient_scope"
    own(lambda: "reached", required_scopes=())
    assert call("host.own", token=bare).json()["result"] == "reached"


@pytest.mark.parametrize("suffix", ["", ".xml"])
@pytest.mark.parametrize(
    "result", [object(), float("nan"), "\ud800"], ids=["object", "NaN", "surrogate"]
)
def test_a_result_that_is_not_json_is_an_internal_error(own: Any, result: Any, suffix: str) -> None:
    response = own(lambda: result, suffix=suffix)
    assert response.status_code == 500
    assert b"INTERNAL_SERVER_ERROR" in response.content
    assert response["Cache-Control"] == "no-store"


def test_json_and_xml_read_a_result_alike(own: Any) -> None:
    result = {1: datetime(2026, 1, 2, 3, 4, tzinfo=UTC)}
    assert own(lambda: result).json()["result"] == {"1": "2026-01-02T03:04:00Z"}
    document = own(lambda: result, suffix=".xml").content.decode()
    assert '<result><item name="1">2026-01-02T03:04:00Z</item></result>' in document


@pytest.mark.parametrize("parts", [{"next": 50, "total": 51}, {"total": 0}, {}])
def test_a_page_names_the_total_and_the_next_one(
    own: Any, call: Any, token: str, parts: dict[str, int]
) -> None:
    body = own(lambda: Page(["a"], **parts)).json()
    del body["time"]
    assert body == {"result": ["a"], **parts}
    result = call("batch", {"cmd": {"x": "host.own"}}, token=token).json()["result"]
    assert result["result"] == {"x": ["a"]}
    document = call("host.own.xml", token=token).content.decode()
    for name in ("total", "next"):
        assert result[f"result_{name}"] == ({"x": parts[name]} if name in parts else [])
        assert (f"<{name}>" in document) is (name in parts)


def test_a_bug_is_logged_in_full(own: Any, caplog: pytest.LogCaptureFixture) -> None:
    own(raising(RuntimeError("the reason")))
    assert "RuntimeError: the reason" in caplog.text


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (DataError(SECRET), "DataError in a REST method\n"),
        (OperationalError(2006, SECRET), "OperationalError in a REST method, error 2006\n"),
        (read_only(), "InternalError in a REST method, SQLSTATE 25006\n"),
    ],
    ids=["no code", "number", "SQLSTATE"],
)
def test_a_database_error_is_logged_without_its_text(
    own: Any, error: Exception, line: str, caplog: pytest.LogCaptureFixture
) -> None:
    own(raising(error))
    assert line in caplog.text
    assert "test_own_methods" in caplog.text
    assert SECRET not in caplog.text


def test_times_carry_an_offset_where_the_project_has_no_time_zones(
    call: Any, make_token: Any, application: Any, settings: Any
) -> None:
    settings.USE_TZ = False
    settings.TIME_ZONE = "Europe/Moscow"
    token = make_token(application, None)
    assert call("server.time", token=token).json()["result"].endswith("+03:00")
