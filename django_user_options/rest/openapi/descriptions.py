"""What can be known of a method: its parameters, its result, its refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_user_options.rest.openapi.errors import ErrorCase
    from django_user_options.rest.openapi.schemas import Schema


class Parameter(NamedTuple):
    """One parameter, with its schema in JSON, and in forms and queries."""

    description: Any
    json: Schema
    text: Schema
    required: bool = False
    example: Any = None


class Description(NamedTuple):
    """What one method takes and answers.

    Attributes:
        body: The schema of all parameters as one JSON object; None puts it together from them.
        example: A result.
        closed: Whether `errors` has all that the method itself refuses.
    """

    tag: Any
    summary: Any
    result: Schema
    parameters: Mapping[str, Parameter] = {}
    errors: tuple[ErrorCase, ...] = ()
    details: Any = ""
    example: Any = None
    body: Schema | None = None
    closed: bool = True
