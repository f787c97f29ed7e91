"""Parts that several operations share, and schemas in the version of OpenAPI that is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from django.utils.translation import gettext_lazy as _
from drf_spectacular.plumbing import ResolvedComponent, append_meta
from drf_spectacular.settings import spectacular_settings

from django_user_options.conf import conf
from django_user_options.rest.methods.rest_method import TEXT, TIME_EXAMPLE, object_schema

if TYPE_CHECKING:
    from drf_spectacular.generators import SchemaGenerator

Schema: TypeAlias = dict[str, Any]

JSON = "application/json"
ERROR: Schema = {"$ref": "#/components/schemas/RestError"}
TIME: Schema = {"$ref": "#/components/schemas/RestTime"}


def adapt(node: Any) -> Any:
    """Return a schema of a method, written for OpenAPI 3.1, in the version that is asked for.

    Only 3.0 has `nullable`, and it does not have `propertyNames`.
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
    """Named parts of the schema, registered where drf-spectacular keeps those of the project."""

    def __init__(self, generator: SchemaGenerator, result: Schema) -> None:
        self.registry = generator.registry
        self._written = result.setdefault("components", {})
        self._add_shared()

    def add(self, kind: str, name: str, content: Schema) -> Schema:
        """Keep a part under a name and return a reference to it; a reference stays as it is."""
        if content.keys() == {"$ref"}:
            return content
        component = ResolvedComponent(name, kind, content, name)  # type: ignore[no-untyped-call]
        self.registry.register_on_missing(component)
        # Hooks before this one have built the components already; those after it may do so again.
        self._written.setdefault(kind, {})[name] = self.registry[component].schema
        return component.ref

    def collect(self) -> None:
        """Write what drf-spectacular registered meanwhile: the serializers of methods."""
        for kind, parts in self.registry.build({}).items():
            self._written[kind] = {**parts, **self._written.get(kind, {})}

    def _add_shared(self) -> None:
        self.add(ResolvedComponent.SCHEMA, "RestTime", _time_schema())
        self.add(ResolvedComponent.SCHEMA, "RestError", _error_schema())
        header = {
            "type": "http",
            "scheme": "bearer",
            "description": _("An OAuth access token in the header `Authorization: Bearer …`."),
        }
        self.add(ResolvedComponent.SECURITY_SCHEMA, "RestAccessToken", header)
        self.security: list[Schema] = [{"RestAccessToken": []}]
        if conf.token_in_query:
            parameter = {
                "type": "apiKey",
                "in": "query",
                "name": "auth",
                "description": _(
                    "The same token as a parameter, in the query or in the body; "
                    "`access_token` is another name for it."
                ),
            }
            self.add(ResolvedComponent.SECURITY_SCHEMA, "RestTokenParameter", parameter)
            self.security.append({"RestTokenParameter": []})


def _time_schema() -> Schema:
    seconds = {"type": "number", "format": "double"}
    moment = {"type": "string", "format": "date-time"}
    texts = {
        "start": (seconds, _("When the call came in, in Unix seconds.")),
        "finish": (seconds, _("When it was answered, in Unix seconds.")),
        "duration": (seconds, _("Seconds between the two.")),
        "processing": (seconds, _("Seconds of it in the method itself.")),
        "date_start": (moment, _("The start, to the second.")),
        "date_finish": (moment, _("The finish, to the second.")),
        "operating_reset_at": (
            {"type": "integer", "format": "int64"},
            _("When the metered running time starts anew, in Unix seconds."),
        ),
        "operating": (
            {"type": "number"},
            _("Metered running time; none is metered, so it is 0."),
        ),
    }
    properties = {name: {**kind, "description": text} for name, (kind, text) in texts.items()}
    return {
        **object_schema(**properties),
        "description": _("How long the call took."),
        "example": TIME_EXAMPLE,
    }


def _error_schema() -> Schema:
    schema = object_schema(
        error={**TEXT, "description": _("The code, for programs; spelled exactly so.")},
        error_description={**TEXT, "description": _("The reason, for people, in English.")},
    )
    if conf.dialect == "live":
        schema["properties"]["argument"] = {
            **TEXT,
            "description": _("The parameter at fault; only beside `ERROR_ARGUMENT`."),
        }
    return {**schema, "description": _("Why a call was refused.")}
