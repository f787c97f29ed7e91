"""The OpenAPI schema as a measure of what the server takes and answers."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from django.test import override_settings
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.settings import patched_settings
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

if TYPE_CHECKING:
    from collections.abc import Mapping

HOOK = "django_user_options.rest.openapi.add_rest_methods"
JSON = "application/json"
_HERE = "urn:schema"


def generate(version: str = "3.1.0", *, patterns: Any = None, **settings: Any) -> dict[str, Any]:
    """Return the schema of the tests' project; that of OpenAPI 3.1 is JSON Schema."""
    settings = {"OAS_VERSION": version, "POSTPROCESSING_HOOKS": [HOOK], **settings}
    with patched_settings(settings):
        schema: dict[str, Any] = SchemaGenerator(patterns=patterns).get_schema(public=True)
    return schema


class Measure:
    """The schema in one dialect, with default limits."""

    def __init__(self, dialect: str) -> None:
        with override_settings(USER_OPTIONS={"DIALECT": dialect}):
            self.schema = generate()
        registry: Registry[Any] = Registry()
        self._registry = registry.with_resource(_HERE, DRAFT202012.create_resource(self.schema))
        self._validators: dict[str, Draft202012Validator] = {}

    def operation(self, path: str, verb: str) -> Mapping[str, Any] | None:
        """Return an operation; for a verb that there is not, what is said of all verbs."""
        verbs = self.schema["paths"].get(path, {})
        return verbs.get(verb.lower(), verbs.get("post"))

    def resolve(self, node: Mapping[str, Any]) -> Any:
        """Return what a node refers to."""
        found: Any = self.schema
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return found

    def assert_answer_fits(self, operation: Mapping[str, Any], status: int, body: Any) -> None:
        """Fail where the status, the body or the error's code is not described."""
        assert str(status) in operation["responses"], (status, body)
        response = operation["responses"][str(status)]
        if status == 200:
            self._validate(response["content"][JSON]["schema"], body)
            return
        content = self.resolve(response)["content"][JSON]
        self._validate(content["schema"], body)
        cases = content["examples"].values()
        assert body["error"] in {case["value"]["error"] for case in cases}

    def assert_parameters_fit(self, operation: Mapping[str, Any], parameters: Any) -> None:
        """Fail where JSON parameters are not what the schema asks for."""
        content = self.resolve(operation["requestBody"])["content"]
        self._validate(content[JSON]["schema"], parameters)

    def _validate(self, node: Mapping[str, Any], value: Any) -> None:
        reference = f"{_HERE}{node['$ref']}"
        if reference not in self._validators:
            self._validators[reference] = Draft202012Validator(
                {"$ref": reference}, registry=self._registry
            )
        self._validators[reference].validate(value)


measure = functools.cache(Measure)
