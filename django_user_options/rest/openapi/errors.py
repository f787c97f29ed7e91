"""Which refusals a method answers, in the words of the configured dialect."""

from __future__ import annotations

import re
from collections import defaultdict
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import PermissionDenied

from django_user_options.conf import conf
from django_user_options.rest.dialects import ARGUMENT_ERROR, ErrorRow, dialect
from django_user_options.rest.openapi.schemas import RESPONSES, Components, Schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django_user_options.rest.methods import RestMethod

# When each refusal of the dialects' tables is given.
REASONS: Mapping[str, Any] = {
    "nothing_to_save": _("`options` is missing or empty."),
    "no_key_given": _("`option` is missing or empty."),
    "invalid_option": _("A parameter, a key or a value has a type or a text that is not allowed."),
    "option_limit": _("A limit is passed; nothing was written."),
    "application_required": _("No application stands behind the credential."),
    "administrator_required": _("The credential does not act with administrator rights."),
    "user_required": _("No user stands behind the credential."),
    "https_required": _("The call came over plain HTTP, and this host takes HTTPS only."),
    "invalid_request": _("The request cannot be read, or contradicts itself."),
    "suspicious_request": _("The server takes the request for an attack."),
    "body_too_large": _("The body is larger than this host allows."),
    "verb_not_allowed": _("The HTTP verb is none of GET, POST and OPTIONS."),
    "no_credentials": _("There is neither a token nor a webhook."),
    "unknown_token": _("Nobody issued this access token, or it was revoked."),
    "unknown_webhook": _("No webhook has this user id and this secret."),
    "owner_gone": _("The application or the user was deleted during the call."),
    "expired_token": _("The access token has expired; refresh it."),
    "insufficient_scope": _("The token or the webhook lacks a scope."),
    "inactive_user": _("The user behind the credential has been deactivated."),
    "method_not_found": _("There is no method of this name."),
    "batch_nested": _("A batch stands inside a batch; this command is refused."),
    "batch_length": _("The batch is too long; each command beyond the limit is refused."),
    "throttled": _("There were too many calls; repeat after `Retry-After` seconds."),
    "database_unavailable": _(
        "The database cannot be reached; repeat after `Retry-After` seconds."
    ),
    "internal_error": _("The server has a bug; its log has the details."),
}

# What may be answered before any method is asked.
_COMMON = (
    "https_required",
    "invalid_request",
    "option_limit",
    "suspicious_request",
    "no_credentials",
    "unknown_token",
    "unknown_webhook",
    "expired_token",
    "insufficient_scope",
    "inactive_user",
    "method_not_found",
    "verb_not_allowed",
    "body_too_large",
    "internal_error",
    "throttled",
    "database_unavailable",
)
# Texts of the refusals whose rows have none: an example of each.
_TEXTS: Mapping[str, str] = {
    "invalid_request": "The request body is not valid JSON in UTF-8",
    "option_limit": "The name of a parameter may have at most {max_nesting} brackets",
    "insufficient_scope": (
        "The request requires higher privileges than provided by the access token"
    ),
}
_HEADERS: Mapping[int, tuple[str, Any]] = {
    401: ("WWW-Authenticate", _("Why the credential was refused, as RFC 6750 says it.")),
    405: ("Allow", _("The verbs that are allowed.")),
    503: ("Retry-After", _("Seconds after which to repeat the call.")),
}


class ErrorCase(NamedTuple):
    """One refusal: the code in our tables, how it looks, and when it is given."""

    code: str
    row: ErrorRow
    reason: Any
    argument: str = ""

    @property
    def body(self) -> dict[str, str]:
        """The body that a client gets."""
        body = {"error": self.row.error, "error_description": str(self.row.description)}
        return {**body, "argument": self.argument} if self.row.error == ARGUMENT_ERROR else body


def error_case(code: str, text: str = "", argument: str = "options") -> ErrorCase:
    """Return a refusal of the dialects' tables; `text` is an example where a row has none."""
    row = dialect().errors[code]
    text = text or _TEXTS.get(code, "").format(max_nesting=conf.max_nesting)
    described = row._replace(description=row.description or text)
    return ErrorCase(code, described, REASONS[code], argument)


def error_responses(
    method: type[RestMethod], own: Iterable[ErrorCase], components: Components
) -> Schema:
    """Return the responses of a method for each status that refuses a call."""
    common = _by_status(map(error_case, _COMMON))
    cases = _by_status((*own, *_of_permissions(method), *map(error_case, _COMMON)))
    responses = {}
    for status, of_status in sorted(cases.items()):
        # Statuses that every method answers alike are written once.
        owner = "Rest" if of_status == common.get(status) else component_name(method)
        content = _response(status, of_status.values())
        responses[str(status)] = components.add(RESPONSES, f"{owner}Error{status}", content)
    return responses


def component_name(method: type[RestMethod]) -> str:
    """Return how the parts of a method are named: `RestUserOptionSet`."""
    # OpenAPI allows letters and digits of ASCII there.
    plain = method.name.encode("ascii", "xmlcharrefreplace").decode()
    return "Rest" + "".join(word[:1].upper() + word[1:] for word in re.split(r"[\W_]+", plain))


def _by_status(cases: Iterable[ErrorCase]) -> dict[int, dict[str, ErrorCase]]:
    """Return the cases by status and code; the first one of a code has the better example."""
    found: dict[int, dict[str, ErrorCase]] = defaultdict(dict)
    for case in cases:
        found[case.row.status].setdefault(case.code, case)
    return found


def _of_permissions(method: type[RestMethod]) -> Iterable[ErrorCase]:
    rows = dialect().errors
    for permission in method.permission_classes:
        code = getattr(permission, "code", None) or PermissionDenied.default_code
        message = getattr(permission, "message", None) or PermissionDenied.default_detail
        if code in rows:
            yield error_case(code)
        else:
            # As the envelope answers what only a host's permission says.
            row = ErrorRow(HTTPStatus.FORBIDDEN, code.upper(), str(message))
            yield ErrorCase(code, row, message)


def _response(status: int, cases: Iterable[ErrorCase]) -> Schema:
    cases = list(cases)
    lines = [f"* `{case.row.error}`, `{case.row.description}`: {case.reason}" for case in cases]
    examples = {case.code: {"summary": case.reason, "value": case.body} for case in cases}
    schema = {"$ref": "#/components/schemas/RestError"}
    response: Schema = {
        "description": "\n".join(lines),
        "content": {"application/json": {"schema": schema, "examples": examples}},
    }
    if status in _HEADERS:
        name, description = _HEADERS[status]
        header = {"description": description, "required": True, "schema": {"type": "string"}}
        response["headers"] = {name: header}
    return response
