"""What a client sees: the success body, the error body, and the vendor's names for errors.

Source: apidocs.bitrix24.com, the pages of the single methods and the one on system errors.
"""

from __future__ import annotations

import logging
import math
import time
import traceback
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.exceptions import SuspiciousOperation
from django.db import Error as DatabaseFailure
from django.db import InterfaceError, OperationalError
from rest_framework.exceptions import APIException, Throttled

from django_user_options.conf import conf
from django_user_options.exceptions import UserOptionsError
from django_user_options.rest.exceptions import CallRefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

logger = logging.getLogger("django_user_options")

# The vendor meters a method's running time over windows of this length.
_OPERATING_WINDOW_SECONDS = 600


class ErrorRow(NamedTuple):
    """How one kind of refusal looks; without a description the refusal's own text is shown."""

    status: int
    error: str
    description: str | None = None


DOCUMENTED: Mapping[str, ErrorRow] = {
    "nothing_to_save": ErrorRow(400, "ArgumentNullException", "options is empty"),
    "no_key_given": ErrorRow(400, "ArgumentNullException", "option is empty"),
    "invalid_option": ErrorRow(400, "ArgumentTypeException"),
    "option_limit": ErrorRow(400, "ArgumentOutOfRangeException"),
    "application_required": ErrorRow(400, "AccessException", "Application context required"),
    "administrator_required": ErrorRow(
        400, "AccessException", "Administrator authorization required"
    ),
    "user_required": ErrorRow(400, "AccessException", "User authorization required"),
    "https_required": ErrorRow(400, "INVALID_REQUEST", "Https required"),
    "invalid_request": ErrorRow(400, "INVALID_REQUEST"),
    "suspicious_request": ErrorRow(400, "INVALID_REQUEST", "The request is not acceptable"),
    "body_too_large": ErrorRow(413, "INVALID_REQUEST", "Request body is too large"),
    "verb_not_allowed": ErrorRow(405, "INVALID_REQUEST", "Method not allowed"),
    "no_credentials": ErrorRow(401, "NO_AUTH_FOUND", "Wrong authorization data"),
    "owner_gone": ErrorRow(401, "NO_AUTH_FOUND", "Wrong authorization data"),
    "expired_token": ErrorRow(401, "expired_token", "The access token provided has expired"),
    "insufficient_scope": ErrorRow(403, "insufficient_scope"),
    "inactive_user": ErrorRow(403, "INVALID_CREDENTIALS", "Invalid request credentials"),
    "method_not_found": ErrorRow(404, "ERROR_METHOD_NOT_FOUND", "Method not found!"),
    "batch_nested": ErrorRow(
        405, "ERROR_BATCH_METHOD_NOT_ALLOWED", "Method is not allowed for batch usage"
    ),
    "batch_length": ErrorRow(400, "ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded"),
    "throttled": ErrorRow(503, "QUERY_LIMIT_EXCEEDED", "Too many requests"),
    "database_unavailable": ErrorRow(503, "INTERNAL_SERVER_ERROR", "Internal server error"),
    "internal_error": ErrorRow(500, "INTERNAL_SERVER_ERROR", "Internal server error"),
}

_ARGUMENT = "ERROR_ARGUMENT"

LIVE: Mapping[str, ErrorRow] = {
    **DOCUMENTED,
    "nothing_to_save": ErrorRow(400, _ARGUMENT, "Argument 'options' is null or empty"),
    "no_key_given": ErrorRow(400, _ARGUMENT, "Argument 'option' is null or empty"),
    "invalid_option": ErrorRow(400, _ARGUMENT),
    "option_limit": ErrorRow(400, _ARGUMENT),
    "application_required": ErrorRow(
        403, "ACCESS_DENIED", "Access denied! Application context required"
    ),
    "administrator_required": ErrorRow(
        403, "ACCESS_DENIED", "Access denied! Administrator authorization required"
    ),
    "user_required": ErrorRow(403, "ACCESS_DENIED", "Access denied! User authorization required"),
    "insufficient_scope": DOCUMENTED["insufficient_scope"]._replace(status=401),
    "inactive_user": DOCUMENTED["inactive_user"]._replace(status=401),
}

DIALECTS: Mapping[str, Mapping[str, ErrorRow]] = {"documented": DOCUMENTED, "live": LIVE}


class Refusal(NamedTuple):
    """An error as the client sees it."""

    status: int
    body: dict[str, str]
    headers: dict[str, str]


def describe(error: Exception) -> Refusal:
    """Return what a client is told of an error; of an unforeseen one, nothing."""
    row = DIALECTS[conf.dialect].get(_code(error)) or _row_of_host(error)
    headers = {}
    if row.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = _challenge(row)
    if row.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(math.ceil(getattr(error, "wait", None) or 1))
    body = {"error": row.error, "error_description": row.description or str(error)}
    if row.error == _ARGUMENT:
        body["argument"] = getattr(error, "argument", "")
    return Refusal(row.status, body, headers)


def _code(error: Exception) -> str:
    if isinstance(error, UserOptionsError | CallRefusedError):
        return error.code
    if isinstance(error, Throttled):
        return "throttled"
    if isinstance(error, SuspiciousOperation):
        return "suspicious_request"
    if isinstance(error, OperationalError | InterfaceError):
        return "database_unavailable"
    return "" if isinstance(error, APIException) else "internal_error"


def _row_of_host(error: Exception) -> ErrorRow:
    """Return the row for an error that DRF defines, as methods of a host may raise it."""
    status = getattr(error, "status_code", HTTPStatus.INTERNAL_SERVER_ERROR)
    return ErrorRow(status, getattr(error, "default_code", "error").upper())


def _challenge(row: ErrorRow) -> str:
    if row.error == "NO_AUTH_FOUND":
        return 'Bearer realm="rest"'
    # RFC 6750 knows two reasons for a token that is there.
    reason = row.error if row.error == "insufficient_scope" else "invalid_token"
    return f'Bearer realm="rest", error="{reason}"'


def refuse(error: Exception) -> Refusal:
    """Return what a client is told of an error, and log one that is not the client's."""
    refusal = describe(error)
    if refusal.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log(error)
    return refusal


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
        """Return the success body for a result that is ready now."""
        return {"result": result, "time": self.as_dict()}

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
