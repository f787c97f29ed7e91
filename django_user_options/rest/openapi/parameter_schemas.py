"""How the parameters of a method travel where there is no JSON: in queries and forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from django_user_options.rest.methods.rest_method import TEXT

if TYPE_CHECKING:
    from django_user_options.rest.openapi.components import Schema

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

_PLAIN = ("string", "integer", "number", "boolean")
# `options[data]=value`, as PHP writes it.
_BRACKETS: Schema = {"style": "deepObject", "explode": True}


class Field(NamedTuple):
    """One parameter, with its schema in a form."""

    name: str
    schema: Schema
    description: Any
    required: bool
    example: Any

    @property
    def nested(self) -> bool:
        """Whether its parts are written with brackets."""
        return bool(self.schema["type"] == "object")

    def as_property(self) -> Schema:
        """Return the schema of the field in a form's object."""
        schema = {**self.schema, "description": self.description}
        if self.example is not None:
            schema["example"] = self.example
        elif self.schema == TEXT:
            # An empty field says nothing; tools would send the word "string".
            schema["example"] = ""
        return schema


def fields_of(parameters: Schema) -> list[Field]:
    """Return those of the parameters that forms and queries can carry, too.

    Of several forms that a parameter may have, the first is the one that it has there.
    """
    required = parameters.get("required", ())
    found = []
    for name, part in parameters.get("properties", {}).items():
        schema = _written_as_text(part.get("anyOf", [part])[0])
        if schema is not None:
            description, example = part.get("description", ""), part.get("example")
            found.append(Field(name, schema, description, name in required, example))
    return found


def _written_as_text(schema: Schema) -> Schema | None:
    """Return the schema of a parameter as a form has it, None where a form cannot have it."""
    left_out = ("description", "example", "nullable")
    schema = {name: part for name, part in schema.items() if name not in left_out}
    if isinstance(schema.get("type"), list):
        # Forms have no null.
        schema["type"] = next(kind for kind in schema["type"] if kind != "null")
    if schema.get("type") == "object" and "additionalProperties" in schema:
        return {**schema, "additionalProperties": TEXT}
    return schema if schema.get("type") in _PLAIN else None


def query_parameters(fields: list[Field]) -> list[Schema]:
    """Return the parameters as a query string carries them."""
    return [
        {
            "name": field.name,
            "in": "query",
            "description": field.description,
            "required": field.required,
            "schema": field.schema,
            **(_BRACKETS if field.nested else {}),
            **({} if field.example is None else {"example": field.example}),
        }
        for field in fields
    ]


def form_content(fields: list[Field]) -> tuple[Schema, Schema]:
    """Return the schema of a form, and how those fields are encoded that are not plain text."""
    encoding = {field.name: _BRACKETS for field in fields if field.nested}
    properties = {field.name: field.as_property() for field in fields}
    return _object(properties, [field.name for field in fields if field.required]), encoding


def multipart_schema(fields: list[Field]) -> Schema:
    """Return the same for multipart, which has no style for nested names: examples are shown."""
    properties: Schema = {}
    more: Schema = {}
    for field in fields:
        if field.nested:
            hint = _("A part of `%(name)s`; its key stands in the brackets.") % {"name": field.name}
            part = {**TEXT, "description": hint}
            more = {"additionalProperties": part}
            for key, value in (field.example or {}).items():
                properties[f"{field.name}[{key}]"] = {**part, "example": value}
        else:
            properties[field.name] = field.as_property()
    required = [field.name for field in fields if field.required and not field.nested]
    return {**_object(properties, required), **more}


def _object(properties: Schema, required: list[str]) -> Schema:
    schema: Schema = {"type": "object", "properties": properties}
    # OpenAPI 3.0 allows no empty list.
    return {**schema, "required": required} if required else schema
