"""The portal's script and the vendor's SDK in its frame, without a browser."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone
from oauth2_provider.models import get_access_token_model

import django_user_options.portal
from django_user_options.models import AppOption, AppUserOption
from django_user_options.portal.models import ApplicationPage
from django_user_options.signals import options_changed
from tests.receivers import connected

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sdk.conftest import Portal

pytestmark = pytest.mark.sdk

HARNESS = Path(__file__).with_name("frame.mjs")
STATIC = Path(django_user_options.portal.__file__).parent / "static/django_user_options/portal"
NOT_ADMINISTRATOR = {
    "result": "error",
    "errorCode": "AccessException",
    "errorDescription": "Administrator authorization required",
}


@pytest.fixture
def page(application: Any) -> ApplicationPage:
    return ApplicationPage.objects.create(
        application=application, title="Notes", address="https://app.example/start?a=b"
    )


@pytest.fixture
def run(portal: Portal, sdk_folder: Path, page: ApplicationPage, client: Any) -> Callable[..., Any]:
    """Open the page as the user and take the steps; return what the script prints."""

    def run(user: Any, *steps: Any, **dataset: str) -> Any:
        client.force_login(user)
        shown = client.get(page.get_absolute_url(), headers={"host": "127.0.0.1"})
        cookies = [f"{name}={morsel.value}" for name, morsel in client.cookies.items()]
        dataset = {
            "applicationPage": page.get_absolute_url(),
            "restUrl": "/rest/-",
            "csrfToken": str(shown.context["csrf_token"]),
            **dataset,
        }
        asked = {"origin": portal.origin, "cookie": "; ".join(cookies), "dataset": dataset}
        scripts = [HARNESS, sdk_folder, STATIC / "portal.js"]
        return portal.run_node(*scripts, given={**asked, "steps": steps})

    return run


def answers(printed: Any, command: str) -> list[Any]:
    """Return what the portal answered to a command."""
    return [
        report["answer"]
        for report in printed["reports"]
        if report["direction"] == "out" and report["command"] == command
    ]


def test_every_command_of_the_sdk_is_answered(
    run: Any, portal: Portal, application: Any, user: Any
) -> None:
    value = {"x": "a:b", "n": [0, None, "é"]}
    table = [
        ({"start": 0}, {"isFirstRun": True, "isInstallMode": False, "isAdmin": False}),
        ({"userSet": ["theme", value]}, None),
        ({"userGet": "theme"}, value),
        ({"call": ["user.option.get", {"option": "theme"}]}, value),
        ({"refresh": 0}, "string"),
        ({"setTitle": "<b>T" * 100}, ""),
        ({"resize": [300, 10**9]}, ""),
        ({"openPath": "/admin/?a=b"}, {"isOpenAtNewWindow": False, "isClose": True}),
        ({"openSlider": {"id": 1, "bx24_title": "S", "bx24_width": 500}}, {"id": 1}),
        ({"selectUser": 0}, None),
        ({"selectUsers": 0}, []),
        ({"selectCRM": 0}, {}),
        ({"getInterface": 0}, {"command": [], "event": []}),
        ({"bindEvent": 0}, ""),
        ({"appSet": ["plan", "pro"]}, None),
        # Eight at once: the last one counts, and reading waits for it.
        ({"write": [{"name": "n", "value": n} for n in range(8)]}, {"theme": value, "n": 7}),
    ]
    printed = run(user, *[step for step, _ in table])
    assert printed["outcomes"] == [expected for _, expected in table]
    assert printed["title"] == ("<b>T" * 100)[:255]
    assert printed["frame"]["style"] == {"width": "300px", "height": "100000px"}
    assert printed["opened"] == [f"{portal.origin}/admin/?a=b"]
    assert answers(printed, "setAppOption") == [NOT_ADMINISTRATOR]
    assert not AppOption.objects.exists()
    assert AppUserOption.objects.for_owner(application, user).as_mapping()["n"] == 7
    again = run(user, {"start": 0})["outcomes"]
    assert again == [{"isFirstRun": False, "isInstallMode": False, "isAdmin": False}]


def test_the_form_has_the_same_fields_as_the_vendors(run: Any, portal: Portal, user: Any) -> None:
    printed = run(user, {"start": 0}, {"openSlider": {"id": 1}})
    first, slider = printed["forms"]
    host, sid = portal.origin.removeprefix("https://"), first["action"][-32:]
    assert first["target"] == printed["frame"]["name"] == f"{host}|1|{sid}"
    query = f"a=b&DOMAIN={host.replace(':', '%3A')}&PROTOCOL=1&LANG=en&APP_SID={sid}"
    assert first["action"] == f"https://app.example/start?{query}"
    assert set(first["fields"]) == {
        "AUTH_ID", "AUTH_EXPIRES", "REFRESH_ID", "SERVER_ENDPOINT", "APPLICATION_TOKEN",
        "APPLICATION_SCOPE", "member_id", "status", "PLACEMENT",
    }  # fmt: skip
    assert slider["fields"].pop("PLACEMENT_OPTIONS") == '{"id":1}'
    assert slider["fields"].keys() == first["fields"].keys()
    reported = json.dumps(printed["reports"])
    tokens = [first["fields"][name] for name in ("AUTH_ID", "REFRESH_ID", "APPLICATION_TOKEN")]
    assert [token for token in tokens if token in reported] == []


def test_a_token_that_expires_is_renewed_by_both_sides(
    run: Any, application: Any, user: Any
) -> None:
    tokens = get_access_token_model().objects

    def expire(**_: Any) -> None:
        tokens.update(expires=timezone.now() - timedelta(seconds=1))

    with connected(expire, options_changed):
        by_portal = run(user, {"start": 0}, *[{"userSet": ["n", n]} for n in range(2)])
        by_sdk = run(user, {"start": 0}, *[{"call": ["user.option.get", {}]}] * 2)
    assert answers(by_portal, "setUserOption") == [True, True]
    assert by_sdk["outcomes"][1:] == [{"n": 1}, {"n": 1}]
    assert tokens.count() == 3


def test_an_administrator_installs_the_application_and_sets_its_options(
    run: Any, page: ApplicationPage, administrator: Any
) -> None:
    page.install_address = "https://install.example/"
    page.save()
    steps = [{"start": 0}, {"appSet": ["plan", "pro"]}, {"installFinish": 0}]
    printed = run(administrator, *steps)
    started, _, _ = printed["outcomes"]
    assert started == {"isFirstRun": True, "isInstallMode": True, "isAdmin": True}
    assert printed["forms"][0]["action"].startswith("https://install.example/?DOMAIN=")
    assert answers(printed, "setAppOption") == [{"plan": "pro"}]
    assert printed["reloads"] == 1
    assert run(administrator, {"start": 0})["forms"][0]["action"].startswith(page.address)


COMMAND = 'setUserOption:{"name":"n","value":1}:id:SID'


def refused(code: str, description: str = "") -> str:
    answer = {"result": "error", "errorCode": code, "errorDescription": description}
    return "id:" + json.dumps(answer, separators=(",", ":"))


NOTHING_GIVEN = refused("ArgumentNullException", "options is empty")
# A message, how it is sent, and the answers to it or why it was dropped.
HOSTILE: list[tuple[Any, dict[str, Any], list[str]]] = [
    (COMMAND, {"from": None}, []),
    (COMMAND, {"as": "https://evil.example"}, ["origin"]),
    (COMMAND, {"as": "null"}, ["origin"]),
    (COMMAND.replace("SID", "0" * 32), {}, ["sid"]),
    (COMMAND.replace(":SID", ""), {}, ["sid"]),
    ("SID", {}, ["command"]),
    ("", {}, ["sid"]),
    (None, {}, ["sid"]),
    (7, {}, ["sid"]),
    ({"method": "setUserOption", "params": {"name": "n", "value": 1}}, {}, ["sid"]),
    ({"method": "im:open", "callback": "id", "appSid": "SID"}, {}, ["command"]),
    ("constructor:{}:id:SID", {}, ["command"]),
    ("__proto__:{}:id:SID", {}, ["command"]),
    ('setUserOption:{"name":"n":id:SID', {}, [refused("INVALID_REQUEST")]),
    ("setUserOption:null:id:SID", {}, [NOTHING_GIVEN]),
    ('openPath:{"path":"//evil.example/"}:id:SID', {}, [refused("PATH_NOT_AVAILABLE")]),
    ('openPath:{"path":"javascript:alert(1)"}:id:SID', {}, [refused("PATH_NOT_AVAILABLE")]),
    ("openPath:{}:id:SID", {}, ['id:{"result":"close"}']),
    ('setTitle:{"title":{"toString":1}}:id:SID', {}, [refused("INVALID_REQUEST")]),
    ("resizeWindow:::SID", {}, []),
    ('setScroll:{"scroll":"x"}:id:SID', {}, ["id:"]),
]


def test_foreign_messages_change_nothing(run: Any, user: Any) -> None:
    steps = [{"post": [message, options]} for message, options, _ in HOSTILE]
    assert run(user, *steps)["outcomes"] == [expected for *_, expected in HOSTILE]
    assert not AppUserOption.objects.exists()


@pytest.mark.parametrize("dataset", [{"csrfToken": "wrong"}, {"applicationPage": "/portal/no/"}])
def test_without_the_server_nothing_opens_and_the_page_says_so(
    run: Any, user: Any, dataset: dict[str, str]
) -> None:
    printed = run(user, {"call": ["profile", {}]}, **dataset)
    assert printed["forms"] == []
    assert printed["problem"]["hidden"] is False
