"""How a method's parameters travel: in a query, and in each kind of body."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from django_user_options.rest.openapi.schemas import TEXT, Schema, adapt

if TYPE_CHECKING:
    from django_user_options.rest.openapi.descriptions import Description, Parameter

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

# `options[data]=value`, as PHP writes it.
_BRACKETS: Schema = {"style": "deepObject", "explode": True}


def query_parameters(described: Description) -> list[Schema]:
    """Return the parameters as a query string carries them."""
    written = []
    for name, part in described.parameters.items():
        parameter = {
            "name": name,
            "in": "query",
            "description": part.description,
            "required": part.required,
            "schema": adapt(part.text),
            **(_BRACKETS if _is_nested(part) else {}),
        }
        if part.example is not None:
            parameter["example"] = part.example
        written.append(parameter)
    return written


def json_schema(described: Description) -> Schema:
    """Return the schema of a JSON body."""
    if described.body is not None:
        return described.body
    fields = described.parameters.items()
    properties = {
        name: {**adapt(part.json), "description": part.description} for name, part in fields
    }
    return _with_required(properties, [name for name, part in fields if part.required])


def form_schema(described: Description) -> Schema:
    """Return the schema of a form's fields."""
    fields = described.parameters.items()
    properties = {name: _field(part) for name, part in fields}
    return _with_required(properties, [name for name, part in fields if part.required])


def multipart_schema(described: Description) -> Schema:
    """Return the same for multipart, which has no style for nested names: examples are shown."""
    properties: Schema = {}
    required, more = [], {}
    for name, part in described.parameters.items():
        if _is_nested(part):
            hint = _("A part of `%(name)s`; its key stands in the brackets.") % {"name": name}
            field = {**TEXT, "description": hint}
            more = {"additionalProperties": field}
            for key, value in part.example.items():
                properties[f"{name}[{key}]"] = {**field, "example": value}
        else:
            properties[name] = _field(part)
            required += [name] if part.required else []
    return {**_with_required(properties, required), **more}


def encoding(described: Description) -> Schema:
    """Return how the fields of a form are written that are no plain texts."""
    return {name: _BRACKETS for name, part in described.parameters.items() if _is_nested(part)}


def json_example(described: Description) -> Schema:
    """Return the parameters of an exemplary call."""
    return {
        name: part.example
        for name, part in described.parameters.items()
        if part.example is not None
    }


def _is_nested(part: Parameter) -> bool:
    return part.text.get("type") == "object"


def _field(part: Parameter) -> Schema:
    schema = {**adapt(part.text), "description": part.description}
    if part.example is not None:
        schema["example"] = part.example
    elif part.text == TEXT:
        # An empty field says nothing; tools would send the word "string".
        schema["example"] = ""
    return schema


def _with_required(properties: Schema, required: list[str]) -> Schema:
    schema: Schema = {"type": "object", "properties": properties}
    # OpenAPI 3.0 allows no empty list.
    return {**schema, "required": required} if required else schema
