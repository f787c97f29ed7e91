"""The operations of one method, built from the attributes that describe it."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.settings import spectacular_settings
from drf_spectacular.types import OpenApiTypes
from rest_framework.views import APIView

from django_user_options.rest.methods.rest_method import TEXT, TIME_EXAMPLE, object_schema
from django_user_options.rest.openapi.error_responses import component_name, error_responses
from django_user_options.rest.openapi.schemas import (
    ERROR,
    JSON,
    TIME,
    adapt,
    add_component,
    form_media,
    multipart_media,
    query_parameters,
)

if TYPE_CHECKING:
    from drf_spectacular.plumbing import ComponentRegistry

    from django_user_options.rest.methods import RestMethod
    from django_user_options.rest.openapi.schemas import Schema

WEBHOOK_TAG = _("Calls through a webhook")


class _MethodSchema(AutoSchema):
    """Builds the schemas of a method as drf-spectacular builds those of a view."""

    def __init__(self, method: type[RestMethod]) -> None:
        super().__init__()
        self._rest_method = method
        self.view = APIView()
        path = f"/{method.name}"
        self.view.request = spectacular_settings.GET_MOCK_REQUEST("POST", path, self.view, None)

    def get_request_serializer(self) -> Any:
        parameters = _attribute(self._rest_method, "parameters_schema")
        return None if parameters is None else {JSON: parameters}

    def get_response_serializers(self) -> Any:
        result = _attribute(self._rest_method, "result_schema")
        return {(200, JSON): result or OpenApiTypes.ANY}

    def get_auth(self) -> list[Schema]:
        # The project's own authentication does not apply.
        return []


class MethodDescription:
    """The operations of one method; their parts go into a component registry."""

    def __init__(
        self, method: type[RestMethod], registry: ComponentRegistry, security: list[Schema]
    ) -> None:
        self._method, self._registry, self._security = method, registry, security
        path = f"/{method.name}"
        built: Any = _MethodSchema(method).get_operation(path, path, "", "POST", registry)
        body = built["requestBody"]["content"][JSON]["schema"] if "requestBody" in built else {}
        parameters = body
        if "$ref" in body:
            parameters = registry[body["$ref"].split("/")[-1], ResolvedComponent.SCHEMA].schema
        self._query = query_parameters(parameters)
        self._body = self._request_body(body, parameters)
        summary, description = self._texts()
        self._shared = {
            "summary": summary,
            "description": description,
            "responses": self._responses(built["responses"]["200"]["content"][JSON]["schema"]),
        }

    def _texts(self) -> tuple[Any, str]:
        """Return the summary and the description."""
        method = self._method
        own = vars(method)
        documentation = inspect.cleandoc(own.get("__doc__") or "")
        summary, description = method.summary or method.name, method.description
        if documentation and "summary" not in own:
            # Translated if the project's catalog contains it.
            first, _blank, rest = gettext(documentation).partition("\n\n")
            summary = " ".join(first.split()).removesuffix(".")
            description = own.get("description", rest)
        texts = [description]
        if scopes := method.needed_scopes():
            names = ", ".join(f"`{name}`" for name in scopes)
            texts.append(_("Required scopes: %(names)s.") % {"names": names})
        texts.append(
            _(
                "The answer is JSON; append `.xml` to the address to get XML. Method names are not "
                "case-sensitive."
            )
        )
        return summary, "\n\n".join(str(text) for text in texts if text)

    def paths(self, prefix: str, public: str, suffix: str) -> Schema:
        """Return the operations of both paths of the method under a prefix.

        Args:
            prefix: The path before the method's name, with captured parts in braces.
            public: The same path as the schema shows it.
            suffix: The end of the operations' ids.
        """
        captured = [_path_parameter(name) for name in re.findall(r"{(\w+)}", prefix)]
        secret = _("The webhook's secret; anyone who knows this URL acts as its owner.")
        webhook = [
            _path_parameter("user_id", description=_("The id of the webhook's owner.")),
            _path_parameter("secret", description=secret),
        ]
        by_token = {**self._shared, "tags": [self._method.tag], "security": self._security}
        by_webhook = {**self._shared, "tags": [WEBHOOK_TAG], "security": []}
        return {
            f"{public}{self._method.name}": self._verbs("rest", suffix, by_token, captured),
            f"{public}{{user_id}}/{{secret}}/{self._method.name}": self._verbs(
                "rest_webhook", suffix, by_webhook, [*captured, *webhook]
            ),
        }

    def _verbs(self, prefix: str, suffix: str, shared: Schema, parts: list[Schema]) -> Schema:
        name = f"{prefix}_" + re.sub(r"\W+", "_", self._method.name)
        post = {"operationId": f"{name}{suffix}", **shared, **self._body}
        get = {"operationId": f"{name}_by_get{suffix}", **shared}
        return {
            "post": {**post, "parameters": parts} if parts else post,
            "get": {**get, "parameters": [*parts, *self._query]},
        }

    def _add(self, kind: str, part: str, content: Schema) -> Schema:
        return add_component(self._registry, kind, component_name(self._method) + part, content)

    def _request_body(self, body: Schema, parameters: Schema) -> Schema:
        """Return the body of a POST, or nothing if there are no parameters."""
        if not body:
            return {}
        example = {part["name"]: part["example"] for part in self._query if "example" in part}
        json = {"schema": body, **({"example": example} if example else {})}
        content = {}
        for kind, part, media in (
            (JSON, "Parameters", json),
            ("application/x-www-form-urlencoded", "Form", form_media(self._query)),
            ("multipart/form-data", "Multipart", multipart_media(self._query)),
        ):
            schema = self._add(ResolvedComponent.SCHEMA, part, media["schema"])
            content[kind] = {**media, "schema": schema}
        described = {"content": content, "required": bool(parameters.get("required"))}
        return {"requestBody": self._add(ResolvedComponent.REQUEST_BODY, "", described)}

    def _responses(self, result: Schema) -> Schema:
        answer = object_schema(result=result, time=TIME)
        if self._method.paginated:
            answer["properties"] |= {
                "total": {"type": "integer", "description": _("How many items there are.")},
                "next": {
                    "type": "integer",
                    "description": _("The `start` of the next page; missing on the last one."),
                },
            }
        content: Schema = {"schema": self._add(ResolvedComponent.SCHEMA, "Answer", answer)}
        example = _attribute(self._method, "result_example")
        if example is not None:
            content["example"] = {"result": example, "time": TIME_EXAMPLE}
        responses: Schema = {
            "200": {"description": _("Done."), "content": {JSON: content}},
            **error_responses(self._method, self._registry),
        }
        if self._method.errors is None:
            responses["default"] = {
                "description": _("Other errors of this method."),
                "content": {JSON: {"schema": ERROR}},
            }
        return responses


def _path_parameter(name: str, **more: Any) -> Schema:
    return {"name": name, "in": "path", "required": True, **more, "schema": TEXT}


def _attribute(method: type[RestMethod], name: str) -> Any:
    """Return a schema or an example of a method, in the requested version of OpenAPI."""
    found = getattr(method, name)
    return adapt(found() if inspect.ismethod(found) else found)
