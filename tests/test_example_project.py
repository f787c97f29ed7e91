"""The example host as a stranger meets it: real processes, real HTTP, a database of its own."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from http.cookiejar import CookieJar
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
KEYS = [
    "url", "token_url", "client_id", "client_secret", "access_token", "refresh_token",
    "admin_access_token", "expired_access_token", "headless_access_token",
    "no_scope_access_token", "webhook", "webhook_without_application", "user_id",
    "admin_user_id", "admin_username", "admin_password",
]  # fmt: skip


class Demo(NamedTuple):
    """A served demo: what earlier runs printed; refreshing spends the tokens of one."""

    spent: dict[str, Any]
    first: dict[str, Any]
    second: dict[str, Any]
    text: str
    log: Path
    env: dict[str, str]


class Answer(NamedTuple):
    status: int
    body: Any


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    port = _free_port()
    env = _environment(folder / "demo.sqlite3")
    runs = [json.loads(_manage(env, "demo", "--credentials", "--port", port)) for _ in range(3)]
    text = _manage(env, "demo", "--no-serve", "--port", port)
    log = folder / "server.log"
    with _served(env, port, log):
        yield Demo(*runs, text, log, env)


@contextlib.contextmanager
def _served(env: dict[str, str], port: str, log: Path) -> Iterator[None]:
    command = [sys.executable, "example_project/manage.py", "demo", "--port", port]
    with (
        log.open("wb") as output,
        subprocess.Popen(command, cwd=ROOT, env=env, stdout=output, stderr=output) as process,
    ):
        try:
            assert any(_answers(process, int(port)) for _ in range(600)), log.read_text()
            yield
        finally:
            process.terminate()


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    """Return whether the server takes connections; a short wait paces the next try."""
    with contextlib.suppress(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port)).close()
        return True
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=0.05)
    return False


def _free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return str(free.getsockname()[1])


def _environment(database: Path) -> dict[str, str]:
    """Return the environment of a plain shell, without the settings of the tests."""
    return {"PATH": os.environ["PATH"], "DATABASE_URL": f"sqlite:///{database}"}


def _manage(env: dict[str, str], *arguments: str, stdin: str = "") -> str:
    """Return what a management command writes to its standard output."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "example_project/manage.py", *arguments],
        cwd=ROOT,
        env=env,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _send(address: str, data: bytes | None = None, content_type: str = "") -> Answer:
    request = Request(address, data, {"Content-Type": content_type} if content_type else {})
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=30) as response:
            return Answer(response.status, json.load(response))
    except HTTPError as error:
        with error:
            return Answer(error.code, json.load(error))


def _read(address: str) -> str:
    with build_opener(ProxyHandler({})).open(address, timeout=30) as response:
        return response.read().decode("utf-8", "replace")


def _post_json(address: str, body: dict[str, Any]) -> Answer:
    return _send(address, json.dumps(body).encode(), "application/json")


def _post_form(address: str, fields: dict[str, str]) -> Answer:
    return _send(address, urlencode(fields).encode(), "application/x-www-form-urlencoded")


def _curl_commands(text: str) -> list[str]:
    return [part for part in text.split("\n\n") if part.startswith("curl ")]


def _run_by_shell(command: str) -> Any:
    done = subprocess.run(
        ["/bin/sh", "-c", f"{command} --silent --show-error --noproxy '*'"],
        capture_output=True,
        timeout=30,
        check=True,
    )
    return json.loads(done.stdout)


def _run_by_reading(command: str) -> Any:
    """Do what the command says, also where curl is not installed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("-X", dest="verb")
    parser.add_argument("-H", dest="headers", action="append", default=[])
    parser.add_argument("-d", dest="data", action="append")
    parser.add_argument("address")
    name, *arguments = shlex.split(command.replace("\\\n", " "))
    parsed = parser.parse_args(arguments)
    headers = dict(header.split(": ") for header in parsed.headers)
    data = "&".join(parsed.data).encode()
    assert (name, parsed.verb) == ("curl", "POST")
    form = "application/x-www-form-urlencoded"
    return _send(parsed.address, data, headers.get("Content-Type", form)).body


RUNNERS = [_run_by_reading, *[_run_by_shell] * bool(shutil.which("curl"))]


def test_credentials_are_one_json_object_with_exactly_the_promised_keys(demo: Demo) -> None:
    assert list(demo.first) == KEYS
    assert list(demo.second) == KEYS
    assert all(demo.first.values())


def test_addresses_end_as_promised_and_name_the_port(demo: Demo) -> None:
    origin = demo.first["url"].removesuffix("/rest/")
    assert origin.startswith("http://127.0.0.1:")
    assert demo.first["token_url"] == f"{origin}/oauth/token/"
    for name in ("webhook", "webhook_without_application"):
        assert demo.first[name].startswith(f"{origin}/rest/{demo.first['user_id']}/")
        assert demo.first[name].endswith("/")


def test_a_later_run_issues_new_tokens_and_keeps_the_lasting_secrets(demo: Demo) -> None:
    changed = {name for name in KEYS if demo.first[name] != demo.second[name]}
    assert changed == {name for name in KEYS if "token" in name or "webhook" in name} - {
        "token_url"
    }


def test_every_database_gets_secrets_of_its_own(demo: Demo, tmp_path: Path) -> None:
    output = _manage(_environment(tmp_path / "other.sqlite3"), "demo", "--credentials")
    other = json.loads(output)
    assert other["client_secret"] != demo.first["client_secret"]
    assert other["admin_password"] != demo.first["admin_password"]


@pytest.mark.parametrize("run", ["first", "second"])
@pytest.mark.parametrize("name", ["access_token", "admin_access_token", "headless_access_token"])
def test_tokens_of_every_run_write_and_read(demo: Demo, run: str, name: str) -> None:
    issued = getattr(demo, run)
    fields = {f"options[{run}]": name, "auth": issued[name]}
    written = _post_form(f"{issued['url']}user.option.set", fields)
    assert (written.status, written.body["result"]) == (200, True)
    read = _post_json(f"{issued['url']}user.option.get", {"option": run, "auth": issued[name]})
    assert read.body["result"] == name


@pytest.mark.parametrize("run", ["first", "second"])
def test_webhooks_of_every_run_share_the_options_of_the_token(demo: Demo, run: str) -> None:
    issued = getattr(demo, run)
    value = {"from": [run, 1, None]}
    written = _post_json(f"{issued['webhook']}user.option.set", {"options": {"hook": value}})
    assert (written.status, written.body["result"]) == (200, True)
    query = urlencode({"auth": issued["access_token"], "option": "hook"})
    assert _send(f"{issued['url']}user.option.get?{query}").body["result"] == value


@pytest.mark.parametrize(
    ("name", "status", "error"),
    [
        ("expired_access_token", 401, "expired_token"),
        ("no_scope_access_token", 403, "insufficient_scope"),
    ],
)
def test_tokens_made_to_fail_do(demo: Demo, name: str, status: int, error: str) -> None:
    refused = _post_json(f"{demo.first['url']}user.option.get", {"auth": demo.first[name]})
    assert (refused.status, refused.body["error"]) == (status, error)


def test_the_webhook_without_an_application_is_refused(demo: Demo) -> None:
    refused = _post_json(f"{demo.first['webhook_without_application']}user.option.get", {})
    assert refused == (
        400,
        {"error": "AccessException", "error_description": "Application context required"},
    )


def test_the_refresh_token_brings_a_new_access_token(demo: Demo) -> None:
    fields = {name: demo.spent[name] for name in ("client_id", "client_secret", "refresh_token")}
    grant = {"grant_type": "refresh_token"}
    refreshed = _post_form(demo.spent["token_url"], grant | fields)
    assert refreshed.status == 200
    token = refreshed.body["access_token"]
    assert _post_json(f"{demo.spent['url']}user.option.get", {"auth": token}).status == 200


def test_the_hosts_own_method_answers_in_the_envelope_and_in_a_batch(demo: Demo) -> None:
    url, token = demo.first["url"], demo.first["access_token"]
    own = _post_json(f"{url}demo.greeting", {"auth": token})
    batch = _post_json(f"{url}batch", {"auth": token, "cmd": {"hi": "demo.greeting"}})
    assert own.body["result"] == "Hello, demo-user"
    assert batch.body["result"]["result"] == {"hi": "Hello, demo-user"}


def test_the_administrator_can_log_in_with_the_printed_password(demo: Demo) -> None:
    cookies = CookieJar()
    browser = build_opener(ProxyHandler({}), HTTPCookieProcessor(cookies))
    admin = demo.first["url"].removesuffix("rest/") + "admin/"
    with browser.open(f"{admin}login/", timeout=30) as page:
        assert page.status == 200
    (csrf,) = (cookie.value for cookie in cookies if cookie.name == "csrftoken")
    form = {
        "username": demo.second["admin_username"],
        "password": demo.second["admin_password"],
        "csrfmiddlewaretoken": csrf,
        "next": "/admin/",
    }
    with browser.open(f"{admin}login/", urlencode(form).encode(), timeout=30) as page:
        assert page.url == admin
    assert "sessionid" in {cookie.name for cookie in cookies}


def test_the_printed_text_has_no_placeholder(demo: Demo) -> None:
    assert not re.search(r"put_|your|None|\.\.\.|[<>*…]", demo.text)
    assert demo.first["admin_password"] in demo.text


@pytest.mark.parametrize("run", RUNNERS)
def test_the_printed_curl_commands_work(demo: Demo, run: Any) -> None:
    *writes, read = [run(command)["result"] for command in _curl_commands(demo.text)]
    assert writes == [True, True, True]
    assert read.items() >= {"data": "value", "data2": "value2"}.items()


def test_the_printed_python_lines_work(demo: Demo) -> None:
    (lines,) = (part for part in demo.text.split("\n\n") if "set_options" in part)
    _manage(demo.env, "shell", stdin=lines)
    read = _post_json(f"{demo.first['webhook']}user.option.get", {"option": "theme"})
    assert read.body["result"] == "dark"


def test_the_access_log_shows_the_method_but_no_secret(demo: Demo) -> None:
    webhook, token = urlsplit(demo.first["webhook"]), demo.first["access_token"]
    for target in (f"{webhook.path}user.option.get", f"/rest/user.option.get?auth={token}"):
        with socket.create_connection((webhook.hostname, webhook.port)) as connection:
            connection.sendall(f"GET {target} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".encode())
            # The server closes after it has written its log.
            while connection.recv(65536):
                pass
    log = demo.log.read_text()
    assert '"GET /rest/***/user.option.get HTTP/1.0" 200' in log
    assert '"GET /rest/user.option.get?*** HTTP/1.0" 200' in log
    assert token not in log
    assert webhook.path.split("/")[3] not in log


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_printed_page_of_the_methods_loads_all_it_needs_from_the_demo(
    demo: Demo, language: str
) -> None:
    origin = demo.first["url"].removesuffix("/rest/")
    addresses = [line.split(": ")[1] for line in demo.text.splitlines() if "/docs/" in line]
    assert addresses == [f"{origin}/docs/", f"{origin}/docs/?lang=ru"]
    page = _read(f"{origin}/docs/?lang={language}")
    parts = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(parts) == 4
    assert all(_read(f"{origin}{part}") for part in parts)
    (schema,) = re.findall(r'url: "([^"]+)"', page)
    address = schema.encode().decode("unicode_escape")
    assert address == f"/schema/?lang={language}"
    text = _read(f"{origin}{address}")
    summary = {"en": "Store options of the application", "ru": "Записать данные приложения"}
    assert f"summary: {summary[language]}\n" in text
    assert "/rest/demo.greeting:" in text


def test_the_schema_is_valid_and_made_without_a_warning(demo: Demo) -> None:
    _manage(demo.env, "spectacular", "--validate", "--fail-on-warn", "--lang", "ru")


def test_the_host_passes_the_system_checks(demo: Demo) -> None:
    _manage(demo.env, "check", "--database", "default", "--fail-level", "WARNING")


def test_no_migration_is_missing(demo: Demo) -> None:
    assert "No changes detected" in _manage(demo.env, "makemigrations", "--check")
