"""`app.option.*`: the application's own options, which administrators write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.server import APPLICATION
from tests.contract.table import CANARY, DENIED, DONE, NO_APPLICATION, Call, Row, ok, table

if TYPE_CHECKING:
    from tests.contract.server import Server

SET, GET, DELETE = "app.option.set", "app.option.get", "app.option.delete"
ADMIN = "admin_access_token"
STORED = {"a": "1", "b": {"c": [None, 2.0]}}
WRITES = [(SET, {"options": {"a": CANARY}}), (DELETE, {"option": "a"})]


def refused(credential: str, body: Any, *, in_process: bool = False) -> list[Row]:
    return [
        Row(
            f"{method}, {credential}",
            Call(method, params, credential=credential),
            400,
            body,
            stored=STORED,
            in_process=in_process,
        )
        for method, params in WRITES
    ]


ROWS = [
    *(
        Row(
            f"set, {encoding}",
            Call(SET, {"options": {"a": "2", "d": ["x"]}}, credential=ADMIN, encoding=encoding),
            200,
            DONE,
            stored=STORED,
            left={**STORED, "a": "2", "d": ["x"]},
        )
        for encoding in ("json", "form")
    ),
    Row(
        "delete",
        Call(DELETE, {"option": ["a", "x"]}, credential=ADMIN),
        200,
        DONE,
        stored=STORED,
        left={"b": {"c": [None, 2.0]}},
    ),
    Row("get one", Call(GET, {"option": "b"}), 200, ok({"c": [None, 2.0]}), stored=STORED),
    Row("get all", Call(GET), 200, ok(STORED), stored=STORED),
    Row("get all, query", Call(GET, encoding="query"), 200, ok(STORED), stored=STORED),
    Row("get of nothing", Call(GET), 200, ok({})),
    Row("get unknown", Call(GET, {"option": "x"}), 200, ok(None), stored=STORED),
    Row("get several", Call(GET, {"option": ["a", "x"]}), 200, ok({"a": "1"}), stored=STORED),
    Row("get by webhook", Call(GET, credential="webhook"), 200, ok(STORED), stored=STORED),
    Row(
        "get by another", Call(GET, credential="headless_access_token"), 200, ok({}), stored=STORED
    ),
    Row(
        "get without an application",
        Call(GET, credential="webhook_without_application"),
        400,
        NO_APPLICATION,
        stored=STORED,
    ),
    Row(
        "user_id says nothing here",
        Call(SET, {"options": {"a": 1}, "user_id": "nobody"}, credential=ADMIN),
        200,
        DONE,
        left={"a": 1},
    ),
    *refused("access_token", DENIED),
    *refused("webhook", DENIED),
    *refused("webhook_without_application", NO_APPLICATION),
    *refused("headless_access_token", DENIED),
    *refused("admin_headless_access_token", DENIED, in_process=True),
    *refused("plain_administrator_webhook", DENIED, in_process=True),
    *refused("trusted_user_webhook", DENIED, in_process=True),
    Row(
        "webhook with administrator rights",
        Call(SET, {"options": {"a": 1}}, credential="trusted_administrator_webhook"),
        200,
        DONE,
        left={"a": 1},
        in_process=True,
    ),
]


@pytest.mark.database
@table(ROWS)
def test_administrators_write_and_all_users_read(row: Row, server: Server) -> None:
    server.check(row, APPLICATION)


@pytest.mark.in_process
def test_application_that_a_setting_lists_acts_with_its_owners_rights(
    server: Server, settings: Any, make_application: Any, make_token: Any, administrator: Any
) -> None:
    application = make_application(user=administrator)
    settings.USER_OPTIONS = {"ADMINISTRATOR_APPLICATIONS": [application.client_id]}
    token = make_token(application, None)
    assert server.call(SET, {"options": {"a": 1}}, credential=token) is True
    assert server.call(GET, credential=token) == {"a": 1}


def test_same_key_of_a_user_and_of_the_application_are_two_options(server: Server) -> None:
    server.store({"a": "user's"})
    server.store({"a": "application's"}, APPLICATION)
    assert server.stored() == {"a": "user's"}
    assert server.stored(APPLICATION) == {"a": "application's"}
