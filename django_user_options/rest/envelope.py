"""The response bodies for success and errors."""

from __future__ import annotations

import logging
import math
import sys
import time
import traceback
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import Error as DatabaseFailure
from django.db import InterfaceError, InternalError, OperationalError
from django.http import Http404
from django.utils.log import log_response
from rest_framework.exceptions import APIException, NotFound, Throttled
from rest_framework.exceptions import PermissionDenied as DRFPermissionDenied

from django_user_options.database_errors import (
    code_for_log,
    lacks_privilege,
    missing_schema,
    postgresql_state,
)
from django_user_options.exceptions import UserOptionsError
from django_user_options.rest.dialects import ARGUMENT_ERROR, ErrorRow, dialect
from django_user_options.rest.refusals import CallRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest, HttpResponse

_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

logger = logging.getLogger("django_user_options")

# The vendor measures a method's running time over windows of this length.
_OPERATING_WINDOW_SECONDS = 600
# Errors that are not ours and mean something to a client.
_CODES = (
    (Throttled, "throttled"),
    (SuspiciousOperation, "suspicious_request"),
    ((OperationalError, InterfaceError), "database_unavailable"),
)
_INSUFFICIENT_SCOPE = "insufficient_scope"
# PostgreSQL's SQLSTATE for a read-only server, such as a replica after a failover.
_READ_ONLY = "25006"
# DRF's own views also convert these two Django errors to DRF's.
_DJANGO_ERRORS = ((Http404, NotFound), (PermissionDenied, DRFPermissionDenied))

# Their frames contain what clients sent.
_LIBRARIES = sys.stdlib_module_names | {
    "MySQLdb",
    "django",
    "django_user_options",
    "multipart",
    "oauth2_provider",
    "oauthlib",
    "psycopg",
    "rest_framework",
}


class Refusal(NamedTuple):
    """An error as the client sees it."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str]
    # The level at which Django logs the answer; by default that of the status.
    level: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a longer list; a project's own method may return it.

    Attributes:
        result: The result, usually a list.
        total: How many items there are in all.
        next: The `start` of the next page; None on the last page.
    """

    result: Any
    total: int | None = None
    next: int | None = None

    def position(self) -> dict[str, int]:
        """Return the parts that accompany the result."""
        parts = {"next": self.next, "total": self.total}
        return {name: part for name, part in parts.items() if part is not None}


def refuse(error: Exception) -> Refusal:
    """Return the response to an error, and log the error if it is the server's."""
    refusal = describe_refusal(error)
    if refusal.status < HTTPStatus.INTERNAL_SERVER_ERROR or isinstance(error, Throttled):
        return refusal
    # As text, without the local variables, which contain tokens and values.
    trace = "".join(traceback.format_tb(error.__traceback__))
    grouped = isinstance(error, ExceptionGroup) and error.subgroup(DatabaseFailure)
    if missing := missing_schema(error):
        logger.error("%s. Run `manage.py migrate`.", missing)
    elif isinstance(error, DatabaseFailure) or grouped:
        # The text of a database error may quote the row that was being written.
        code = code_for_log(error)
        logger.error("%s in a REST method%s\n%s", type(error).__name__, code, trace)
    else:
        logger.error("Error in a REST method\n%s", trace, exc_info=_for_reports(error))
    return refusal


def describe_refusal(error: Exception) -> Refusal:
    """Return the response to an error, without the text of an unexpected one."""
    error = next((ours() for kind, ours in _DJANGO_ERRORS if isinstance(error, kind)), error)
    row = _row(error)
    headers = {}
    if row.status == HTTPStatus.UNAUTHORIZED or row.error == _INSUFFICIENT_SCOPE:
        headers["WWW-Authenticate"] = _challenge(row, getattr(error, "scopes", ()))
    if row.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(math.ceil(getattr(error, "wait", None) or 1))
    text = _flat(error.detail) if isinstance(error, APIException) else str(error)
    # A project's method may echo its input, including lone surrogates.
    description = row.description or text.encode("utf-8", "replace").decode()
    body: dict[str, Any] = {"error": row.error, "error_description": description}
    if row.error == ARGUMENT_ERROR:
        body["argument"] = getattr(error, "argument", "")
    if isinstance(error, UserOptionsError):
        body |= error.details
    # Logged as errors, a flood of calls would send a flood of emails to the admins.
    level = "warning" if isinstance(error, Throttled) else None
    return Refusal(row.status, body, headers, level)


def _row(error: Exception) -> ErrorRow:
    rows = dialect().errors
    if isinstance(error, UserOptionsError | CallRefusedError):
        # A permission of the project may have a code of its own.
        return rows.get(error.code) or ErrorRow(HTTPStatus.FORBIDDEN, str(error.code).upper())
    if isinstance(error, APIException) and not isinstance(error, Throttled):
        return ErrorRow(error.status_code, str(error.default_code or "error").upper())
    if missing_schema(error) or lacks_privilege(error):
        # Retrying would not help, so this is not `database_unavailable`.
        return rows["internal_error"]
    if isinstance(error, InternalError) and postgresql_state(error) == _READ_ONLY:
        return rows["database_unavailable"]
    codes = (code for kinds, code in _CODES if isinstance(error, kinds))
    return rows[next(codes, "internal_error")]


def _flat(detail: Any) -> str:
    """Return DRF's nested error details as one line."""
    if isinstance(detail, dict):
        return " ".join(f"{name}: {_flat(part)}" for name, part in detail.items())
    return " ".join(map(_flat, detail)) if isinstance(detail, list) else str(detail)


def _challenge(row: ErrorRow, scopes: Iterable[str]) -> str:
    if row.error == "NO_AUTH_FOUND":
        return 'Bearer realm="rest"'
    # RFC 6750 has two error codes for a token that was sent.
    if row.error != _INSUFFICIENT_SCOPE:
        return 'Bearer realm="rest", error="invalid_token"'
    needed = f', scope="{" ".join(scopes)}"' if scopes else ""
    return f'Bearer realm="rest", error="{row.error}"{needed}'


def finish(request: HttpRequest, response: HttpResponse, name: str) -> None:
    """Add the headers of every response, and log a refusal without its URL.

    A webhook's path contains its secret, and a query may contain a token; Django would log both.
    """
    for header, value in _HEADERS.items():
        response[header] = value
    # The site-wide cache of Django 5.2.0 keeps even answers with no-store.
    request._cache_update_cache = False  # type: ignore[attr-defined] # noqa: SLF001
    if response.status_code >= HTTPStatus.BAD_REQUEST:
        level = getattr(response, "log_level", None)
        log_response("%s: %s", response.reason_phrase, name, response=response, level=level)


def _for_reports(error: BaseException) -> BaseException:
    """Return the error with only the frames whose variables an error email may show.

    These are the frames of the project's own code. The text of a database error is removed, too.
    """
    unfinished, seen = [error], set()
    while unfinished:
        link = unfinished.pop()
        # Causes may lead back to where they began.
        if id(link) in seen:
            continue
        seen.add(id(link))
        link.__traceback__ = _frames_of_project(link.__traceback__)
        if isinstance(link.__cause__ or link.__context__, DatabaseFailure):
            link.__cause__ = link.__context__ = None
        if before := link.__cause__ or link.__context__:
            unfinished.append(before)
        if isinstance(link, BaseExceptionGroup):
            unfinished += link.exceptions
    return error


def _frames_of_project(trace: TracebackType | None) -> TracebackType | None:
    links = []
    while trace is not None:
        links.append(trace)
        trace = trace.tb_next
    kept = None
    for link in reversed(links):
        package = link.tb_frame.f_globals.get("__name__", "").partition(".")[0]
        if package not in _LIBRARIES:
            kept = TracebackType(kept, link.tb_frame, link.tb_lasti, link.tb_lineno)
    return kept


class Timing:
    """The clock of one call."""

    def __init__(self) -> None:
        self._start = time.time()
        self._started = self._processing_since = time.perf_counter()

    def processing_starts(self) -> None:
        """Record that the method itself starts now."""
        self._processing_since = time.perf_counter()

    def success(self, result: Any) -> dict[str, Any]:
        """Return the success body for a result or a page that is ready now."""
        page = result if isinstance(result, Page) else Page(result)
        return {"result": page.result, **page.position(), "time": self.as_dict()}

    def as_dict(self) -> dict[str, Any]:
        """Return the times up to now; `operating` is 0, because running times are not measured."""
        now = time.perf_counter()
        finish = self._start + (now - self._started)
        return {
            "start": self._start,
            "finish": finish,
            "duration": now - self._started,
            "processing": now - self._processing_since,
            "date_start": _iso(self._start),
            "date_finish": _iso(finish),
            "operating_reset_at": int(self._start) + _OPERATING_WINDOW_SECONDS,
            "operating": 0,
        }


def _iso(timestamp: float) -> str:
    return datetime.fromtimestamp(timestamp, UTC).isoformat(timespec="seconds")
