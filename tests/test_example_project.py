"""The example project as a newcomer sees it: real processes, HTTP, and a new database."""

from __future__ import annotations

import json
import re
import shutil
import socket
from datetime import UTC, datetime, timedelta
from http.cookiejar import CookieJar
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, ProxyHandler, build_opener

import pytest
from django.core.management import CommandError, call_command

from example_project.management.commands.demo import Command
from example_project.records import issue_credentials
from example_project.settings import kept_secret_key
from tests.processes import (
    demo_served,
    environment,
    fetch,
    free_port,
    manage,
    post_form,
    post_json,
    run_command,
    run_curl,
    send,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEYS = [
    "url", "token_url", "client_id", "client_secret", "access_token", "refresh_token",
    "admin_access_token", "expired_access_token", "headless_access_token",
    "no_scope_access_token", "webhook", "webhook_without_application", "user_id",
    "admin_user_id", "admin_username", "admin_password",
]  # fmt: skip


class Demo(NamedTuple):
    """A served demo with what it printed, and the credentials of two earlier runs."""

    first: dict[str, Any]
    second: dict[str, Any]
    text: str
    log: Path
    env: dict[str, str]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder, port = tmp_path_factory.mktemp("demo"), free_port()
    env, log = environment(folder / "demo.sqlite3"), folder / "server.log"
    runs = [json.loads(manage(env, "demo", "--credentials", "--port", port)) for _ in range(2)]
    stubs = folder / "stubs.json"
    stubs.write_text(json.dumps({"crm.deal.get": {"ID": "1"}}))
    with demo_served(env, port, log, "--stubs", str(stubs), "--editable"):
        text, _, _ = log.read_text().partition("Performing system checks")
        yield Demo(*runs, text, log, env)


def test_credentials_are_one_json_object_with_the_promised_keys_and_addresses(demo: Demo) -> None:
    assert list(demo.first) == list(demo.second) == KEYS
    assert all(demo.first.values())
    origin = demo.first["url"].removesuffix("/rest/")
    assert origin.startswith("http://127.0.0.1:")
    assert demo.first["token_url"] == f"{origin}/oauth/token/"
    for name in ("webhook", "webhook_without_application"):
        assert demo.first[name].startswith(f"{origin}/rest/{demo.first['user_id']}/")
        assert demo.first[name].endswith("/")


def test_a_later_run_issues_new_tokens_and_keeps_the_lasting_secrets(demo: Demo) -> None:
    changed = {name for name in KEYS if demo.first[name] != demo.second[name]}
    issued = {name for name in KEYS if "token" in name or "webhook" in name}
    assert changed == issued - {"token_url"}


@pytest.mark.django_db
def test_every_database_gets_secrets_of_its_own(demo: Demo, settings: Any) -> None:
    settings.DEMO_CLIENT_ID = demo.first["client_id"]
    other = issue_credentials("http://127.0.0.1:8000")
    assert other["client_secret"] != demo.first["client_secret"]
    assert other["admin_password"] != demo.first["admin_password"]


@pytest.mark.parametrize("name", ["access_token", "admin_access_token", "headless_access_token"])
def test_tokens_of_an_earlier_run_write_and_read(demo: Demo, name: str) -> None:
    url, token = demo.first["url"], demo.first[name]
    written = post_form(f"{url}user.option.set", {"options[key]": name, "auth": token})
    assert (written.status, written.body["result"]) == (200, True)
    answer = post_json(f"{url}user.option.get", {"option": "key", "auth": token})
    assert answer.body["result"] == name


def test_webhooks_of_an_earlier_run_share_the_options_of_the_token(demo: Demo) -> None:
    value = {"from": ["hook", 1, None]}
    written = post_json(f"{demo.first['webhook']}user.option.set", {"options": {"hook": value}})
    assert (written.status, written.body["result"]) == (200, True)
    query = urlencode({"auth": demo.first["access_token"], "option": "hook"})
    assert send(f"{demo.first['url']}user.option.get?{query}").body["result"] == value


def test_credentials_meant_to_fail_do(demo: Demo) -> None:
    for name, status, error in (
        ("expired_access_token", 401, "expired_token"),
        ("no_scope_access_token", 403, "insufficient_scope"),
    ):
        refused = post_json(f"{demo.first['url']}user.option.get", {"auth": demo.first[name]})
        assert (refused.status, refused.body["error"]) == (status, error)
    refused = post_json(f"{demo.first['webhook_without_application']}user.option.get", {})
    assert refused.body["error_description"] == "Application context required"


def test_the_refresh_token_brings_a_new_access_token(demo: Demo) -> None:
    fields = {name: demo.second[name] for name in ("client_id", "client_secret", "refresh_token")}
    refreshed = post_form(demo.second["token_url"], {"grant_type": "refresh_token", **fields})
    token = refreshed.body["access_token"]
    assert post_json(f"{demo.second['url']}user.option.get", {"auth": token}).status == 200


def test_the_projects_own_method_answers_alone_and_in_a_batch(demo: Demo) -> None:
    url, token = demo.first["url"], demo.first["access_token"]
    own = post_json(f"{url}demo.greeting", {"auth": token})
    batch = post_json(f"{url}batch", {"auth": token, "cmd": {"hi": "demo.greeting"}})
    assert own.body["result"] == "Hello, demo-user"
    assert batch.body["result"]["result"] == {"hi": "Hello, demo-user"}


def test_a_method_of_the_vendor_is_answered_from_a_file(demo: Demo) -> None:
    url, token = demo.first["url"], demo.first["access_token"]
    assert post_json(f"{url}crm.deal.get", {"auth": token}).body["result"] == {"ID": "1"}


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--stubs", "README.md"), "README.md: Expecting value"),
        (("--stubs", "missing.json"), "No such file"),
        (("--port", "{port}"), "Port {port} is in use. Choose another"),
    ],
)
def test_the_demo_reports_errors_at_once(demo: Demo, options: Any, reason: str) -> None:
    port = urlsplit(demo.first["url"]).port
    given = [option.format(port=port) for option in ("--port", free_port(), *options)]
    with pytest.raises(CommandError, match=reason.format(port=port)):
        call_command(Command(), *given)


@pytest.mark.parametrize(
    ("option", "value", "reason"),
    [
        ("--app", "127.0.0.1:3000", "not the address of a web page; begin it with http://"),
        ("--app-port", "{port}", "choose another port with --app-port"),
    ],
)
def test_later_errors_of_the_demo_are_one_line(
    demo: Demo, option: str, value: str, reason: str
) -> None:
    taken = urlsplit(demo.first["url"]).port
    done = run_command(demo.env, "demo", "--port", free_port(), option, value.format(port=taken))
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert reason in line


def test_the_administrator_logs_in_with_the_printed_password_and_edits(demo: Demo) -> None:
    cookies = CookieJar()
    browser = build_opener(ProxyHandler({}), HTTPCookieProcessor(cookies))
    admin = demo.first["url"].removesuffix("rest/") + "admin/"
    browser.open(f"{admin}login/", timeout=30).close()
    (csrf,) = (cookie.value for cookie in cookies if cookie.name == "demo_csrftoken")
    form = {
        "username": demo.second["admin_username"],
        "password": demo.second["admin_password"],
        "csrfmiddlewaretoken": csrf,
        "next": "/admin/",
    }
    with browser.open(f"{admin}login/", urlencode(form).encode(), timeout=30) as page:
        assert page.url == admin
    [portal_page] = re.findall(r"http\S+/portal/\S+", demo.text)
    with browser.open(portal_page, timeout=30) as page:
        assert "data-application-page" in page.read().decode()
    # The flag lets the administrator edit.
    browser.open(f"{admin}django_user_options/appuseroption/add/", timeout=30).close()


def test_the_first_page_leads_to_the_others_and_its_token_stores(demo: Demo) -> None:
    origin = demo.first["url"].removesuffix("/rest/")
    page = fetch(f"{origin}/")
    (token,) = re.findall(r'<code id="token">(.+?)</code>', page)
    stored = post_json(f"{origin}/rest/user.option.set", {"options": {"theme": 1}, "auth": token})
    assert stored.body["result"] is True
    links = re.findall(r'href="(.+?)"', page)
    assert "/portal/demo-notes/" in links
    assert len(links) == 5
    assert all(fetch(f"{origin}{link}") for link in links)
    russian = {"Accept-Language": "ru"}
    assert 'lang="ru"' in fetch(f"{origin}/admin/login/", **russian)
    lines = re.findall("<(?:title|li|p)>.+", fetch(f"{origin}/", **russian))
    assert len(lines) == 9
    assert all(re.search("[а-я]", line) for line in lines)


def test_every_database_has_a_key_of_its_own_that_stays(tmp_path: Path) -> None:
    one, other = (str(tmp_path / name) for name in ("one.sqlite3", "other.sqlite3"))
    key = kept_secret_key(one)
    assert key == kept_secret_key(one)
    assert key != kept_secret_key(other)


def test_the_printed_text_has_no_placeholder(demo: Demo) -> None:
    assert not re.search(r"put_|your|None|\.\.\.|[<>*…]", demo.text)
    assert demo.first["admin_password"] in demo.text


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_the_printed_curl_commands_work(demo: Demo) -> None:
    commands = [part for part in demo.text.split("\n\n") if part.startswith("curl ")]
    *writes, options = [run_curl(command)["result"] for command in commands]
    assert writes == [True, True, True]
    assert options.items() >= {"data": "value", "data2": "value2"}.items()


def test_the_printed_python_lines_work(demo: Demo) -> None:
    (lines,) = (part for part in demo.text.split("\n\n") if "set_options" in part)
    manage(demo.env, "shell", stdin=lines)
    answer = post_json(f"{demo.first['webhook']}user.option.get", {"option": "theme"})
    assert answer.body["result"] == "dark"


def test_the_log_shows_the_method_but_no_secret(demo: Demo) -> None:
    webhook, token = urlsplit(demo.first["webhook"]), demo.first["access_token"]
    targets = [
        f"{webhook.path}user.option.get",
        f"/rest/user.option.get?auth={token}",
        f"/misspelled{webhook.path}user.option.get",
    ]
    for target in targets:
        with socket.create_connection((webhook.hostname, webhook.port)) as connection:
            connection.sendall(f"GET {target} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".encode())
            # The server closes the connection after it has written its log.
            while connection.recv(65536):
                pass
    log, user_id = demo.log.read_text(), demo.first["user_id"]
    assert f'"GET /rest/{user_id}/***/user.option.get HTTP/1.0" 200' in log
    assert '"GET /rest/user.option.get?*** HTTP/1.0" 200' in log
    assert f"Not Found: /misspelled/rest/{user_id}/***/user.option.get" in log
    assert token not in log
    assert webhook.path.split("/")[3] not in log


@pytest.mark.parametrize(("language", "letters"), [("en", "[A-Z]"), ("ru", "[А-Я]")])
def test_the_page_of_the_methods_loads_everything_from_the_demo(
    demo: Demo, language: str, letters: str
) -> None:
    origin = demo.first["url"].removesuffix("/rest/")
    addresses = re.findall(r"http\S+/docs/\S*", demo.text)
    assert addresses == [f"{origin}/docs/", f"{origin}/docs/?lang=ru"]
    page = fetch(f"{origin}/docs/?lang={language}")
    parts = re.findall(r'(?:src|href)="(/[^"]+)"', page)
    assert "http" not in "".join(re.findall(r'(?:src|href)="([^"]+)"', page))
    assert all(fetch(f"{origin}{part}") for part in parts)
    schema = fetch(f"{origin}/schema/?lang={language}")
    assert re.search(f"summary: {letters}", schema)
    assert "/rest/demo.greeting:" in schema


def test_security_txt_says_where_to_report_and_has_not_expired(demo: Demo) -> None:
    address = demo.first["url"].removesuffix("rest/") + ".well-known/security.txt"
    fields = dict(line.split(": ", 1) for line in fetch(address).splitlines())
    assert fields["Contact"].startswith("mailto:")
    assert fields["Canonical"] == address
    lifetime = datetime.fromisoformat(fields["Expires"]) - datetime.now(UTC)
    assert timedelta() < lifetime < timedelta(days=365)


@pytest.mark.parametrize(
    "command",
    [
        "spectacular --validate --fail-on-warn --lang ru",
        "check --database default --fail-level WARNING",
    ],
)
def test_the_project_is_complete(demo: Demo, command: str) -> None:
    """Its schema is valid, and its system checks pass."""
    manage(demo.env, *command.split())
