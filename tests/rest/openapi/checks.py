"""Checks for schemathesis, which loads this module."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

import schemathesis
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection

if TYPE_CHECKING:
    from schemathesis.checks import CheckContext
    from schemathesis.core.transport import Response
    from schemathesis.generation.case import Case

JSON = "application/json"
MULTIPART = "multipart/form-data"
# What OpenAPI 3.0 cannot say of a parameter.
_UNSTATED = re.compile(
    r"Administrator authorization required"
    r"|user_id must be the id of a user"
    r"|.*a key must be a string (of at least 1 character|without control characters)"
    r"|.*a key may have at most \d+ characters"
    r"|.*must be text without (NUL|lone surrogates)"
    r"|.*may be nested at most \d+ deep"
    r"|.*must be finite numbers of at most 4,300 digits"
    r"|increment\[.*(must be a finite number|the stored value is not a number|the sum is not )"
    r"|\w+: the key .+ may be in only one of set, remove and increment"
    r"|set, remove and increment are empty"
    r"|set, remove, increment and if: one call may name at most \d+ keys"
    r"|(options|set|increment): at most \d+ (keys|bytes of values) may be kept"
)
# A batch answers each wrong command by itself, and the system methods take anything, as the
# vendor's do.
_STRICT = re.compile(r"(user|app)\.option\.\w+$")


@schemathesis.check
def parameters_that_fit_are_taken(context: CheckContext, response: Response, case: Case) -> None:
    """Fail where parameters that fit the schema are refused for a reason that it could state."""
    generation = case.meta.generation if case.meta else None
    fits = generation is not None and generation.mode is GenerationMode.POSITIVE
    if fits and response.status_code == HTTPStatus.BAD_REQUEST:
        reason = response.json()["error_description"]
        # That one of the names with brackets must be there, neither.
        if not (reason == "options is empty" and case.media_type == MULTIPART):
            assert _UNSTATED.match(reason), reason


@schemathesis.check
def json_that_does_not_fit_is_refused(
    context: CheckContext, response: Response, case: Case
) -> bool | None:
    """Fail where JSON is taken that the schema excludes; elsewhere everything is text."""
    # A list is legal everywhere: it means the parameters 0, 1, … as in PHP.
    is_object = case.media_type == JSON and not isinstance(case.body, list)
    if is_object and _STRICT.search(case.path):
        return negative_data_rejection(context, response, case)
    return None
