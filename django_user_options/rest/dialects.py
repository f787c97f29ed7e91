"""The vendor's two dialects: the names of errors, and where its server behaves differently.

`documented` follows the pages of the methods and of the system errors at apidocs.bitrix24.com, in
the edition that this package began with. `live` follows what the vendor's server returns today. No
other module compares the setting `DIALECT`; they use the attributes of `dialect()`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django_user_options.conf import conf

if TYPE_CHECKING:
    from collections.abc import Mapping


class ErrorRow(NamedTuple):
    """How one kind of refusal looks; if it has no description, clients see the refusal's text."""

    status: int
    error: str
    description: str | None = None


DOCUMENTED: Mapping[str, ErrorRow] = {
    "nothing_to_save": ErrorRow(400, "ArgumentNullException", "options is empty"),
    "no_key_given": ErrorRow(400, "ArgumentNullException", "option is empty"),
    "nothing_to_update": ErrorRow(400, "ArgumentNullException"),
    "invalid_option": ErrorRow(400, "ArgumentTypeException"),
    "option_limit": ErrorRow(400, "ArgumentOutOfRangeException"),
    "application_required": ErrorRow(400, "AccessException", "Application context required"),
    "administrator_required": ErrorRow(
        400, "AccessException", "Administrator authorization required"
    ),
    "user_required": ErrorRow(400, "AccessException", "User authorization required"),
    "address_refused": ErrorRow(400, "AccessException", "Address not allowed for this webhook"),
    "method_refused": ErrorRow(400, "AccessException", "Method not allowed for this webhook"),
    "https_required": ErrorRow(400, "INVALID_REQUEST", "Https required"),
    "invalid_request": ErrorRow(400, "INVALID_REQUEST"),
    "suspicious_request": ErrorRow(400, "INVALID_REQUEST", "The request is not acceptable"),
    "body_too_large": ErrorRow(413, "INVALID_REQUEST", "Request body is too large"),
    "verb_not_allowed": ErrorRow(405, "INVALID_REQUEST", "Method not allowed"),
    "no_credentials": ErrorRow(401, "NO_AUTH_FOUND", "Wrong authorization data"),
    "unknown_token": ErrorRow(401, "NO_AUTH_FOUND", "Wrong authorization data"),
    "unknown_webhook": ErrorRow(401, "NO_AUTH_FOUND", "Wrong authorization data"),
    "owner_gone": ErrorRow(401, "NO_AUTH_FOUND", "Wrong authorization data"),
    "expired_token": ErrorRow(401, "expired_token", "The access token provided has expired"),
    "insufficient_scope": ErrorRow(403, "insufficient_scope"),
    "inactive_user": ErrorRow(403, "INVALID_CREDENTIALS", "Invalid request credentials"),
    "user_access_error": ErrorRow(
        403, "user_access_error", "The user does not have access to the application"
    ),
    "method_not_found": ErrorRow(404, "ERROR_METHOD_NOT_FOUND", "Method not found!"),
    "option_conflict": ErrorRow(409, "ERROR_CONFLICT"),
    "batch_nested": ErrorRow(
        405, "ERROR_BATCH_METHOD_NOT_ALLOWED", "Method is not allowed for batch usage"
    ),
    "batch_length": ErrorRow(400, "ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded"),
    "batch_time": ErrorRow(
        429, "OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit."
    ),
    "throttled": ErrorRow(503, "QUERY_LIMIT_EXCEEDED", "Too many requests"),
    "database_unavailable": ErrorRow(503, "INTERNAL_SERVER_ERROR", "Internal server error"),
    "internal_error": ErrorRow(500, "INTERNAL_SERVER_ERROR", "Internal server error"),
}

ARGUMENT_ERROR = "ERROR_ARGUMENT"

_ACCESS = (
    "application_required",
    "administrator_required",
    "user_required",
    "address_refused",
    "method_refused",
)

LIVE: Mapping[str, ErrorRow] = {
    **DOCUMENTED,
    **{
        code: ErrorRow(403, "ACCESS_DENIED", f"Access denied! {DOCUMENTED[code].description}")
        for code in _ACCESS
    },
    "nothing_to_save": ErrorRow(400, ARGUMENT_ERROR, "Argument 'options' is null or empty"),
    "no_key_given": ErrorRow(400, ARGUMENT_ERROR, "Argument 'option' is null or empty"),
    "nothing_to_update": ErrorRow(400, ARGUMENT_ERROR),
    "invalid_option": ErrorRow(400, ARGUMENT_ERROR),
    "option_limit": ErrorRow(400, ARGUMENT_ERROR),
    "unknown_token": ErrorRow(401, "invalid_token", "Unable to get application by token"),
    "unknown_webhook": ErrorRow(401, "INVALID_CREDENTIALS", "Invalid request credentials"),
    "insufficient_scope": DOCUMENTED["insufficient_scope"]._replace(status=401),
    "inactive_user": DOCUMENTED["inactive_user"]._replace(status=401),
    "user_access_error": DOCUMENTED["user_access_error"]._replace(status=401),
}


class Dialect(NamedTuple):
    """The facts about a dialect that the rest of the package needs.

    Attributes:
        errors: The row of each refusal, by its code.
        webhooks_have_application: Whether a webhook acts for its application.
        bodies_are_options: Whether a body without `options` consists of options itself.
        empty_store: The result of reading all options if there are none.
    """

    errors: Mapping[str, ErrorRow]
    webhooks_have_application: bool
    bodies_are_options: bool
    empty_store: Any


DIALECTS: Mapping[str, Dialect] = {
    "documented": Dialect(
        DOCUMENTED, webhooks_have_application=True, bodies_are_options=False, empty_store={}
    ),
    "live": Dialect(LIVE, webhooks_have_application=False, bodies_are_options=True, empty_store=[]),
}


def dialect() -> Dialect:
    """Return the dialect that the setting `DIALECT` names; check E007 reports unknown names."""
    return DIALECTS.get(conf.dialect, DIALECTS["documented"])
