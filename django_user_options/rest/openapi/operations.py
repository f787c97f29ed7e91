"""The operations of one method, made from the attributes by which it describes itself."""

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

from django_user_options.conf import conf
from django_user_options.rest.methods.rest_method import TEXT, TIME_EXAMPLE, object_schema
from django_user_options.rest.openapi.components import (
    ERROR,
    JSON,
    TIME,
    Components,
    Schema,
    adapt,
)
from django_user_options.rest.openapi.error_responses import component_name, error_responses
from django_user_options.rest.openapi.parameter_schemas import (
    FORM,
    MULTIPART,
    fields_of,
    form_content,
    multipart_schema,
    query_parameters,
)

if TYPE_CHECKING:
    from django_user_options.rest.methods import RestMethod

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
        """Return the parameters, for a JSON body."""
        parameters = _attribute(self._rest_method, "parameters_schema")
        return None if parameters is None else {JSON: parameters}

    def get_response_serializers(self) -> Any:
        """Return the result."""
        result = _attribute(self._rest_method, "result_schema")
        return {(200, JSON): result or OpenApiTypes.ANY}

    def get_auth(self) -> list[Schema]:
        """Return nothing: the project's own authentication is not asked."""
        return []


class Operations:
    """The operations of one method."""

    def __init__(self, method: type[RestMethod], components: Components) -> None:
        self._method, self._components = method, components
        self._name = re.sub(r"\W+", "_", method.name)
        body, result = self._schemas()
        self._query = query_parameters(fields_of(self._resolve(body)))
        self._body = self._request_body(body)
        summary, description = _texts(method)
        self._shared = {
            "summary": summary,
            "description": description,
            "responses": self._responses(result),
        }

    def by_token(self) -> Schema:
        """Return the operations of the path that ends in the method's name."""
        shared = {
            **self._shared,
            "tags": [self._method.tag],
            "security": self._components.security,
        }
        return self._verbs("rest", shared, [])

    def by_webhook(self) -> Schema:
        """Return the operations of the path that has a webhook's secret before the name."""
        texts = {
            "user_id": _("The id of the webhook's owner."),
            "secret": _("The webhook's secret; who knows this address acts as its owner."),
        }
        captured = [
            {"name": name, "in": "path", "required": True, "description": text, "schema": TEXT}
            for name, text in texts.items()
        ]
        shared = {**self._shared, "tags": [WEBHOOK_TAG], "security": []}
        return self._verbs("rest_webhook", shared, captured)

    def _verbs(self, prefix: str, shared: Schema, captured: list[Schema]) -> Schema:
        post = {"operationId": f"{prefix}_{self._name}", **shared, **self._body}
        if captured:
            post["parameters"] = captured
        get = {
            "operationId": f"{prefix}_{self._name}_by_get",
            **shared,
            "parameters": [*captured, *self._query],
        }
        return {"post": post, "get": get}

    def _schemas(self) -> tuple[Schema, Schema]:
        """Return the schemas of all parameters and of the result, as drf-spectacular has them."""
        schema = _MethodSchema(self._method)
        path, registry = f"/{self._method.name}", self._components.registry
        built: Any = schema.get_operation(path, path, "", "POST", registry)
        body = built["requestBody"]["content"][JSON]["schema"] if "requestBody" in built else {}
        return body, built["responses"]["200"]["content"][JSON]["schema"]

    def _resolve(self, schema: Schema) -> Schema:
        if "$ref" not in schema:
            return schema
        *_path, kind, name = schema["$ref"].split("/")
        resolved: Schema = self._components.registry[name, kind].schema
        return resolved

    def _request_body(self, body: Schema) -> Schema:
        """Return the body of a POST; none where there are no parameters."""
        if not body:
            return {}
        resolved, name = self._resolve(body), component_name(self._method)
        fields = fields_of(resolved)
        form, encoding = form_content(fields)
        content = {
            kind: {"schema": self._components.add(ResolvedComponent.SCHEMA, name + part, schema)}
            for kind, part, schema in (
                (JSON, "Parameters", body),
                (FORM, "Form", form),
                (MULTIPART, "Multipart", multipart_schema(fields)),
            )
        }
        if encoding:
            content[FORM]["encoding"] = encoding
        if example := {field.name: field.example for field in fields if field.example is not None}:
            content[JSON]["example"] = example
        described = {"content": content, "required": bool(resolved.get("required"))}
        kind = ResolvedComponent.REQUEST_BODY
        return {"requestBody": self._components.add(kind, name, described)}

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
        name = f"{component_name(self._method)}Answer"
        content: Schema = {"schema": self._components.add(ResolvedComponent.SCHEMA, name, answer)}
        example = _attribute(self._method, "result_example")
        if example is not None:
            content["example"] = {"result": example, "time": TIME_EXAMPLE}
        responses: Schema = {
            "200": {"description": _("Done."), "content": {JSON: content}},
            **error_responses(self._method, self._components),
        }
        if self._method.errors is None:
            responses["default"] = {
                "description": _("What else this method refuses."),
                "content": {JSON: {"schema": ERROR}},
            }
        return responses


def _attribute(method: type[RestMethod], name: str) -> Any:
    """Return a schema or an example of a method, in the version of OpenAPI that is asked for."""
    found = getattr(method, name)
    found = found() if inspect.ismethod(found) else found
    return adapt(found)


def _texts(method: type[RestMethod]) -> tuple[Any, str]:
    """Return the summary and the description of a method."""
    own = vars(method)
    documentation = inspect.cleandoc(own.get("__doc__") or "")
    summary, description = method.summary or method.name, method.description
    if documentation and "summary" not in own:
        # It is translated where the project's catalogue has it.
        first, _blank, rest = gettext(documentation).partition("\n\n")
        summary = " ".join(first.split()).removesuffix(".")
        description = own.get("description", rest)
    texts = [description]
    scopes = method.required_scopes
    if names := conf.required_scopes if scopes is None else scopes:
        listed = ", ".join(f"`{name}`" for name in names)
        texts.append(_("Required scopes: %(names)s.") % {"names": listed})
    texts.append(
        _(
            "The answer is JSON; append `.xml` to the address to get XML. Upper and lower case in "
            "the method's name are the same."
        )
    )
    return summary, "\n\n".join(str(text) for text in texts if text)
