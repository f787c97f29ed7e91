"""The page that opens an application, and the answers to its script."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
from django.db import OperationalError
from django.template import Context, Template
from django.test import Client, RequestFactory
from oauth2_provider.models import get_access_token_model

from django_user_options.models import AppOption, AppUserOption
from django_user_options.portal.models import ApplicationPage, ApplicationVisit
from tests.leaks import collected
from tests.races import once_before

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db

TOKENS = ["AUTH_ID", "REFRESH_ID"]
COMMANDS = ["open", "getInitData", "refreshAuth", "setInstall", "setInstallFinish"]


def nobody(application: Any, user: Any) -> bool:
    return False


def test_the_page_has_a_policy_and_no_token(client: Client, page: Any, user: Any) -> None:
    client.force_login(user)
    shown = client.get(page.get_absolute_url())
    html = shown.content.decode()
    (policy,) = re.findall(r'Security-Policy" content="([^"]+)"', html)
    assert policy.replace("&#x27;", "'") == (
        "frame-src https://app.example; form-action 'self' https://app.example; "
        "object-src 'none'; base-uri 'self'"
    )
    assert "<b>Notes" not in html
    assert "no-store" in shown["Cache-Control"]
    assert shown["Referrer-Policy"] == "strict-origin"
    assert shown["X-Frame-Options"] == "DENY"
    assert not get_access_token_model().objects.exists()


def test_a_visitor_signs_in_first_and_gets_no_token(client: Client, page: Any, ask: Any) -> None:
    address = page.get_absolute_url()
    assert client.get(address)["Location"] == f"/accounts/login/?next={address}"
    assert [ask(command).status_code for command in COMMANDS] == [HTTPStatus.FORBIDDEN] * 5


@pytest.mark.parametrize("client_id", ["unknown", "%00", "a/b", "%ED%A0%80", "without-a-page"])
def test_an_unknown_application_or_one_without_a_page_is_not_found(
    client: Client, user: Any, make_application: Any, client_id: str
) -> None:
    make_application(client_id="without-a-page")
    client.force_login(user)
    address = f"/portal/{client_id}/"
    assert client.get(address).status_code == HTTPStatus.NOT_FOUND
    assert client.post(address, {"command": "open"}).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("refused", ["rule", "installation"])
def test_a_refused_user_learns_why(
    client: Client, page: Any, user: Any, ask: Any, settings: Any, refused: str
) -> None:
    if refused == "rule":
        settings.USER_OPTIONS = {"ACCESS_RULE": f"{__name__}.nobody"}
        text = "You may not open this application."
    else:
        ApplicationPage.objects.update(installed=False)
        text = "An administrator has to install this application first."
    client.force_login(user)
    shown = client.get(page.get_absolute_url())
    assert shown.status_code == HTTPStatus.FORBIDDEN
    assert text in shown.content.decode()
    assert "portal.js" not in shown.content.decode()
    for command in COMMANDS:
        answer = ask(command)
        assert (answer.status_code, answer.json()) == (
            HTTPStatus.FORBIDDEN,
            {"error": "ACCESS_DENIED", "refusal": text},
        )
    page.refresh_from_db()
    assert page.installed is (refused == "rule")
    assert not ApplicationVisit.objects.exists()


def test_another_site_or_another_users_page_gets_no_token(
    page: Any, user: Any, administrator: Any
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    csrf = str(client.get(page.get_absolute_url()).context["csrf_token"])

    def ask(**headers: str) -> int:
        return client.post(
            page.get_absolute_url(), {"command": "open"}, headers=headers
        ).status_code

    assert ask() == HTTPStatus.FORBIDDEN
    assert ask(x_csrftoken=csrf, origin="https://app.example") == HTTPStatus.FORBIDDEN
    assert ask(x_csrftoken=csrf, origin="http://testserver") == HTTPStatus.OK
    # Somebody else signs in, in another tab of the same browser.
    client.post(
        "/admin/login/", {"username": "root", "password": "pw"}, headers={"x_csrftoken": csrf}
    )
    assert ask(x_csrftoken=csrf) == HTTPStatus.FORBIDDEN


def test_the_script_learns_everything_from_one_answer(
    client: Client, page: Any, administrator: Any, ask: Any, application: Any
) -> None:
    AppOption.objects.for_owner(application).set_options({"plan": None})
    AppUserOption.objects.for_owner(application, administrator).set_options({"n": -0.5})
    client.force_login(administrator)
    opened = ask("open", headers={"host": "localhost:81"}, secure=True).json()
    data = ask("getInitData").json()
    assert [data[name] for name in TOKENS] == [opened["fields"][name] for name in TOKENS]
    assert opened["name"] == f"localhost:81|1|{opened['sid']}"
    assert opened["fields"]["SERVER_ENDPOINT"] == "https://localhost:81/oauth/rest/"
    assert opened["fields"]["member_id"] == data["MEMBER_ID"]
    assert 3590 < data["AUTH_EXPIRES"] <= 3600
    assert {name: data[name] for name in list(data)[3:] if name != "MEMBER_ID"} == {
        "DOMAIN": "testserver", "PROTOCOL": 0, "PATH": "/rest", "LANG": "en", "IS_ADMIN": True,
        "APP_OPTIONS": {"plan": None}, "USER_OPTIONS": {"n": -0.5}, "PLACEMENT": "DEFAULT",
        "PLACEMENT_OPTIONS": {}, "INSTALL": False, "FIRST_RUN": True,
    }  # fmt: skip


def test_the_server_that_the_form_names_gives_new_tokens(
    client: Client, page: Any, user: Any, ask: Any, application: Any
) -> None:
    client.force_login(user)
    fields = ask("open").json()["fields"]
    # This is how the vendor's SDKs find the token endpoint.
    server = fields["SERVER_ENDPOINT"].removesuffix("/rest/")
    refresh = {
        "grant_type": "refresh_token",
        "client_id": application.client_id,
        "client_secret": application.client_secret,
        "refresh_token": fields["REFRESH_ID"],
    }
    renewed = client.post(f"{server}/oauth/token/", refresh)
    assert renewed.status_code == HTTPStatus.OK
    assert renewed.json()["user_id"] == user.pk


def test_every_frame_has_a_sid_of_its_own(
    client: Client, user: Any, ask: Any, django_assert_num_queries: Any
) -> None:
    client.force_login(user)
    first = ask("open").json()
    # Session, user, application, page, visit, and what a pair needs.
    with django_assert_num_queries(10):
        second = ask("open").json()
    assert first["sid"] != second["sid"]
    same = ["APPLICATION_TOKEN", *TOKENS]
    assert [first["fields"][name] for name in same] == [second["fields"][name] for name in same]


def test_an_unknown_command_is_refused(client: Client, user: Any, ask: Any) -> None:
    client.force_login(user)
    answer = ask("<b>")
    assert (answer.status_code, answer.content) == (
        HTTPStatus.BAD_REQUEST,
        f"command must be one of: {', '.join(COMMANDS)}".encode(),
    )


def test_an_error_of_the_database_is_an_answer_that_shows_no_token(
    client: Client, user: Any, ask: Any, settings: Any
) -> None:
    def fail() -> None:
        raise OperationalError

    token = "a-token-that-no-report-may-show"
    issuing = {"ACCESS_TOKEN_GENERATOR": lambda _request: token}
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, **issuing}
    client.force_login(user)
    with collected() as traces, once_before(fail, "INSERT INTO", "accesstoken"):
        answer = ask("open")
    assert (answer.status_code, answer["Retry-After"]) == (HTTPStatus.SERVICE_UNAVAILABLE, "1")
    assert answer.json()["error"] == "INTERNAL_SERVER_ERROR"
    traces.secrets.add(token)
    assert traces.found() == set()


def test_the_first_run_ends_once_for_each_user(
    client: Client, user: Any, administrator: Any, ask: Any
) -> None:
    client.force_login(user)
    assert ask("getInitData").json()["FIRST_RUN"] is True
    ask("setInstall")
    assert ask("getInitData").json()["FIRST_RUN"] is False
    client.force_login(administrator)
    assert ask("getInitData").json()["FIRST_RUN"] is True


def test_an_administrator_installs_the_application(
    client: Client, page: Any, administrator: Any, ask: Any, call: Callable[..., Any]
) -> None:
    ApplicationPage.objects.update(installed=False)
    client.force_login(administrator)
    opened, data = ask("open").json(), ask("getInitData").json()
    assert opened["action"].startswith("https://install.example/?DOMAIN=testserver&")
    assert data["INSTALL"] is True
    assert call("app.info", token=data["AUTH_ID"]).json()["result"]["INSTALLED"] is False
    assert ask("setInstallFinish").json() == {"result": True, "reload": True}
    assert ask("setInstallFinish").json() == {"result": True, "reload": False}
    assert ask("getInitData").json()["INSTALL"] is False
    assert call("app.info", token=data["AUTH_ID"]).json()["result"]["INSTALLED"] is True


def test_a_page_of_the_project_can_show_the_application(page: Any, user: Any) -> None:
    request = RequestFactory().get("/")
    request.user = user
    text = "{% load user_options_portal %}{% application_frame page %}"
    html = Template(text).render(Context({"request": request, "page": page}))
    assert f'data-application-page="{page.get_absolute_url()}"' in html
    request.user = type("Visitor", (), {"is_authenticated": False})()
    html = Template(text).render(Context({"request": request, "page": page}))
    assert "Sign in to open this application." in html
    assert "data-application-page" not in html


def test_the_vendors_path_leads_to_the_script(client: Client) -> None:
    answer = client.get("/api/v1/")
    assert answer["Location"] == "/static/django_user_options/portal/bx24.js"
