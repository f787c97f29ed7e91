from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from django_user_options.rest.methods.rest_method import MethodRegistry, RestMethod
from django_user_options.rest.refusals import MethodNotFoundError

if TYPE_CHECKING:
    from pathlib import Path


class Echo(RestMethod):
    name = "demo.Echo"


class OtherEcho(RestMethod):
    name = "DEMO.echo"


@pytest.fixture
def registry() -> MethodRegistry:
    return MethodRegistry()


def test_method_is_found_in_any_case(registry: MethodRegistry) -> None:
    assert registry.register(Echo) is Echo
    assert registry.get("demo.Echo") is registry.get("DEMO.ECHO") is Echo
    registry.register(OtherEcho)
    assert list(registry) == [OtherEcho]


@pytest.mark.parametrize(
    "name", ["", "demo", "demo.echo ", "demo.echo.json", "demo.echo\0", "démo.echo"]
)
def test_other_names_are_unknown(name: str, registry: MethodRegistry) -> None:
    registry.register(Echo)
    with pytest.raises(MethodNotFoundError):
        registry.get(name)


def test_methods_of_installed_apps_are_found_before_any_url_is_read(tmp_path: Path) -> None:
    app = tmp_path / "shop"
    app.mkdir()
    (app / "__init__.py").touch()
    (app / "rest_methods.py").write_text(METHOD)
    (tmp_path / "shop_settings.py").write_text(SETTINGS)
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "shop_settings",
        "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path]),
    }
    found = subprocess.run(
        [sys.executable, "-c", READ], env=environment, capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == ["True", "False"]


METHOD = """
from django_user_options.rest.methods import RestMethod, register

@register
class ShopPrices(RestMethod):
    name = "shop.prices"
"""
SETTINGS = """
from tests.settings import *

INSTALLED_APPS = ["shop", *INSTALLED_APPS]
"""
READ = """
import sys
import django
django.setup()
from django_user_options.rest.methods import registry
print("shop.prices" in {method.name for method in registry}, "tests.urls" in sys.modules)
"""
