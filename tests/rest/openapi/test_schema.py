"""The methods, their parameters, answers and refusals in the schema, in each version of OpenAPI."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema

from django_user_options.rest.dialects import DIALECTS, DOCUMENTED
from django_user_options.rest.methods import registry
from django_user_options.rest.openapi.error_responses import REASONS
from tests.rest.openapi.conformance import JSON, generate, measure

if TYPE_CHECKING:
    from collections.abc import Iterator

FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
WEBHOOK = "{user_id}/{secret}/"
FORMS: dict[str, set[str]] = {"": set(), WEBHOOK: {"user_id", "secret"}}
OPTION_PARAMETERS: dict[str, set[str]] = {
    "set": {"options"},
    "get": {"option"},
    "delete": {"option"},
    "update": {"set", "remove", "increment", "if"},
    "keys": {"prefix", "after", "limit", "unless"},
    "usage": set(),
}
PARAMETERS: dict[str, set[str]] = {
    **{f"app.option.{name}": names for name, names in OPTION_PARAMETERS.items()},
    **{f"user.option.{name}": {*names, "user_id"} for name, names in OPTION_PARAMETERS.items()},
    "batch": {"cmd", "halt"},
    "methods": {"scope", "full"},
    "method.get": {"name"},
    "scope": {"full"},
    **{name: set() for name in ("server.time", "app.info", "profile", "user.admin")},
    "user.current": set(),
}
REQUIRED = {
    f"{owner}.option.{name}": OPTION_PARAMETERS[name]
    for owner in ("app", "user")
    for name in ("set", "delete")
}
SEED = {"data": "value", "data2": "value2"}


@pytest.fixture(scope="module")
def schema() -> Any:
    return generate("3.0.3")


def operations(schema: Any) -> Iterator[tuple[str, str, Any]]:
    for path, verbs in schema["paths"].items():
        for verb, operation in verbs.items():
            yield path, verb, operation


def body_of(schema: Any, operation: Any) -> Any:
    """Return the content of a body by its type, with the schema in place of its name."""
    if "requestBody" not in operation:
        return {}
    parts = schema["components"]
    content = parts["requestBodies"][operation["requestBody"]["$ref"].split("/")[-1]]["content"]
    return {
        kind: {**media, "schema": parts["schemas"][media["schema"]["$ref"].split("/")[-1]]}
        for kind, media in content.items()
    }


@pytest.mark.parametrize(("version", "dialect"), [("3.0.3", "documented"), ("3.1.0", "live")])
def test_the_schema_is_valid_and_made_without_a_warning(
    version: str, dialect: str, settings: Any
) -> None:
    settings.USER_OPTIONS = {"DIALECT": dialect}
    schema = generate(version)
    assert not GENERATOR_STATS
    validate_schema(schema)


def test_every_registered_method_is_there_in_both_forms_with_both_verbs(schema: Any) -> None:
    names = [method.name for method in registry]
    assert set(names) == set(PARAMETERS)
    found = {path: list(verbs) for path, verbs in schema["paths"].items()}
    paths = [f"/rest/{form}{name}" for name in names for form in FORMS]
    assert found == {path: ["post", "get"] for path in paths}
    ids = {operation["operationId"] for _path, _verb, operation in operations(schema)}
    assert len(ids) == 4 * len(names)
    assert "rest_user_option_set" in ids


def test_every_parameter_is_described_for_queries_and_for_bodies(schema: Any) -> None:
    for name, (form, captured) in itertools.product(PARAMETERS, FORMS.items()):
        verbs = schema["paths"][f"/rest/{form}{name}"]
        described: dict[str, set[str]] = {"query": set(), "path": set()}
        for parameter in verbs["get"]["parameters"]:
            assert parameter["description"]
            described[parameter["in"]].add(parameter["name"])
        assert described == {"query": set(PARAMETERS[name]), "path": captured}
        assert {part["name"] for part in verbs["post"].get("parameters", ())} == captured
        required = {part["name"] for part in verbs["get"]["parameters"] if part["required"]}
        assert required == REQUIRED.get(name, set()) | captured
        for kind, media in body_of(schema, verbs["post"]).items():
            fields = media["schema"]["properties"]
            assert all(field["description"] for field in fields.values())
            if kind != MULTIPART:
                assert set(fields) == PARAMETERS[name]
                assert set(media["schema"].get("required", ())) == REQUIRED.get(name, set())
    live = measure("live").schema["components"]["schemas"]["RestUserOptionSetParameters"]
    assert "required" not in live


def test_options_travel_in_brackets_in_every_form_but_json(schema: Any) -> None:
    verbs = schema["paths"]["/rest/user.option.set"]
    brackets = {"style": "deepObject", "explode": True}
    body = body_of(schema, verbs["post"])
    assert body[FORM]["encoding"] == {"options": brackets}
    names = {"options[data]", "options[data2]", "user_id"}
    assert body[MULTIPART]["schema"]["properties"].keys() == names
    options, user_id = verbs["get"]["parameters"]
    assert options.items() >= brackets.items()
    assert "style" not in user_id
    # The examples are those of the vendor's page.
    assert body[JSON]["example"] == {"options": SEED}
    assert body[FORM]["schema"]["properties"]["options"]["example"] == SEED
    assert options["example"] == SEED
    assert verbs["post"]["responses"]["200"]["content"][JSON]["example"]["result"] is True


def test_examples_fit_their_own_schemas_and_one_shows_the_refusal_in_a_batch() -> None:
    known = measure("documented")
    shown = known.operation("/rest/batch", "post")["responses"]["200"]["content"][JSON]["example"]
    (refusal,) = shown["result"]["result_error"].values()
    row = DOCUMENTED["batch_nested"]
    assert refusal == {"error": row.error, "error_description": row.description}
    for path in PARAMETERS:
        operation = known.operation(f"/rest/{path}", "post")
        media = operation["responses"]["200"]["content"][JSON]
        if "example" in media:
            known.assert_answer_fits(operation, 200, media["example"])
        if "requestBody" in operation:
            example = known.resolve(operation["requestBody"])["content"][JSON].get("example", {})
            known.assert_parameters_fit(operation, example)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_refusal_of_the_dialect_is_described_with_its_status(dialect: str) -> None:
    known = measure(dialect)
    found = set()
    for _path, _verb, operation in operations(known.schema):
        for status, response in operation["responses"].items():
            if status != "200":
                examples = known.resolve(response)["content"][JSON]["examples"]
                found |= {
                    (code, int(status), case["value"]["error"]) for code, case in examples.items()
                }
    # These two are answered inside of a batch that succeeds.
    inside = {"batch_nested", "batch_time"}
    rows = {code: row for code, row in DIALECTS[dialect].errors.items() if code not in inside}
    assert found == {(code, row.status, row.error) for code, row in rows.items()}
    properties = set(known.schema["components"]["schemas"]["RestError"]["properties"])
    named = {"argument"} if dialect == "live" else set()
    facts = {"limit", "maximum", "current", "conflicts"}
    assert properties == {"error", "error_description", *facts, *named}
    assert set(REASONS) == set(rows) | inside


def test_the_settings_of_the_project_are_named(settings: Any) -> None:
    settings.USER_OPTIONS = {
        "MAX_KEY_LENGTH": 7,
        "MAX_KEYS_PER_CALL": 3,
        "REQUIRED_SCOPES": ["a", "b"],
        "TOKEN_IN_QUERY": False,
    }
    schema = generate()
    parts = schema["components"]["schemas"]
    options = parts["RestUserOptionSetParameters"]["properties"]["options"]["anyOf"]
    assert [part.get("maxProperties", part.get("maxItems")) for part in options] == [3, 3]
    assert options[0]["propertyNames"]["maxLength"] == 7
    # What was written under another limit can be read.
    option = parts["RestUserOptionGetParameters"]["properties"]["option"]["anyOf"][0]
    assert option["maxLength"] == 255
    profile = schema["paths"]["/rest/profile"]["get"]
    assert "Required scopes: `a`, `b`." in profile["description"]
    assert list(schema["components"]["securitySchemes"]) == ["RestAccessToken"]
    assert profile["security"] == [{"RestAccessToken": []}]
    settings.USER_OPTIONS = {"REQUIRED_SCOPES": []}
    assert "scopes" not in generate()["paths"]["/rest/profile"]["get"]["description"]


def test_each_openapi_version_has_only_its_own_keywords(schema: Any) -> None:
    assert "propertyNames" not in str(schema)
    assert "nullable" in str(schema)
    assert "nullable" not in str(measure("documented").schema)


def test_tokens_are_sent_in_the_header_or_as_a_parameter(schema: Any) -> None:
    schemes = schema["components"]["securitySchemes"]
    assert {name: scheme["type"] for name, scheme in schemes.items()} == {
        "RestAccessToken": "http",
        "RestTokenParameter": "apiKey",
    }
    for path, _verb, operation in operations(schema):
        expected = [] if WEBHOOK in path else [{"RestAccessToken": []}, {"RestTokenParameter": []}]
        assert operation["security"] == expected
