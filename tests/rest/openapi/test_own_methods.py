"""A project's own methods in the schema: what they say of themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.permissions import BasePermission

from django_user_options.exceptions import InvalidOptionError
from django_user_options.rest.methods import RestMethod, registry
from django_user_options.rest.methods.option_methods import UserOptionGet
from django_user_options.rest.permissions import HasUser
from tests.rest.openapi.conformance import JSON, generate

if TYPE_CHECKING:
    from collections.abc import Callable


class Place(serializers.Serializer[Any]):
    city = serializers.CharField(help_text="Where it is.")
    floor = serializers.IntegerField(required=False, allow_null=True)
    rooms = serializers.ListField(child=serializers.CharField(), required=False)
    labels = serializers.DictField(child=serializers.CharField(), required=False)


@pytest.fixture
def described(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return the schema and the operation of a method that is registered for this test only."""
    monkeypatch.setattr(registry, "_methods", {})

    def describe(
        base: type[RestMethod] = RestMethod, version: str = "3.0.3", **attributes: Any
    ) -> tuple[Any, Any]:
        own = registry.register(type("Own", (base,), {"name": "host.own", **attributes}))
        schema = generate(version)
        assert not GENERATOR_STATS
        validate_schema(schema)
        return schema, schema["paths"][f"/rest/{own.name}"]

    return describe


def part(schema: Any, name: str, kind: str = "schemas") -> Any:
    return schema["components"][kind][f"RestHostOwn{name}"]


def test_a_method_without_attributes_is_described(described: Any) -> None:
    schema, verbs = described()
    assert verbs["post"]["summary"] == "host.own"
    assert verbs["post"]["tags"] == ["Methods of this server"]
    assert "requestBody" not in verbs["post"]
    assert verbs["get"]["parameters"] == []
    assert part(schema, "Answer")["properties"].keys() == {"result", "time"}
    assert part(schema, "Answer")["properties"]["result"] == {}
    assert list(schema["paths"]) == ["/rest/host.own", "/rest/{user_id}/{secret}/host.own"]
    error = {"$ref": "#/components/schemas/RestError"}
    assert verbs["post"]["responses"]["default"]["content"][JSON]["schema"] == error


@pytest.mark.parametrize(
    ("said", "summary", "description"),
    [
        ({}, "Moves the thing elsewhere", "More of it."),
        ({"summary": "Move it", "description": "Far away."}, "Move it", "Far away."),
    ],
    ids=["docstring", "attributes"],
)
def test_attributes_describe_a_method_or_else_its_docstring(
    said: Any, summary: str, description: str, described: Any
) -> None:
    doc = """Moves the thing\n    elsewhere.\n\n    More of it.\n    """
    _, verbs = described(__doc__=doc, required_scopes=["move"], tag="Things", **said)
    assert (verbs["get"]["tags"], verbs["post"]["summary"]) == (["Things"], summary)
    start = f"{description}\n\nRequired scopes: `move`."
    assert verbs["post"]["description"].startswith(start)


def test_a_method_that_replaces_one_of_the_package_describes_itself(described: Any) -> None:
    class Own(UserOptionGet):
        """Reads it otherwise."""

    registry.register(Own)
    schema, inherited = described(UserOptionGet)
    assert schema["paths"]["/rest/user.option.get"]["post"]["summary"] == "Reads it otherwise"
    assert inherited["post"]["summary"] == UserOptionGet.summary


@pytest.mark.parametrize("version", ["3.0.3", "3.2.0"])
def test_serializers_describe_parameters_and_results(version: str, described: Any) -> None:
    schema, verbs = described(
        version=version, parameters_schema=Place, result_schema=Place(many=True)
    )
    reference = {"$ref": "#/components/schemas/Place"}
    assert verbs["post"]["requestBody"] == {"$ref": "#/components/requestBodies/RestHostOwn"}
    assert part(schema, "", "requestBodies")["content"][JSON]["schema"] == reference
    place = schema["components"]["schemas"]["Place"]
    assert set(place["properties"]) == {"city", "floor", "rooms", "labels"}
    answer = part(schema, "Answer")["properties"]["result"]
    assert answer == {"type": "array", "items": reference}
    # Queries and forms hold what is not a list.
    found = {field["name"]: field for field in verbs["get"]["parameters"]}
    required = {name: field["required"] for name, field in found.items()}
    assert required == {"city": True, "floor": False, "labels": False}
    assert found["city"]["description"] == "Where it is."
    assert (found["floor"]["schema"]["type"], found["labels"]["style"]) == ("integer", "deepObject")
    form = part(schema, "Form")
    assert (set(form["properties"]), form["required"]) == (set(found), ["city"])


def test_plain_types_schemas_class_methods_and_pages_are_described(described: Any) -> None:
    taken = {"type": "object", "properties": {"size": {"type": "number", "example": 2}}}
    example = classmethod(lambda cls: len(cls.name))
    schema, verbs = described(
        parameters_schema=taken, result_schema=int, result_example=example, paginated=True
    )
    assert part(schema, "Parameters") == taken
    assert [field["name"] for field in verbs["get"]["parameters"]] == ["size"]
    assert part(schema, "Answer")["properties"]["result"] == {"type": "integer"}
    assert verbs["get"]["responses"]["200"]["content"][JSON]["example"]["result"] == 8
    answer = part(schema, "Answer")
    assert [answer["properties"][name]["type"] for name in ("total", "next")] == ["integer"] * 2
    assert answer["required"] == ["result", "time"]


class Closed(BasePermission):
    code = "closed_on_sundays"
    message = "Come back on Monday"


def test_what_a_method_and_its_permissions_refuse_is_described(described: Any) -> None:
    wrong = InvalidOptionError("size must be a number", argument="size")
    permissions = (HasUser, Closed, BasePermission)
    schema, closed = described(errors=(NotFound, wrong), permission_classes=permissions)
    assert "default" not in closed["post"]["responses"]
    reference = {"$ref": "#/components/responses/RestHostOwnError403"}
    assert closed["post"]["responses"]["403"] == reference

    def cases(status: int) -> Any:
        return part(schema, f"Error{status}", "responses")["content"][JSON]["examples"]

    sunday = {"error": "CLOSED_ON_SUNDAYS", "error_description": "Come back on Monday"}
    assert cases(403)["closed_on_sundays"]["value"] == sunday
    assert cases(403)["permission_denied"]["value"]["error"] == "PERMISSION_DENIED"
    not_found = {"error": "NOT_FOUND", "error_description": "Not found."}
    assert cases(404)["not_found"]["value"] == not_found
    assert "user_required" in cases(400)
    assert "size must be a number" in part(schema, "Error400", "responses")["description"]


def test_names_of_other_alphabets_make_ids_and_components(described: Any) -> None:
    schema, verbs = described(name="я.ж")
    assert verbs["post"]["operationId"] == "rest_я_ж"
    assert "Rest11031078Answer" in schema["components"]["schemas"]
