"""Parts that all methods share, and the schemas of parameters in queries and forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from django.utils.translation import gettext_lazy as _
from drf_spectacular.plumbing import ResolvedComponent, append_meta
from drf_spectacular.settings import spectacular_settings

from django_user_options.conf import conf
from django_user_options.rest.dialects import ARGUMENT_ERROR, dialect
from django_user_options.rest.methods.rest_method import TEXT, TIME_EXAMPLE, object_schema

if TYPE_CHECKING:
    from drf_spectacular.plumbing import ComponentRegistry

Schema: TypeAlias = dict[str, Any]

JSON = "application/json"
ERROR: Schema = {"$ref": "#/components/schemas/RestError"}
TIME: Schema = {"$ref": "#/components/schemas/RestTime"}

_SECONDS: Schema = {"type": "number", "format": "double"}
_MOMENT: Schema = {"type": "string", "format": "date-time"}
_TIME_PROPERTIES: Schema = {
    "start": {**_SECONDS, "description": _("When the call arrived, in Unix seconds.")},
    "finish": {**_SECONDS, "description": _("When it was answered, in Unix seconds.")},
    "duration": {**_SECONDS, "description": _("Seconds between the two.")},
    "processing": {**_SECONDS, "description": _("Seconds spent in the method itself.")},
    "date_start": {**_MOMENT, "description": _("The start, to the second.")},
    "date_finish": {**_MOMENT, "description": _("The finish, to the second.")},
    "operating_reset_at": {
        "type": "integer",
        "format": "int64",
        "description": _("When the metered running time is reset, in Unix seconds."),
    },
    "operating": {
        "type": "number",
        "description": _("Metered running time; not measured, so always 0."),
    },
}
_ERROR_PROPERTIES: Schema = {
    "error": {**TEXT, "description": _("The code, for programs; case-sensitive.")},
    "error_description": {**TEXT, "description": _("The reason, for people, in English.")},
}
# What only some errors have.
_ERROR_DETAILS: Schema = {
    "limit": {**TEXT, "description": _("The limit that was exceeded, as `usage` names it.")},
    "maximum": {"type": "integer", "description": _("The most that it allows.")},
    "current": {
        "type": "integer",
        "description": _("What is kept now, or what the call, key or value has."),
    },
    "conflicts": {
        "type": "object",
        "additionalProperties": {**TEXT, "nullable": True},
        "description": _("The current digests of the keys that are not as `if` expects."),
    },
}
# `options[data]=value`, as PHP writes it.
_BRACKETS: Schema = {"style": "deepObject", "explode": True}


def adapt(node: Any) -> Any:
    """Return a method's schema, written for OpenAPI 3.1, in the requested version.

    Only 3.0 has `nullable`, and 3.0 does not have `propertyNames`.
    """
    if isinstance(node, list | tuple):
        return [adapt(item) for item in node]
    if not isinstance(node, dict):
        return node
    adapted = {name: adapt(part) for name, part in node.items()}
    if spectacular_settings.OAS_VERSION.startswith("3.0"):
        adapted.pop("propertyNames", None)
    elif adapted.pop("nullable", None):
        adapted = append_meta(adapted, {"nullable": True})
    return adapted


def add_component(registry: ComponentRegistry, kind: str, name: str, content: Schema) -> Schema:
    """Register a component by name and return a reference to it; return a reference unchanged."""
    if content.keys() == {"$ref"}:
        return content
    component = ResolvedComponent(name, kind, content, name)  # type: ignore[no-untyped-call]
    registry.register_on_missing(component)
    return component.ref


def add_shared(registry: ComponentRegistry) -> list[Schema]:
    """Add the components of every answer, and return the ways to send a token."""
    time = object_schema(**_TIME_PROPERTIES)
    time |= {"description": _("How long the call took."), "example": TIME_EXAMPLE}
    error = object_schema(**_ERROR_PROPERTIES)
    error["properties"] |= adapt(_ERROR_DETAILS)
    if any(row.error == ARGUMENT_ERROR for row in dialect().errors.values()):
        text = _("The parameter at fault; only beside `ERROR_ARGUMENT`.")
        error["properties"]["argument"] = {**TEXT, "description": text}
    error["description"] = _("Why a call was refused.")
    for name, schema in (("RestTime", time), ("RestError", error)):
        add_component(registry, ResolvedComponent.SCHEMA, name, schema)
    schemes = {
        "RestAccessToken": {
            "type": "http",
            "scheme": "bearer",
            "description": _("An OAuth access token in the header `Authorization: Bearer …`."),
        }
    }
    if conf.token_in_query:
        schemes["RestTokenParameter"] = {
            "type": "apiKey",
            "in": "query",
            "name": "auth",
            "description": _(
                "The same token as a parameter, in the query or in the body; "
                "`access_token` is another name for it."
            ),
        }
    for name, scheme in schemes.items():
        add_component(registry, ResolvedComponent.SECURITY_SCHEMA, name, scheme)
    return [{name: []} for name in schemes]


def query_parameters(parameters: Schema) -> list[Schema]:
    """Return the parameters that a query or a form can contain, as query parameters.

    If a parameter may have several types, the first one is used.
    """
    found = []
    for name, part in parameters.get("properties", {}).items():
        schema = _written_as_text(part.get("anyOf", [part])[0])
        if schema is not None:
            parameter = {
                "name": name,
                "in": "query",
                "description": part.get("description", ""),
                "required": name in parameters.get("required", ()),
                "schema": schema,
                **(_BRACKETS if schema["type"] == "object" else {}),
            }
            example = {"example": part["example"]} if "example" in part else {}
            found.append(parameter | example)
    return found


def _written_as_text(schema: Schema) -> Schema | None:
    left_out = ("description", "example", "nullable")
    schema = {name: part for name, part in schema.items() if name not in left_out}
    if isinstance(schema.get("type"), list):
        # Forms cannot contain null.
        schema["type"] = next(kind for kind in schema["type"] if kind != "null")
    if schema.get("type") == "object" and "additionalProperties" in schema:
        return {**schema, "additionalProperties": TEXT}
    plain = ("string", "integer", "number", "boolean")
    return schema if schema.get("type") in plain else None


def form_media(query: list[Schema]) -> Schema:
    """Return a form, and the encoding of its fields that are not plain text."""
    fields = {part["name"]: _field(part) for part in query}
    encoding = {part["name"]: _BRACKETS for part in query if "style" in part}
    required = [part["name"] for part in query if part["required"]]
    return {"schema": _form(fields, required), **({"encoding": encoding} if encoding else {})}


def multipart_media(query: list[Schema]) -> Schema:
    """Return the same for multipart, which has no style for nested names: examples are shown."""
    fields: Schema = {}
    more: Schema = {}
    for part in query:
        if "style" not in part:
            fields[part["name"]] = _field(part)
            continue
        text = _("A part of `%(name)s`; its key is in the brackets.") % {"name": part["name"]}
        value = {**TEXT, "description": text}
        more = {"additionalProperties": value}
        for key, example in part.get("example", {}).items():
            fields[f"{part['name']}[{key}]"] = {**value, "example": example}
    required = [part["name"] for part in query if part["required"] and "style" not in part]
    return {"schema": {**_form(fields, required), **more}}


def _field(parameter: Schema) -> Schema:
    field = {**parameter["schema"], "description": parameter["description"]}
    if "example" in parameter:
        field["example"] = parameter["example"]
    elif parameter["schema"] == TEXT:
        # Empty by default, because tools would send the word "string".
        field["example"] = ""
    return field


def _form(fields: Schema, required: list[str]) -> Schema:
    schema: Schema = {"type": "object", "properties": fields}
    # OpenAPI 3.0 does not allow an empty list.
    return {**schema, "required": required} if required else schema
