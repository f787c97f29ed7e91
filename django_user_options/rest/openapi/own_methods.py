"""What a host's own method says of itself: its docstring and its two schema attributes."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.plumbing import build_mocked_view
from drf_spectacular.utils import extend_schema

from django_user_options.rest.openapi.descriptions import Description, Parameter
from django_user_options.rest.openapi.schemas import ANY, Components, Schema

if TYPE_CHECKING:
    from django_user_options.rest.methods import RestMethod

_JSON = "application/json"
# What a form or a query carries without a convention that the host would have to know.
_PLAIN = ("string", "integer", "number", "boolean")


def described_by_itself(method: type[RestMethod], components: Components) -> Description:
    """Return what a host's method says of itself.

    Its schemas may be whatever drf-spectacular's `extend_schema` takes: a serializer, a type,
    a JSON schema as a dict.
    """
    summary, _blank, details = _documentation(method).partition("\n\n")
    body, result = _schemas(method, components)
    return Description(
        tag=_("Methods of this server"),
        summary=" ".join(summary.split()).removesuffix(".") or method.name,
        details=details,
        parameters=_plain_parameters(body or {}, components),
        result=result,
        body=body,
        closed=False,
    )


def _documentation(method: type[RestMethod]) -> str:
    """Return the class's own docstring, translated where the host's catalogue has it."""
    text = inspect.cleandoc(vars(method).get("__doc__") or "")
    return gettext(text) if text else ""


def _schemas(method: type[RestMethod], components: Components) -> tuple[Schema | None, Schema]:
    """Return the schemas of all parameters and of the result."""
    decorator = extend_schema(
        request={_JSON: method.parameters_schema},
        responses={(200, _JSON): method.result_schema},
    )
    view: Any = build_mocked_view("POST", f"/{method.name}", decorator, components.registry).schema
    body, result = method.parameters_schema, method.result_schema
    return (
        None if body is None else _schema_in(view._get_request_body()),  # noqa: SLF001
        ANY if result is None else _schema_in(view._get_response_bodies()["200"]),  # noqa: SLF001
    )


def _schema_in(body: Schema) -> Schema:
    schema: Schema = body["content"][_JSON]["schema"]
    return schema


def _plain_parameters(body: Schema, components: Components) -> dict[str, Parameter]:
    """Return those of the parameters that forms and queries can carry, too."""
    if "$ref" in body:
        *_path, kind, name = body["$ref"].split("/")
        body = components.registry[name, kind].schema
    required = body.get("required", ())
    return {
        name: Parameter(part.get("description", ""), part, part, name in required)
        for name, part in body.get("properties", {}).items()
        if part.get("type") in _PLAIN
    }
