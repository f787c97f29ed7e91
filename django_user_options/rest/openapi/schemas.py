"""Schemas that all methods share, and how ours become those of one OpenAPI version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from django.utils.translation import gettext_lazy as _
from drf_spectacular.plumbing import ResolvedComponent, append_meta
from drf_spectacular.settings import spectacular_settings

from django_user_options.conf import KEY_LENGTH, conf

if TYPE_CHECKING:
    from drf_spectacular.generators import SchemaGenerator

Schema: TypeAlias = dict[str, Any]

ANY: Schema = {}
TEXT: Schema = {"type": "string"}
SCHEMAS = ResolvedComponent.SCHEMA
BODIES = ResolvedComponent.REQUEST_BODY
RESPONSES = ResolvedComponent.RESPONSE
SECURITY = ResolvedComponent.SECURITY_SCHEMA

# As `validate_key` has it.
_USABLE_IN_KEY = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$"


def object_of(properties: Schema, **more: Any) -> Schema:
    """Return the schema of an object that has all of the properties."""
    return {"type": "object", "properties": properties, "required": list(properties), **more}


def list_of(items: Schema, **more: Any) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": items, **more}


def map_of(values: Schema, **more: Any) -> Schema:
    """Return the schema of an object with keys of the client's choice."""
    return {"type": "object", "additionalProperties": values, **more}


def key(**more: Any) -> Schema:
    """Return the schema of an option's key."""
    return {"type": "string", "maxLength": KEY_LENGTH, "pattern": _USABLE_IN_KEY, **more}


def adapt(node: Any) -> Any:
    """Return one of our own schemas, written for OpenAPI 3.1, in the version that is asked for.

    `nullable` is the word of 3.0 only, `propertyNames` one that 3.0 does not have.
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


class Components:
    """Named parts of the schema, registered where drf-spectacular keeps those of the host."""

    def __init__(self, generator: SchemaGenerator, result: Schema) -> None:
        self.registry = generator.registry
        self._written = result.setdefault("components", {})

    def add(self, kind: str, name: str, content: Schema) -> Schema:
        """Keep a part under a name and return the reference to it, or the one that it is."""
        if content.keys() == {"$ref"}:
            return content
        component = ResolvedComponent(name, kind, content, name)  # type: ignore[no-untyped-call]
        self.registry.register_on_missing(component)
        # Hooks before this one have built the components already, those after it may again.
        self._written.setdefault(kind, {})[name] = self.registry[component].schema
        return component.ref

    def collect(self) -> None:
        """Write what drf-spectacular registered meanwhile, the serializers of a host's methods."""
        for kind, parts in self.registry.build({}).items():
            self._written[kind] = {**parts, **self._written.get(kind, {})}


def time_schema() -> Schema:
    """Return the schema of the part `time` of every success."""
    seconds = {"type": "number", "format": "double"}
    moment = {"type": "string", "format": "date-time"}
    whole = {"type": "integer", "format": "int64"}
    return object_of(
        {
            "start": {**seconds, "description": _("When the call came in, in Unix seconds.")},
            "finish": {**seconds, "description": _("When it was answered, in Unix seconds.")},
            "duration": {**seconds, "description": _("Seconds between the two.")},
            "processing": {**seconds, "description": _("Seconds of it in the method itself.")},
            "date_start": {**moment, "description": _("The start, to the second.")},
            "date_finish": {**moment, "description": _("The finish, to the second.")},
            "operating_reset_at": {
                **whole,
                "description": _("When the metered running time starts anew, in Unix seconds."),
            },
            "operating": {
                "type": "number",
                "description": _("Metered running time; none is metered, so it is 0."),
            },
        },
        description=_("How long the call took."),
        example=TIME_EXAMPLE,
    )


TIME_EXAMPLE = {
    "start": 1722001311.94644,
    "finish": 1722001311.98622,
    "duration": 0.03978,
    "processing": 0.00004,
    "date_start": "2024-07-26T13:41:51+00:00",
    "date_finish": "2024-07-26T13:41:51+00:00",
    "operating_reset_at": 1722001911,
    "operating": 0,
}


def error_schema() -> Schema:
    """Return the schema of the body of every refusal."""
    properties = {
        "error": {**TEXT, "description": _("The code, for programs; spelled exactly so.")},
        "error_description": {**TEXT, "description": _("The reason, for people, in English.")},
    }
    more: Schema = {"description": _("Why a call was refused.")}
    schema = object_of(properties, **more)
    if conf.dialect == "live":
        schema["properties"]["argument"] = {
            **TEXT,
            "description": _("The parameter at fault; only beside `ERROR_ARGUMENT`."),
        }
    return schema
