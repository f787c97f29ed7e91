"""What a client sees: the success body and the error body."""

from __future__ import annotations

import logging
import math
import time
import traceback
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import Error as DatabaseFailure
from django.db import InterfaceError, InternalError, OperationalError
from django.http import Http404
from django.utils.log import log_response
from rest_framework.exceptions import APIException, NotFound, Throttled
from rest_framework.exceptions import PermissionDenied as DRFPermissionDenied

from django_user_options.conf import conf
from django_user_options.database_errors import postgresql_state
from django_user_options.exceptions import UserOptionsError
from django_user_options.rest.dialects import ARGUMENT_ERROR, DIALECTS, DOCUMENTED, ErrorRow
from django_user_options.rest.refusals import CallRefusedError

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

logger = logging.getLogger("django_user_options")

# The vendor meters a method's running time over windows of this length.
_OPERATING_WINDOW_SECONDS = 600


# Errors of Django and DRF that mean something to a client; DRF's own have no row of ours.
_CODES = (
    (Throttled, "throttled"),
    (APIException, None),
    (SuspiciousOperation, "suspicious_request"),
    ((OperationalError, InterfaceError), "database_unavailable"),
)
# PostgreSQL's state of a server that takes no writes: a replica, as a failover may leave one.
_READ_ONLY = "25006"
# As in DRF's own views, these two of Django are those of DRF.
_DJANGO_ERRORS = ((Http404, NotFound), (PermissionDenied, DRFPermissionDenied))


class Refusal(NamedTuple):
    """An error as the client sees it."""

    status: int
    body: dict[str, str]
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a longer list, as a method of the project's own may return it.

    Attributes:
        result: The result, usually a list.
        total: How many items there are in all.
        next: The `start` with which to ask for the next page; None on the last one.
    """

    result: Any
    total: int | None = None
    next: int | None = None

    def position(self) -> dict[str, int]:
        """Return the parts that stand beside the result."""
        parts = {"next": self.next, "total": self.total}
        return {name: part for name, part in parts.items() if part is not None}


def refuse(error: Exception) -> Refusal:
    """Return the answer to an error, and log the error if it is the server's."""
    refusal = describe_refusal(error)
    if refusal.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(error, Throttled):
        _log(error)
    return refusal


def describe_refusal(error: Exception) -> Refusal:
    """Return the answer to an error; an unforeseen one is answered without its text."""
    error = next((ours() for kind, ours in _DJANGO_ERRORS if isinstance(error, kind)), error)
    row = DIALECTS.get(conf.dialect, DOCUMENTED).get(_code(error) or "") or _row_of_host(error)
    headers = {}
    if row.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = _challenge(row)
    if row.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(math.ceil(getattr(error, "wait", None) or 1))
    body = {"error": row.error, "error_description": row.description or _text(error)}
    if row.error == ARGUMENT_ERROR:
        body["argument"] = getattr(error, "argument", "")
    return Refusal(row.status, body, headers)


def _code(error: Exception) -> str | None:
    if isinstance(error, UserOptionsError | CallRefusedError):
        return error.code
    if isinstance(error, InternalError) and postgresql_state(error) == _READ_ONLY:
        return "database_unavailable"
    codes = (code for kinds, code in _CODES if isinstance(error, kinds))
    return next(codes, "internal_error")


def _row_of_host(error: Exception) -> ErrorRow:
    """Return the row for what only a host's methods and permissions raise."""
    if isinstance(error, APIException):
        return ErrorRow(error.status_code, str(error.default_code or "error").upper())
    return ErrorRow(HTTPStatus.FORBIDDEN, str(_code(error)).upper())


def _text(error: Exception) -> str:
    text = _flat(error.detail) if isinstance(error, APIException) else str(error)
    # A method of the host may repeat what it was sent, lone surrogates included.
    return text.encode("utf-8", "replace").decode()


def _flat(detail: Any) -> str:
    """Return DRF's nested error details as one line."""
    if isinstance(detail, dict):
        return " ".join(f"{name}: {_flat(part)}" for name, part in detail.items())
    return " ".join(map(_flat, detail)) if isinstance(detail, list) else str(detail)


def _challenge(row: ErrorRow) -> str:
    if row.error == "NO_AUTH_FOUND":
        return 'Bearer realm="rest"'
    # RFC 6750 knows two reasons for a token that is there.
    reason = row.error if row.error == "insufficient_scope" else "invalid_token"
    return f'Bearer realm="rest", error="{reason}"'


def finish(request: HttpRequest, response: HttpResponse, name: str) -> None:
    """Give an answer what every answer has, and keep its address out of the log.

    A webhook's path holds its secret and a query may hold a token; Django would log both.
    """
    for header, value in _HEADERS.items():
        response[header] = value
    # Django 5.2.0 keeps answers with no-store, too, in a cache of the whole site.
    request._cache_update_cache = False  # type: ignore[attr-defined] # noqa: SLF001
    if response.status_code >= HTTPStatus.BAD_REQUEST:
        log_response("%s: %s", response.reason_phrase, name, response=response)


def _log(error: Exception) -> None:
    if isinstance(error, DatabaseFailure):
        # The text of a database error may quote the row that was being written.
        trace = "".join(traceback.format_tb(error.__traceback__))
        logger.error("%s in a REST method\n%s", type(error).__name__, trace)
    else:
        logger.error("Error in a REST method", exc_info=error)


class Timing:
    """The clock of one call."""

    def __init__(self) -> None:
        self._start = time.time()
        self._started = self._processing_since = time.perf_counter()

    def processing_starts(self) -> None:
        """Note that everything before the method itself is done."""
        self._processing_since = time.perf_counter()

    def success(self, result: Any) -> dict[str, Any]:
        """Return the success body for a result, or a page of one, that is ready now."""
        page = result if isinstance(result, Page) else Page(result)
        return {"result": page.result, **page.position(), "time": self.as_dict()}

    def as_dict(self) -> dict[str, Any]:
        """Return the times up to now; no running time is metered, so `operating` is 0."""
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
