"""What the live dialect does beside other error names: section 9 of the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.table import CANARY, DONE, Call, Issued, Row, error, ok, table

if TYPE_CHECKING:
    from tests.contract.server import Server

SET = "user.option.set"
EMPTY = error("ERROR_ARGUMENT", "Argument 'options' is null or empty", argument="options")
NO_APPLICATION = error("ACCESS_DENIED", "Access denied! Application context required")
# No options, wherever the body is taken for them: credentials, and what SDKs add.
BESIDE = {
    "access_token": Issued("access_token"),
    "auth": Issued("access_token"),
    "user_id": Issued("user_id", text=True),
    "AUTH_ID": "x",
    "REFRESH_ID": "x",
    "client_secret": "x",
    "password": "x",
    "refresh_token": "x",
    "token": "x",
    "bx24_request_id": "x",
    "bx24_sdk_ver": "1",
    "bx24_sdk_type": "x",
    "start": "0",
    "order": {"ID": "ASC"},
    "__order": "x",
}

pytestmark = [pytest.mark.in_process, pytest.mark.usefixtures("_live")]


@pytest.fixture
def _live(settings: Any) -> None:
    settings.USER_OPTIONS = {"DIALECT": "live"}


def body(name: str, params: Any, left: Any, **more: Any) -> Row:
    return Row(name, Call(SET, params, **more), 200, DONE, left=left)


@table(
    [
        *(
            body(encoding, {"a": "1", "b": {"c": "2"}, **BESIDE}, {"a": "1", "b": {"c": "2"}},
                 encoding=encoding)
            for encoding in ("json", "form", "multipart")
        ),
        body("options win", {"options": {"a": 1}, "b": 2}, {"a": 1}),
        body("query says nothing", {"a": 1}, {"a": 1}, query="b=2"),
    ]
)  # fmt: skip
def test_body_without_options_is_the_options(row: Row, server: Server) -> None:
    server.check(row)


def test_query_and_reserved_parameters_are_not_options(server: Server) -> None:
    for call in (
        Call(SET, query="a=1"),
        Call(SET, {"a": "1"}, encoding="query"),
        Call(SET, BESIDE),
        Call(SET, {"options": None, "a": CANARY}),
        Call(SET, {"a": CANARY}, query="options="),
    ):
        server.expect(call, EMPTY, 400)
    assert server.stored() == {}


def test_webhook_has_no_application(server: Server) -> None:
    params = {"options": {"a": CANARY}, "option": "a"}
    methods = (SET, "user.option.get", "user.option.delete")
    cases = [(Call(name, params, credential="webhook"), NO_APPLICATION) for name in methods]
    server.check_unchanged(cases, {"a": 1}, status=403)


def test_app_info_names_the_scopes_of_a_webhook(server: Server) -> None:
    for credential in ("webhook", "webhook_without_application"):
        call = Call("app.info", credential=credential)
        server.expect(call, ok({"SCOPE": [], "LICENSE": ""}))


def test_options_of_the_application_are_not_taken_from_the_query(server: Server) -> None:
    call = Call("app.option.set", {"a": 1}, query="b=2", credential="admin_access_token")
    server.expect(call, DONE)
    assert server.call("app.option.get") == {"a": 1}
