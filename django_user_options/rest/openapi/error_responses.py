"""The refusals that a method may answer, as the configured dialect shows them."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.exceptions import SuspiciousOperation
from django.db import OperationalError
from django.utils.translation import gettext_lazy as _
from drf_spectacular.plumbing import ResolvedComponent
from rest_framework.exceptions import Throttled

from django_user_options.conf import conf
from django_user_options.exceptions import OptionLimitError
from django_user_options.rest import refusals
from django_user_options.rest.envelope import Refusal, describe_refusal
from django_user_options.rest.openapi.components import ERROR, JSON, Components, Schema
from django_user_options.rest.permissions import HasRequiredScope

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

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
    "https_required": _("The call came over plain HTTP, but only HTTPS is allowed."),
    "invalid_request": _("The request cannot be read, or contradicts itself."),
    "suspicious_request": _("The request was rejected as suspicious."),
    "body_too_large": _("The body is larger than this server allows."),
    "verb_not_allowed": _("Only GET, POST, and OPTIONS are allowed."),
    "no_credentials": _("The request has neither a token nor a webhook."),
    "unknown_token": _("Nobody issued this access token, or it was revoked."),
    "unknown_webhook": _("No webhook has this user id and this secret."),
    "owner_gone": _("The application or the user was deleted during the call."),
    "expired_token": _("The access token has expired; refresh it."),
    "insufficient_scope": _("The token or the webhook lacks a scope."),
    "inactive_user": _("The user behind the credential has been deactivated."),
    "method_not_found": _("There is no method of this name."),
    "batch_nested": _("A batch contains a batch; this command is refused."),
    "batch_length": _("The batch is too long; each command beyond the limit is refused."),
    "batch_time": _("The batch took too long; the rest of its commands is refused."),
    "throttled": _("There were too many calls; repeat after `Retry-After` seconds."),
    "database_unavailable": _(
        "The database cannot be reached; repeat after `Retry-After` seconds."
    ),
    "internal_error": _("The server has a bug; its log has the details."),
}

_HEADERS: Mapping[int, tuple[str, Any]] = {
    401: ("WWW-Authenticate", _("Why the credential was refused, as RFC 6750 says it.")),
    405: ("Allow", _("The verbs that are allowed.")),
    503: ("Retry-After", _("Seconds after which to repeat the call.")),
}


class _Case(NamedTuple):
    """One refusal: its answer, and when it is given."""

    answer: Refusal
    reason: Any


def error_responses(method: type[RestMethod], components: Components) -> Schema:
    """Return the responses of a method for each status that refuses a call."""
    common = _by_status(_common_errors())
    cases = _by_status([*_own_errors(method), *_common_errors()])
    responses = {}
    for status, of_status in sorted(cases.items()):
        # Statuses that every method answers alike are written once.
        owner = "Rest" if of_status == common.get(status) else component_name(method)
        content = _response(status, of_status)
        name = f"{owner}Error{status}"
        responses[str(status)] = components.add(ResolvedComponent.RESPONSE, name, content)
    return responses


def component_name(method: type[RestMethod]) -> str:
    """Return how the parts of a method are named: `RestUserOptionSet`."""
    # OpenAPI allows letters and digits of ASCII there.
    plain = method.name.encode("ascii", "xmlcharrefreplace").decode()
    return "Rest" + "".join(word[:1].upper() + word[1:] for word in re.split(r"[\W_]+", plain))


def _own_errors(method: type[RestMethod]) -> Iterator[tuple[str, Exception]]:
    """Yield each error of the method and of its permissions, with its code."""
    for base in method.__mro__:
        for given in vars(base).get("errors") or ():
            error = given() if callable(given) else given
            yield str(getattr(error, "code", "") or getattr(error, "default_code", "")), error
    for permission in method.permission_classes:
        refused = refusals.PermissionRefusedError(permission)
        yield refused.code, refused


def _common_errors() -> list[tuple[str, Exception]]:
    """Return the errors of calls of any method, with their codes and exemplary texts."""
    brackets = "The name of a parameter may have at most %(maximum)d brackets"
    scope = HasRequiredScope()
    scope.message = "The request requires higher privileges than provided by the access token"
    ours: list[refusals.CallRefusedError | OptionLimitError] = [
        refusals.HttpsRequiredError(),
        refusals.InvalidRequestError("The request body is not valid JSON in UTF-8"),
        OptionLimitError(brackets, argument="", maximum=conf.max_nesting),
        refusals.NoCredentialsError(),
        refusals.UnknownTokenError(),
        refusals.UnknownWebhookError(),
        refusals.ExpiredTokenError(),
        refusals.PermissionRefusedError(scope),
        refusals.InactiveUserError(),
        refusals.MethodNotFoundError(),
        refusals.VerbNotAllowedError(),
        refusals.BodyTooLargeError(),
    ]
    others = {
        "suspicious_request": SuspiciousOperation(),
        "internal_error": RuntimeError(),
        "throttled": Throttled(),
        "database_unavailable": OperationalError(),
    }
    return [*((error.code, error) for error in ours), *others.items()]


def _by_status(errors: Iterable[tuple[str, Exception]]) -> dict[int, dict[str, _Case]]:
    """Return the refusals by status and code; the first one of a code has the better example."""
    found: dict[int, dict[str, _Case]] = defaultdict(dict)
    for code, error in errors:
        answer = describe_refusal(error)
        reason = REASONS.get(code) or answer.body["error_description"]
        found[answer.status].setdefault(code, _Case(answer, reason))
    return found


def _response(status: int, cases: Mapping[str, _Case]) -> Schema:
    lines = [
        f"* `{answer.body['error']}`, `{answer.body['error_description']}`: {reason}"
        for answer, reason in cases.values()
    ]
    examples = {
        code: {"summary": reason, "value": answer.body} for code, (answer, reason) in cases.items()
    }
    response: Schema = {
        "description": "\n".join(lines),
        "content": {JSON: {"schema": ERROR, "examples": examples}},
    }
    if status in _HEADERS:
        name, description = _HEADERS[status]
        header = {"description": description, "required": True, "schema": {"type": "string"}}
        response["headers"] = {name: header}
    return response
