"""The refusals that a method may return, in the configured dialect."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.plumbing import ResolvedComponent

from django_user_options.conf import conf
from django_user_options.rest.envelope import Refusal, describe_refusal
from django_user_options.rest.methods.rest_method import TEXT
from django_user_options.rest.openapi.schemas import ERROR, JSON, Schema, add_component
from django_user_options.rest.refusals import CallRefusedError, PermissionRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from drf_spectacular.plumbing import ComponentRegistry

    from django_user_options.rest.methods import RestMethod

# The reason for each refusal that any method may return.
_COMMON_REASONS: Mapping[str, Any] = {
    "https_required": _("The call came over plain HTTP, but only HTTPS is allowed."),
    "invalid_request": _("The request cannot be read, or contradicts itself."),
    "suspicious_request": _("The request was rejected as suspicious."),
    "option_limit": _("A limit was exceeded; nothing was written."),
    "no_credentials": _("The request has neither a token nor a webhook."),
    "unknown_token": _("This access token was never issued, or it was revoked."),
    "unknown_webhook": _("No webhook has this user id and this secret."),
    "expired_token": _("The access token has expired; refresh it."),
    "insufficient_scope": _("The token or the webhook lacks a scope."),
    "inactive_user": _("The user behind the credential has been deactivated."),
    "user_access_error": _("The user may not use the application."),
    "address_refused": _("The webhook may not be called from this address."),
    "method_refused": _("The webhook may not call this method."),
    "method_not_found": _("No method has this name."),
    "verb_not_allowed": _("Only GET, POST, and OPTIONS are allowed."),
    "body_too_large": _("The body is larger than this server allows."),
    "internal_error": _("The server has a bug; its log has the details."),
    "throttled": _("There were too many calls; repeat after `Retry-After` seconds."),
    "database_unavailable": _(
        "The database cannot be reached; repeat after `Retry-After` seconds."
    ),
}

# The reasons for the other rows of the dialects' tables.
REASONS: Mapping[str, Any] = {
    **_COMMON_REASONS,
    "nothing_to_save": _("`options` is missing or empty."),
    "nothing_to_update": _("There is nothing to set, remove or increment."),
    "option_conflict": _("An option is not as `if` expects; nothing was written."),
    "no_key_given": _("`option` is missing or empty."),
    "invalid_option": _("A parameter, a key or a value has a type or a text that is not allowed."),
    "application_required": _("The credential has no application."),
    "administrator_required": _("The credential does not act with administrator rights."),
    "user_required": _("The credential has no user."),
    "owner_gone": _("The application or the user was deleted during the call."),
    "batch_nested": _("A batch contains a batch; this command is refused."),
    "batch_length": _("The batch is too long; each command beyond the limit is refused."),
    "batch_time": _("The batch took too long; its remaining commands are refused."),
}

# Examples for refusals whose text depends on the request.
_EXAMPLES: Mapping[str, str] = {
    "invalid_request": "The request body is not valid JSON in UTF-8",
    "option_limit": "The name of a parameter may have at most %(maximum)d brackets",
    "insufficient_scope": (
        "The request requires higher privileges than provided by the access token"
    ),
}

_HEADERS: Mapping[int, tuple[str, Any]] = {
    401: ("WWW-Authenticate", _("Why the credential was refused, as in RFC 6750.")),
    405: ("Allow", _("The allowed HTTP methods.")),
    503: ("Retry-After", _("Seconds after which to repeat the call.")),
}


def error_responses(method: type[RestMethod], registry: ComponentRegistry) -> Schema:
    """Return a method's response for each error status."""
    common = _by_status(_common_errors())
    responses = {}
    for status, cases in sorted(_by_status([*_own_errors(method), *_common_errors()]).items()):
        # Statuses that are the same for every method are written once.
        owner = "Rest" if cases == common.get(status) else component_name(method)
        responses[str(status)] = add_component(
            registry, ResolvedComponent.RESPONSE, f"{owner}Error{status}", _response(status, cases)
        )
    return responses


def component_name(method: type[RestMethod]) -> str:
    """Return the name of a method's components, such as `RestUserOptionSet`."""
    # OpenAPI allows ASCII letters and digits there.
    plain = method.name.encode("ascii", "xmlcharrefreplace").decode()
    return "Rest" + "".join(word[:1].upper() + word[1:] for word in re.split(r"[\W_]+", plain))


def _own_errors(method: type[RestMethod]) -> Iterator[tuple[str, Exception]]:
    """Yield each error of the method and of its permissions, with its code."""
    for base in method.__mro__:
        for given in vars(base).get("errors") or ():
            error = given() if callable(given) else given
            yield str(getattr(error, "code", "") or getattr(error, "default_code", "")), error
    for permission in method.permission_classes:
        refused = PermissionRefusedError(permission)
        yield refused.code, refused


def _common_errors() -> Iterator[tuple[str, Exception]]:
    for code in _COMMON_REASONS:
        error = CallRefusedError(_EXAMPLES.get(code, "") % {"maximum": conf.max_nesting})
        error.code = code
        yield code, error


def _by_status(errors: Iterable[tuple[str, Exception]]) -> dict[int, dict[str, Refusal]]:
    """Return the refusals by status and code; the first one of each code has the better example."""
    found: dict[int, dict[str, Refusal]] = defaultdict(dict)
    for code, error in errors:
        refusal = describe_refusal(error)
        found[refusal.status].setdefault(code, refusal)
    return found


def _response(status: int, cases: Mapping[str, Refusal]) -> Schema:
    lines, examples = [], {}
    for code, refusal in cases.items():
        body = refusal.body
        reason = REASONS.get(code) or body["error_description"]
        lines.append(f"* `{body['error']}`, `{body['error_description']}`: {reason}")
        examples[code] = {"summary": reason, "value": body}
    response: Schema = {
        "description": "\n".join(lines),
        "content": {JSON: {"schema": ERROR, "examples": examples}},
    }
    if status in _HEADERS:
        name, description = _HEADERS[status]
        header = {"description": description, "required": True, "schema": TEXT}
        response["headers"] = {name: header}
    return response
