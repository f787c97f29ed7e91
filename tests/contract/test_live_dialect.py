"""What the live dialect does beside other error names: section 9 of the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.encoders import FORM
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
            body(
                f"body, {encoding}",
                {"a": "1", "b": {"c": "2"}},
                {"a": "1", "b": {"c": "2"}},
                encoding=encoding,
            )
            for encoding in ("json", "form", "multipart")
        ),
        *(
            body(
                f"beside the options, {encoding}",
                {"a": "1", **BESIDE},
                {"a": "1"},
                encoding=encoding,
            )
            for encoding in ("json", "form", "multipart")
        ),
        body("options win", {"options": {"a": 1}, "b": 2}, {"a": 1}),
        body("query says nothing", {"a": 1}, {"a": 1}, query="b=2"),
        Row("only a query", Call(SET, query="a=1"), 400, EMPTY),
        Row("a query by GET", Call(SET, {"a": "1"}, encoding="query"), 400, EMPTY),
        Row("only beside", Call(SET, BESIDE), 400, EMPTY),
        Row("options null", Call(SET, {"options": None, "a": CANARY}), 400, EMPTY),
        Row("options empty in the query", Call(SET, {"a": CANARY}, query="options="), 400, EMPTY),
        Row(
            "form",
            Call(SET, raw=b"a=1&b[]=2", headers={"Content-Type": FORM}),
            200,
            DONE,
            left={"a": "1", "b": ["2"]},
        ),
    ]
)
def test_body_without_options_is_the_options(row: Row, server: Server) -> None:
    server.check(row)


@pytest.mark.parametrize("method", [SET, "user.option.get", "user.option.delete"])
def test_webhook_has_no_application(method: str, server: Server) -> None:
    call = Call(method, {"options": {"a": CANARY}, "option": "a"}, credential="webhook")
    server.check(Row("", call, 403, NO_APPLICATION, stored={"a": 1}))


@pytest.mark.parametrize("credential", ["webhook", "webhook_without_application"])
def test_app_info_names_the_scopes_of_a_webhook(credential: str, server: Server) -> None:
    call = Call("app.info", credential=credential)
    server.check(Row("", call, 200, ok({"SCOPE": [], "LICENSE": ""})))


def test_options_of_the_application_are_not_taken_from_the_query(server: Server) -> None:
    call = Call("app.option.set", {"a": 1}, query="b=2", credential="admin_access_token")
    server.check(Row("", call, 200, DONE))
    assert server.call("app.option.get") == {"a": 1}
