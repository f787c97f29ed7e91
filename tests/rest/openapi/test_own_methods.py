"""Methods that a host registers, as they say themselves what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema
from rest_framework import serializers
from rest_framework.permissions import BasePermission

from django_user_options.rest.methods import RestMethod, registry
from django_user_options.rest.methods.user_options import UserOptionGet
from django_user_options.rest.permissions import HasUser
from tests.rest.openapi.conformance import JSON, generate

if TYPE_CHECKING:
    from collections.abc import Callable

FORM = "application/x-www-form-urlencoded"


class Place(serializers.Serializer[Any]):
    city = serializers.CharField(help_text="Where it is.")
    floor = serializers.IntegerField(required=False)
    rooms = serializers.ListField(child=serializers.CharField(), required=False)


@pytest.fixture
def described(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Callable[..., Any]:
    """Return the schema and the operation of a method that is registered for this test only."""
    settings.REST_FRAMEWORK = {"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"}
    monkeypatch.setattr(registry, "_methods", dict(registry._methods))

    def describe(base: type[RestMethod] = RestMethod, **attributes: Any) -> tuple[Any, Any]:
        own = registry.register(type("Own", (base,), {"name": "host.own", **attributes}))
        schema = generate("3.0.3")
        assert not GENERATOR_STATS
        validate_schema(schema)
        return schema, schema["paths"][f"/rest/{own.name}"]

    return describe


def result_of(schema: Any) -> Any:
    return schema["components"]["schemas"]["RestHostOwnAnswer"]["properties"]["result"]


def test_a_method_that_says_nothing_is_there(described: Any) -> None:
    schema, verbs = described()
    assert verbs["post"]["summary"] == "host.own"
    assert verbs["post"]["tags"] == ["Methods of this server"]
    assert "requestBody" not in verbs["post"]
    assert verbs["get"]["parameters"] == []
    assert result_of(schema) == {}


def test_own_methods_stand_behind_those_of_the_package(described: Any) -> None:
    schema, _ = described()
    assert list(schema["paths"])[-2:] == [
        "/rest/host.own",
        "/rest/{user_id}/{secret}/host.own",
    ]


def test_the_docstring_is_summary_and_description(described: Any) -> None:
    doc = """Moves the thing\n    elsewhere.\n\n    More of it.\n    """
    _, verbs = described(__doc__=doc)
    assert verbs["post"]["summary"] == "Moves the thing elsewhere"
    assert verbs["post"]["description"].startswith("More of it.\n\nRequired scopes: `basic`.")


def test_a_docstring_is_not_inherited(described: Any) -> None:
    _, verbs = described(UserOptionGet)
    assert verbs["post"]["summary"] == "host.own"


def test_own_scopes_are_named(described: Any) -> None:
    _, verbs = described(required_scopes=["move"])
    assert verbs["get"]["description"].startswith("Required scopes: `move`.")


def test_serializers_say_what_a_method_takes_and_answers(described: Any) -> None:
    schema, verbs = described(parameters_schema=Place, result_schema=Place(many=True))
    reference = {"$ref": "#/components/schemas/Place"}
    content = schema["components"]["requestBodies"]["RestHostOwn"]["content"]
    assert content[JSON]["schema"] == reference
    assert set(schema["components"]["schemas"]["Place"]["properties"]) == {
        "city",
        "floor",
        "rooms",
    }
    assert result_of(schema) == {"type": "array", "items": reference}
    assert verbs["post"]["requestBody"] == {"$ref": "#/components/requestBodies/RestHostOwn"}


def test_forms_and_queries_take_what_they_can_carry(described: Any) -> None:
    schema, verbs = described(parameters_schema=Place)
    found = {part["name"]: part for part in verbs["get"]["parameters"]}
    assert {name: part["required"] for name, part in found.items()} == {
        "city": True,
        "floor": False,
    }
    assert found["city"]["description"] == "Where it is."
    form = schema["components"]["schemas"]["RestHostOwnForm"]
    assert (set(form["properties"]), form["required"]) == ({"city", "floor"}, ["city"])


def test_plain_types_and_schemas_do_as_well(described: Any) -> None:
    taken = {"type": "object", "properties": {"size": {"type": "number", "example": 2}}}
    schema, verbs = described(parameters_schema=taken, result_schema=int)
    assert schema["components"]["schemas"]["RestHostOwnParameters"] == taken
    assert [part["name"] for part in verbs["get"]["parameters"]] == ["size"]
    assert result_of(schema) == {"type": "integer"}


class Closed(BasePermission):
    code = "closed_on_sundays"
    message = "Come back on Monday"


def test_refusals_of_permissions_are_described(described: Any) -> None:
    schema, verbs = described(permission_classes=(HasUser, Closed, BasePermission))
    responses = verbs["post"]["responses"]
    assert responses["403"] == {"$ref": "#/components/responses/RestHostOwnError403"}
    parts = schema["components"]["responses"]
    of_403 = parts["RestHostOwnError403"]["content"][JSON]["examples"]
    assert of_403["closed_on_sundays"]["value"] == {
        "error": "CLOSED_ON_SUNDAYS",
        "error_description": "Come back on Monday",
    }
    assert of_403["permission_denied"]["value"]["error"] == "PERMISSION_DENIED"
    assert "user_required" in parts["RestHostOwnError400"]["content"][JSON]["examples"]


def test_what_else_a_method_refuses_is_open(described: Any) -> None:
    schema, verbs = described()
    error = {"$ref": "#/components/schemas/RestError"}
    assert verbs["post"]["responses"]["default"]["content"][JSON]["schema"] == error
    assert "default" not in schema["paths"]["/rest/user.option.get"]["post"]["responses"]


def test_a_method_that_replaces_one_of_the_package_describes_itself(described: Any) -> None:
    class Own(UserOptionGet):
        """Reads it otherwise."""

    registry.register(Own)
    schema, _ = described()
    verbs = schema["paths"]["/rest/user.option.get"]
    assert verbs["post"]["summary"] == "Reads it otherwise"


def test_names_of_other_alphabets_make_ids_and_components(described: Any) -> None:
    schema, verbs = described(name="я.ж")
    assert verbs["post"]["operationId"] == "rest_я_ж"
    assert "Rest11031078Answer" in schema["components"]["schemas"]
