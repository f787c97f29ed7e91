"""How a method's parameters travel: in a query, and in each kind of body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from django_user_options.rest.openapi.schemas import TEXT, Schema, adapt, object_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_user_options.rest.openapi.descriptions import Description, Parameter

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

# `options[data]=value`, as PHP writes it.
_BRACKETS: Schema = {"style": "deepObject", "explode": True}


def query_parameters(described: Description) -> list[Schema]:
    """Return the parameters as a query string carries them."""
    fields = _fields(described)
    written = []
    for name, part in fields.items():
        parameter = {
            "name": name,
            "in": "query",
            "description": part.description,
            "required": _is_required(name, fields),
            "schema": adapt(part.text),
            **(_BRACKETS if _is_nested(part) else {}),
        }
        if part.example is not None:
            parameter["example"] = part.example
        written.append(parameter)
    return written


def json_schema(described: Description) -> Schema:
    """Return the schema of a JSON body without a token."""
    if described.body is not None:
        return described.body
    parts = {name: part for name, part in described.parameters.items() if part.json is not None}
    schema = object_of(
        {name: _described(part, part.json) for name, part in parts.items()},
        required=[name for name, part in parts.items() if part.required],
    )
    return _tidy(schema)


def form_schema(described: Description) -> Schema:
    """Return the schema of a form's fields."""
    fields = _fields(described)
    schema = object_of(
        {name: _described(part, part.text) for name, part in fields.items()},
        required=[name for name in fields if _is_required(name, fields)],
    )
    return _tidy(schema)


def multipart_schema(described: Description) -> Schema:
    """Return the schema of a multipart form, for which no style of nested names is defined."""
    schema = form_schema(described)
    nested = [name for name, part in _fields(described).items() if _is_nested(part)]
    for name in nested:
        del schema["properties"][name]
    schema["required"] = [name for name in schema.get("required", ()) if name not in nested]
    if nested:
        written = ", ".join(f"`{name}[…]`" for name in nested)
        hint = _("Fields with brackets in their names: %(names)s.") % {"names": written}
        schema["additionalProperties"] = {**TEXT, "description": hint}
    return _tidy(schema)


def encoding(described: Description) -> Schema:
    """Return how the fields of a form are written that are no plain texts."""
    return {name: _BRACKETS for name, part in _fields(described).items() if _is_nested(part)}


def json_example(described: Description) -> Schema:
    """Return the parameters of an exemplary call."""
    return {
        name: part.example
        for name, part in described.parameters.items()
        if part.example is not None
    }


def multipart_example(described: Description) -> Schema:
    """Return the same with each nested name on its own."""
    flat: Schema = {}
    for name, value in json_example(described).items():
        nested = value if isinstance(value, dict) else {}
        flat |= {f"{name}[{key}]": part for key, part in nested.items()} or {name: value}
    return flat


def _fields(described: Description) -> Mapping[str, Parameter]:
    return {name: part for name, part in described.parameters.items() if part.text is not None}


def _is_required(name: str, fields: Mapping[str, Parameter]) -> bool:
    return fields[name].required and f"{name}[]" not in fields


def _is_nested(part: Parameter) -> bool:
    return (part.text or {}).get("type") == "object"


def _described(part: Parameter, schema: Any) -> Schema:
    return {**adapt(schema), "description": part.description}


def _tidy(schema: Schema) -> Schema:
    """Return the schema without an empty `required`, which OpenAPI 3.0 does not allow."""
    if not schema.get("required"):
        schema.pop("required", None)
    return schema
