"""What is installed is what the source says, whole and without the tests."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from zipfile import ZipFile

import pytest

import django_user_options

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "django_user_options"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The names of the files in a wheel built from a copy of the source."""
    source = tmp_path_factory.mktemp("source")
    for path in ("pyproject.toml", "README.md", "LICENSE", "MANIFEST.in", "CHANGELOG.md"):
        shutil.copy(ROOT / path, source)
    for folder in ("django_user_options", "tests"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, source / folder, ignore=ignored)
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", target, source]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    (built,) = target.glob("*.whl")
    with ZipFile(built) as archive:
        return archive.namelist()


def test_the_version_is_that_of_the_metadata() -> None:
    assert version("django-user-options") == django_user_options.__version__


@pytest.mark.build
def test_the_wheel_holds_the_whole_package_and_its_metadata_only(wheel: list[str]) -> None:
    source = {
        path.relative_to(ROOT).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    metadata = f"django_user_options-{django_user_options.__version__}.dist-info/"
    assert {name for name in wheel if not name.startswith(metadata)} == source
