"""Neither logs, error mails nor pickles hold a token, a secret or an option's value."""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError
from django.utils.log import AdminEmailHandler
from django.views.debug import ExceptionReporter, get_exception_reporter_filter

from django_user_options.database_errors import retry_on_conflict
from django_user_options.models import InboundWebhook
from django_user_options.rest.methods import RestMethod
from django_user_options.rest.methods.rest_method import registry
from tests.rest.token_endpoint.calls import PATH

if TYPE_CHECKING:
    from collections.abc import Iterator

VALUE = "VALUE-THAT-STAYS-HERE"


class Reports(logging.Handler):
    """Writes what an error tracker would: each record, and each frame with its variables."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[str] = []
        self.frames: list[str] = []
        self.mail = AdminEmailHandler(include_html=True)

    def emit(self, record: logging.LogRecord) -> None:
        self.written.append(self.format(record))
        if record.exc_info:
            self._capture(*record.exc_info)

    def _capture(self, kind: Any, error: Any, trace: Any) -> None:
        reporter = ExceptionReporter(None, kind, error, trace, is_email=True)
        self.written += [reporter.get_traceback_html(), reporter.get_traceback_text()]
        while error is not None:
            trace = error.__traceback__
            while trace is not None:
                self.frames.append(trace.tb_frame.f_globals["__name__"])
                self.written.append(repr(trace.tb_frame.f_locals))
                trace = trace.tb_next
            error = error.__cause__ or error.__context__


@pytest.fixture
def reports() -> Iterator[Reports]:
    handler = Reports()
    loggers = [logging.getLogger(name) for name in ("django_user_options", "django.request")]
    for logger in loggers:
        logger.addHandler(handler)
    yield handler
    for logger in loggers:
        logger.removeHandler(handler)


def failing(error: Exception) -> type[RestMethod]:
    class Failing(RestMethod):
        name = "demo.failing"

        def run(self) -> Any:
            mine = "a variable of the project"
            assert mine
            self.options = dict(self.parameters)
            raise error

    return Failing


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(registry, "_methods", dict(registry._methods))
    return registry.register


def chained() -> ValueError:
    error = ValueError("the project's own")
    error.__cause__ = IntegrityError(f"Key (value)=({VALUE}) already exists.")
    return error


@pytest.mark.parametrize(
    "error",
    [ValueError("the project's own"), IntegrityError(VALUE), chained()],
    ids=["plain", "of the database", "caused by the database"],
)
def test_an_error_of_a_method_of_the_project_reports_no_secret(
    register: Any, reports: Reports, call: Any, user: Any, application: Any, token: str,
    error: Exception,
) -> None:  # fmt: skip
    register(failing(error))
    _, secret = InboundWebhook.objects.issue(owner=user, application=application)
    path = f"/rest/{user.pk}/{secret}/"
    for sent, credential in (
        ({}, {"token": token}),
        ({"auth": token}, {}),
        ({}, {"prefix": path}),
    ):
        assert call("demo.failing", {"value": VALUE, **sent}, **credential).status_code == 500
    written = "\n".join(reports.written)
    assert [hidden for hidden in (VALUE, token, secret) if hidden in written] == []
    if not isinstance(error, IntegrityError):
        assert "the project's own" in written
        assert "a variable of the project" in written
        assert set(reports.frames) == {__name__}
    assert "in run" in written


def test_an_error_with_circular_causes_is_answered(register: Any, call: Any, token: str) -> None:
    error, cause = ValueError("the project's own"), ValueError("its cause")
    error.__cause__, cause.__cause__ = cause, error
    register(failing(error))
    assert call("demo.failing", token=token).status_code == 500


def test_a_group_of_errors_reports_no_frame_of_the_package_and_no_row(
    register: Any, call: Any, token: str, reports: Reports, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        retry_on_conflict(lambda: 1 / 0, using="default")
    register(failing(ExceptionGroup("several", [caught.value])))
    assert call("demo.failing", token=token).status_code == 500
    frames = [frame for frame, _ in traceback.walk_tb(caught.value.__traceback__)]
    assert {frame.f_globals["__name__"] for frame in frames} == {__name__}
    register(failing(ExceptionGroup("several", [IntegrityError(VALUE)])))
    assert call("demo.failing", token=token).status_code == 500
    assert VALUE not in "\n".join([*reports.written, caplog.text])


def test_an_error_of_the_package_reports_no_secret(
    call: Any, token: str, reports: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Something that no code of the package expects.
    monkeypatch.setattr("django_user_options.rest.permissions.Caller.of", lambda _: 1 / 0)
    response = call("user.option.set", {"options": {"a": VALUE}}, token=token)
    assert response.status_code == 500
    written = "\n".join(reports.written)
    assert "ZeroDivisionError" in written
    assert [hidden for hidden in (VALUE, token) if hidden in written] == []


def test_an_error_of_the_token_endpoint_reports_no_secret(
    client: Any, token: str, refresh: Any, reports: Reports, settings: Any
) -> None:
    settings.ROOT_URLCONF = "django_user_options.rest.oauth_urls"
    # The project does not include the REST methods, whose address the answer needs.
    response = client.post(PATH.removeprefix("/oauth"), refresh)
    assert response.status_code == 500
    written = "\n".join(reports.written)
    assert "NoReverseMatch" in written
    hidden = (refresh["client_secret"], refresh["refresh_token"], token)
    assert [text for text in hidden if text in written] == []


@pytest.mark.parametrize("path", ["/rest/user.option.set", "/oauth/token/"])
def test_forms_are_masked_in_reports_of_errors_outside_the_views(
    client: Any, db: None, path: str
) -> None:
    request = client.post(path, {"auth": "SECRET-TOKEN", "options[a]": VALUE}).wsgi_request
    shown = get_exception_reporter_filter(request).get_post_parameters(request)
    assert set(shown) == {"auth", "options[a]"}
    assert set(shown.values()) == {"********************"}


def test_a_method_of_the_project_does_not_see_the_token(
    register: Any, call: Any, client: Any, token: str
) -> None:
    @register
    class Echo(RestMethod):
        name = "demo.echo"

        def run(self) -> Any:
            return {"parameters": self.parameters, "body": self.body}

    sent = {"auth": token, "access_token": token, "a": "1"}
    left = {"parameters": {"a": "1"}, "body": {"a": "1"}}
    assert call("demo.echo", sent).json()["result"] == left
    assert client.get("/rest/demo.echo", sent).json()["result"] == {**left, "body": {}}
