"""What the READMEs show is true: every command and every line of Python in them runs."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from django_user_options.conf import DEFAULTS
from django_user_options.rest.methods import registry
from tests.processes import ROOT, free_port, run_curl, run_to_its_end, served

if TYPE_CHECKING:
    from collections.abc import Iterator

MAIN = ROOT / "README.md"
READMES = [
    MAIN,
    *(
        path
        for folder in ("django_user_options", "example_project", "tests")
        for path in sorted((ROOT / folder).rglob("README.md"))
    ),
]
CHECKS = ROOT / "django_user_options/checks"

_BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
# Where a block belongs that has one of these; the others run in a shell.
_MODULES = {
    "INSTALLED_APPS +=": "settings.py",
    "urlpatterns +=": "urls.py",
    "@register": "rest_methods.py",
}
_SHELL = """\
import copy
from pathlib import Path
from django.conf import settings
from django.contrib.auth import get_user_model
from django_user_options.models import AppUserOption
from oauth2_provider.models import get_application_model
BASE_DIR, DATABASES = Path("."), copy.deepcopy(settings.DATABASES)
application = get_application_model().objects.get(client_id="notes")
user = get_user_model().objects.get(username="ann")
AppUserOption.objects.all().delete()
"""


def _blocks(readme: Path, language: str) -> list[str]:
    found = _BLOCK.findall(readme.read_text(encoding="utf-8"))
    return [
        re.sub(f"^{indent}", "", text, flags=re.MULTILINE)
        for indent, name, text in found
        if name == language
    ]


def _module(block: str) -> str:
    """Return the module of the project that the block belongs to, if any."""
    return next((name for mark, name in _MODULES.items() if mark in block), "")


def _commands(readme: Path) -> list[str]:
    """Return the commands of the README, each in one line."""
    text = "".join(_blocks(readme, "sh")).replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def _checked(line: str) -> str:
    """Turn an expression with a literal as its comment into an assertion."""
    expression, _, comment = line.partition("  # ")
    try:
        ast.literal_eval(comment)
    except (SyntaxError, ValueError):
        return line
    return f"assert ({expression}) == {comment}, {expression!r}"


class Project:
    """A new project, set up and used as the README says."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port, self.secret = folder, free_port(), ""
        self.client_secret = ""
        self.env = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "DJANGO_SUPERUSER_PASSWORD": "pw",
            "DJANGO_SUPERUSER_EMAIL": "ann@example.com",
            "PYTHONWARNINGS": "error",
        }
        self.run(f"python -m django startproject mysite {folder}")
        blocks = [block for readme in READMES for block in _blocks(readme, "python")]
        for text in ['INSTALLED_APPS += ["mysite"]\n', *blocks]:
            if module := _module(text):
                with (folder / f"mysite/{module}").open("a", encoding="utf-8") as file:
                    file.write(text)

    def run(self, command: str, stdin: str = "") -> str:
        """Return what a command of the README prints."""
        command = command.replace("createsuperuser", "createsuperuser --noinput")
        shell = ["/bin/sh", "-c", command]
        done = run_to_its_end(shell, env=self.env, cwd=self.folder, stdin=stdin)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    def serve(self) -> Any:
        command = [sys.executable, "manage.py", "runserver", self.port, "--noreload"]
        log = self.folder / "server.log"
        return served(command, self.port, cwd=self.folder, env=self.env, log=log)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The project after the quick start, served."""
    project = Project(tmp_path_factory.mktemp("project"))
    *commands, serve = [
        command for command in _commands(MAIN) if command.startswith("python manage.py")
    ][:5]
    printed = "".join(project.run(command) for command in commands)
    assert serve == "python manage.py runserver"
    # That of the application comes before that of the webhook.
    project.client_secret = re.findall(r"^secret +(\S+)$", printed, re.MULTILINE)[0]
    (project.secret,) = re.findall(r"/rest/1/(\w+)/", printed)
    with project.serve():
        yield project


@pytest.mark.build
def test_the_quick_start_ends_with_an_answer(project: Project) -> None:
    (curl,) = (command for command in _commands(MAIN) if command.startswith("curl "))
    command = curl.replace("8000", project.port).replace("SECRET", project.secret)
    assert run_curl(command)["result"] is True
    read = command.replace(".set -d 'options[theme]=dark'", ".get -d 'option=theme'")
    assert run_curl(read)["result"] == "dark"
    project.run("python manage.py check --database default --fail-level WARNING")


@pytest.mark.build
def test_client_credentials_bring_a_token_that_works(project: Project) -> None:
    readme = ROOT / "django_user_options/rest/README.md"
    exchange, use = (
        command.replace("8000", project.port).replace("SECRET", project.client_secret)
        for command in _commands(readme)
        if command.startswith("curl ")
    )
    token = run_curl(exchange)["access_token"]
    assert run_curl(use.replace("TOKEN", token))["result"] is True


@pytest.mark.build
def test_a_method_of_the_projects_own_answers(project: Project) -> None:
    address = f"http://127.0.0.1:{project.port}/rest/1/{project.secret}/demo.greeting"
    assert run_curl(f"curl {address} -d ''")["result"] == "Hello, ann"


@pytest.mark.build
def test_the_python_runs_in_a_project(project: Project) -> None:
    """A literal in a comment behind an expression is its value."""
    blocks = [block for readme in READMES for block in _blocks(readme, "python")]
    lines = "\n".join(text for text in [_SHELL, *blocks] if not _module(text)).splitlines()
    project.run("python manage.py shell", stdin="\n".join(map(_checked, lines)) + "\n")


@pytest.mark.build
def test_the_commands_run_in_a_project(project: Project) -> None:
    listed = _commands(MAIN)
    # The fixture has run those of the quick start.
    further = listed[listed.index("python manage.py runserver") :]
    commands = [command for command in further if " user_options " in command]
    printed = {command: project.run(command) for command in commands}
    assert len(printed) > 5
    (got,) = (text for command, text in printed.items() if "user_options get" in command)
    assert "dark" in got


@pytest.mark.build
def test_the_demo_starts_from_a_fresh_clone(tmp_path: Path) -> None:
    ignored = shutil.ignore_patterns(".*", "*.egg-info", "__pycache__", "*.sqlite3*")
    shutil.copytree(ROOT, tmp_path / "clone", ignore=ignored)
    command = _commands(MAIN)[0]
    assert command.endswith("example_project/manage.py demo")
    shell = ["/bin/sh", "-c", f"{command} --no-serve"]
    env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = run_to_its_end(shell, env=env, cwd=tmp_path / "clone", seconds=600)
    assert done.returncode == 0, done.stderr
    assert "/rest/user.option.set" in done.stdout


def test_the_other_commands_are_jobs_of_the_script_that_runs_everything() -> None:
    """The tests, and each module of the tests that a README says how to run; tox installs."""
    files = (ROOT / ".ci/run", ROOT / "pyproject.toml")
    script = "".join(path.read_text(encoding="utf-8") for path in files)
    commands = [command for readme in READMES for command in _commands(readme)]
    for command in commands:
        elsewhere = command.startswith(("python manage.py ", "curl ", ".venv/bin/pip install "))
        named = re.search(r"python -m (tests\S+)|-m pytest -m (\w+)", command)
        job = (named.group(1) or named.group(2)) if named else command
        assert elsewhere or command.endswith(" demo") or job in script, command


@pytest.mark.parametrize("readme", READMES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere_and_json_is_json(readme: Path) -> None:
    text = readme.read_text(encoding="utf-8")
    anchors = {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }
    for link in _LINK.findall(text):
        path, _, anchor = link.partition("#")
        if not path.startswith("https://"):
            assert (readme.parent / path).exists(), link
            assert path or anchor in anchors, link
    assert all(json.loads(block) is not None for block in _blocks(readme, "json"))


def test_the_main_readme_lists_every_setting_with_its_default() -> None:
    rows = re.findall(
        r"^\| `([A-Z_]+)` \| `(.+?)` \|", MAIN.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert {name: ast.literal_eval(default) for name, default in rows} == DEFAULTS


def test_the_main_readme_lists_every_method() -> None:
    names = {method.name for method in registry if method.__module__.startswith("django_user")}
    text = MAIN.read_text(encoding="utf-8")
    assert {name for name in names if f"`{name}`" not in text} == set()


def test_the_table_of_checks_lists_every_check() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in CHECKS.glob("*.py"))
    table = (CHECKS / "README.md").read_text(encoding="utf-8")
    ids = set(re.findall(r"\b[EW]\d{3}\b", code))
    assert {name for name in ids if name not in table} == set()
