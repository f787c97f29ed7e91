"""From what is known of a method to the operations of its two URL forms."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from django_user_options.conf import conf
from django_user_options.rest.openapi import requests
from django_user_options.rest.openapi.errors import component_name, error_responses
from django_user_options.rest.openapi.schemas import (
    BODIES,
    SCHEMAS,
    TEXT,
    TIME_EXAMPLE,
    Components,
    Schema,
    adapt,
    object_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django_user_options.rest.methods import RestMethod
    from django_user_options.rest.openapi.descriptions import Description

WEBHOOK_TAG = _("Calls through a webhook")

_TIME: Schema = {"$ref": "#/components/schemas/RestTime"}


class Operations:
    """The operations of one method."""

    def __init__(
        self, method: type[RestMethod], described: Description, components: Components
    ) -> None:
        self._method, self._described, self._components = method, described, components
        self._name = re.sub(r"\W+", "_", method.name)
        self._parts = component_name(method)
        self._query = requests.query_parameters(described)
        self._body = self._add_body()
        self._shared = {
            "summary": described.summary,
            "description": "\n\n".join(map(str, self._texts())),
            "responses": self._responses(),
        }

    def by_token(self, security: list[Schema]) -> Schema:
        """Return the operations of the path that ends in the method's name."""
        shared = {**self._shared, "tags": [self._described.tag], "security": security}
        return {
            "post": {"operationId": f"rest_{self._name}", **shared, **self._body},
            "get": {
                "operationId": f"rest_{self._name}_by_get",
                **shared,
                "parameters": self._query,
            },
        }

    def by_webhook(self) -> Schema:
        """Return the operations of the path that has a webhook's secret before the name."""
        shared = {**self._shared, "tags": [WEBHOOK_TAG], "security": []}
        path = _webhook_parameters()
        return {
            "post": {
                "operationId": f"rest_webhook_{self._name}",
                **shared,
                "parameters": path,
                **self._body,
            },
            "get": {
                "operationId": f"rest_webhook_{self._name}_by_get",
                **shared,
                "parameters": [*path, *self._query],
            },
        }

    def _texts(self) -> Iterator[Any]:
        if self._described.details:
            yield self._described.details
        scopes = self._method.required_scopes
        if names := conf.required_scopes if scopes is None else scopes:
            listed = ", ".join(f"`{name}`" for name in names)
            yield _("Required scopes: %(names)s.") % {"names": listed}
        yield _(
            "The answer is JSON; append `.xml` to the address to get XML. Upper and lower case in "
            "the method's name are the same."
        )

    def _responses(self) -> Schema:
        described = self._described
        result = adapt(described.result)
        answer = object_of({"result": result, "time": _TIME})
        schema = self._components.add(SCHEMAS, f"{self._parts}Answer", answer)
        content: Schema = {"schema": schema}
        if described.example is not None:
            content["example"] = {"result": described.example, "time": TIME_EXAMPLE}
        responses: Schema = {
            "200": {"description": _("Done."), "content": {requests.JSON: content}},
            **error_responses(self._method, described.errors, self._components),
        }
        if not described.closed:
            error = {"schema": {"$ref": "#/components/schemas/RestError"}}
            responses["default"] = {
                "description": _("What else this method refuses."),
                "content": {requests.JSON: error},
            }
        return responses

    def _add_body(self) -> Schema:
        """Return the body of a POST; none where there are no parameters."""
        described = self._described
        if not (described.parameters or described.body):
            return {}
        schemas = {
            "Parameters": (requests.JSON, requests.json_schema(described)),
            "Form": (requests.FORM, requests.form_schema(described)),
            "Multipart": (requests.MULTIPART, requests.multipart_schema(described)),
        }
        content = {
            kind: {"schema": self._components.add(SCHEMAS, f"{self._parts}{part}", schema)}
            for part, (kind, schema) in schemas.items()
        }
        if brackets := requests.encoding(described):
            content[requests.FORM]["encoding"] = brackets
        if example := requests.json_example(described):
            content[requests.JSON]["example"] = example
        required = any(part.required for part in described.parameters.values())
        body = {"content": content, "required": required}
        return {"requestBody": self._components.add(BODIES, self._parts, body)}


def _webhook_parameters() -> list[Schema]:
    described = {
        "user_id": _("The id of the webhook's owner."),
        "secret": _("The webhook's secret; who knows this address acts as its owner."),
    }
    return [
        {"name": name, "in": "path", "required": True, "description": text, "schema": TEXT}
        for name, text in described.items()
    ]
