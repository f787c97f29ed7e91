"""Where a project mounts the methods, and what happens to the rest of its schema."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from django.urls import include, path
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.settings import spectacular_settings
from rest_framework import serializers
from rest_framework.generics import CreateAPIView

from tests.processes import run_to_its_end
from tests.rest.openapi.conformance import HOOK, generate

ENUMS = "drf_spectacular.hooks.postprocess_schema_enums"
METHODS = include("django_user_options.rest.urls")


@pytest.mark.parametrize(
    ("routes", "settings", "prefixes"),
    [
        ([""], {}, ["/"]),
        (["rest"], {}, ["/rest/"]),
        (["one/", "two/"], {}, ["/one/", "/two/"]),
        (["api/rest/"], {"SCHEMA_PATH_PREFIX": "/api"}, ["/api/rest/"]),
        (
            ["api/rest/"],
            {"SCHEMA_PATH_PREFIX": "^/api/", "SCHEMA_PATH_PREFIX_TRIM": True},
            ["/rest/"],
        ),
        (["api/rest/"], {"SCHEMA_PATH_PREFIX_TRIM": True}, ["/api/rest/"]),
        (["rest/"], {"SCHEMA_PATH_PREFIX_INSERT": "/outside"}, ["/outside/rest/"]),
    ],
)
def test_methods_appear_where_they_are_mounted(
    routes: list[str], settings: Any, prefixes: list[str]
) -> None:
    patterns = [path(route, METHODS) for route in routes]
    schema = generate("3.0.3", patterns=patterns, **settings)
    assert not GENERATOR_STATS
    names = ("user.option.set", "{user_id}/{secret}/user.option.set")
    assert [found for found in schema["paths"] if found.endswith("user.option.set")] == [
        f"{prefix}{name}" for prefix in prefixes for name in names
    ]


def test_nested_includes_are_followed_and_what_they_capture_is_a_parameter() -> None:
    inner = [path("v1/rest/", METHODS)]
    schema = generate(patterns=[path("<str:tenant>/", include((inner, "inner")))])
    operation = schema["paths"]["/{tenant}/v1/rest/profile"]["post"]
    assert [part["name"] for part in operation["parameters"]] == ["tenant"]


def test_nothing_is_added_where_the_methods_are_not_mounted() -> None:
    schema = generate(patterns=[])
    assert (schema["paths"], schema.get("tags")) == ({}, None)


class Choice(serializers.Serializer[Any]):
    error = serializers.ChoiceField(choices=["one", "two"])
    halt = serializers.ChoiceField(choices=["now", "later"])


class ChoiceView(CreateAPIView[Any]):
    serializer_class = Choice


@pytest.mark.parametrize(
    ("version", "hooks"), [("3.0.3", [ENUMS, HOOK]), ("3.1.0", [HOOK, ENUMS])], ids=["3.0", "3.1"]
)
def test_a_projects_own_schema_stays_whole_in_either_order_of_hooks(
    hooks: list[str], version: str, settings: Any
) -> None:
    settings.REST_FRAMEWORK = {"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"}
    patterns = [path("api/choices/", ChoiceView.as_view())]
    alone = generate(version, patterns=patterns, POSTPROCESSING_HOOKS=[ENUMS])
    patterns.append(path("rest/", METHODS))
    schema = generate(version, patterns=patterns, POSTPROCESSING_HOOKS=hooks)
    assert not GENERATOR_STATS
    assert schema["paths"].items() >= alone["paths"].items()
    schemas = schema["components"]["schemas"]
    assert schemas["Choice"]["properties"].keys() == {"error", "halt"}
    assert {"RestError", "RestTime", "RestUserOptionSetAnswer"} <= schemas.keys()
    assert {"RestAccessToken", "RestTokenParameter"} <= schema["components"][
        "securitySchemes"
    ].keys()


def test_a_projects_tags_come_first_and_its_setting_is_not_changed() -> None:
    tags = [{"name": "theirs"}]
    names = [tag["name"] for tag in generate(TAGS=tags)["tags"]]
    assert (names[0], names[-1]) == ("theirs", "Calls through a webhook")
    assert tags == [{"name": "theirs"}]
    assert spectacular_settings.TAGS == []


_WITHOUT = """
import sys
sys.modules["drf_spectacular"] = None  # as if it were not installed
import django
from django.test import Client
django.setup()
from django_user_options import admin, test
assert Client().post("/rest/user.option.get").status_code == 401
assert not [name for name in sys.modules if name.startswith("django_user_options.rest.openapi")]
try:
    from django_user_options.rest import openapi
except ImportError as error:
    print(error)
"""


def test_the_package_works_where_drf_spectacular_is_not_installed() -> None:
    command = [sys.executable, "-W", "error", "-c", _WITHOUT]
    done = run_to_its_end(command, env={"DJANGO_SETTINGS_MODULE": "tests.settings"}, seconds=60)
    assert done.returncode == 0, done.stderr
    assert "drf_spectacular" in done.stdout
