"""The package works in projects that differ from the tests' own."""

from __future__ import annotations

import os
import re
import sys
from ast import literal_eval
from typing import TYPE_CHECKING

import pytest

from tests.processes import ROOT, run_to_its_end
from tests.variants.runner import run_tests

if TYPE_CHECKING:
    from pathlib import Path

# A project's settings and tests. Django runs classes of tests in parallel, so there are two.
SETTINGS = """
from tests.settings import *

DATABASES = {{
    "default": {{
        "ENGINE": "django.db.backends.sqlite3",
        "OPTIONS": {options},
        "TEST": {{"NAME": {file!r}, "MIGRATE": False}},
    }}
}}
"""
TESTS = """
from django.contrib.auth import get_user_model
from django.test import TestCase
from oauth2_provider.models import get_application_model

from django_user_options.models import AppUserOption


class Writes(TestCase):
    def test_options_are_kept(self):
        user = get_user_model().objects.create_user("ann")
        application = get_application_model().objects.create()
        options = AppUserOption.objects.for_owner(application, user)
        options.set_options({"a": 1})
        self.assertEqual(options.as_mapping(), {"a": 1})


class WritesToo(Writes):
    pass
"""


@pytest.mark.database
@pytest.mark.parametrize(
    ("project", "modules"),
    [
        ("members", ["facts", "facts_of_two_databases"]),
        ("guests", ["facts", "facts_of_text_users", "facts_of_many_writers", "facts_of_asgi"]),
    ],
)
def test_the_facts_hold_in_the_project(tmp_path: Path, project: str, modules: list[str]) -> None:
    paths = [f"tests/variants/{module}.py" for module in modules]
    file = str(tmp_path / "options.sqlite3")
    settings = "tests.variants.settings"
    run_tests(settings, "--create-db", *paths, PROJECT=project, SQLITE_FILE=file)


def test_djangos_runner_works_in_parallel_with_the_readmes_settings_of_sqlite(
    tmp_path: Path,
) -> None:
    readme = (ROOT / "README.md").read_text()
    (written,) = re.findall(r'\["OPTIONS"\] = (\{.+?\})', readme, re.DOTALL)
    options = literal_eval(written)
    # As the README says, because `TEST` names a file.
    del options["init_command"]
    file = str(tmp_path / "test.sqlite3")
    (tmp_path / "own_settings.py").write_text(SETTINGS.format(options=options, file=file))
    (tmp_path / "test_shop.py").write_text(TESTS)
    command = [sys.executable, "-m", "django", "test", "--parallel", "2", "--settings"]
    env = {**os.environ, "PYTHONPATH": f"{ROOT}:{tmp_path}"}
    done = run_to_its_end([*command, "own_settings"], env=env, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Ran 2 tests" in done.stderr
    assert "user_options.W" not in done.stderr
