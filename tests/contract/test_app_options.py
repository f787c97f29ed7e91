"""`app.option.*`: the application's own options, which administrators write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.server import APPLICATION
from tests.contract.table import CANARY, DENIED, DONE, NO_APPLICATION, Call, Row, ok, table

if TYPE_CHECKING:
    from tests.contract.server import Server

SET, GET, DELETE = "app.option.set", "app.option.get", "app.option.delete"
ADMIN, NO_CONTEXT = "admin_access_token", "webhook_without_application"
STORED = {"a": "1", "b": {"c": [None, 2.0]}}


def written(name: str, method: str, params: Any, left: Any, **more: Any) -> Row:
    call = Call(method, params, **{"credential": ADMIN, **more})
    return Row(name, call, 200, DONE, stored=STORED, left=left)


CHANGE, CHANGED = {"options": {"a": "2", "d": ["x"]}}, {**STORED, "a": "2", "d": ["x"]}
WRITTEN = [
    written("set", SET, CHANGE, CHANGED),
    written("set, form", SET, CHANGE, CHANGED, encoding="form"),
    written("user_id says nothing", SET, {**CHANGE, "user_id": "nobody"}, CHANGED),
    written("delete", DELETE, {"option": ["a", "x"]}, {"b": STORED["b"]}),
]
READ = [
    (Call(GET, {"option": "b"}), ok({"c": [None, 2.0]})),
    (Call(GET), ok(STORED)),
    (Call(GET, encoding="query"), ok(STORED)),
    (Call(GET, credential="webhook"), ok(STORED)),
    (Call(GET, {"option": "x"}), ok(None)),
    (Call(GET, {"option": ["a", "x"]}), ok({"a": "1"})),
    (Call(GET, credential="headless_access_token"), ok({})),
]


@pytest.mark.database
@table(WRITTEN)
def test_administrators_write(row: Row, server: Server) -> None:
    server.check(row, APPLICATION)


def test_all_users_read(server: Server) -> None:
    server.expect(Call(GET), ok({}))
    server.check_unchanged(READ, STORED, APPLICATION)
    server.expect(Call(GET, credential=NO_CONTEXT), NO_APPLICATION, 400)


@pytest.mark.in_process
def test_a_webhook_with_administrator_rights_writes(server: Server) -> None:
    credential = "trusted_administrator_webhook"
    server.check(written("", SET, CHANGE, CHANGED, credential=credential), APPLICATION)


@pytest.mark.parametrize(
    "credential",
    [
        *("access_token", "webhook", NO_CONTEXT, "headless_access_token"),
        *(
            pytest.param(name, marks=pytest.mark.in_process)
            for name in (
                "admin_headless_access_token",
                "plain_administrator_webhook",
                "trusted_user_webhook",
            )
        ),
    ],
)
def test_others_write_nothing(credential: str, server: Server) -> None:
    refusal = NO_APPLICATION if credential == NO_CONTEXT else DENIED
    writes = (SET, {"options": {"a": CANARY}}), (DELETE, {"option": "a"})
    cases = [(Call(*write, credential=credential), refusal) for write in writes]
    server.check_unchanged(cases, STORED, APPLICATION, status=400)


@pytest.mark.in_process
def test_listed_application_has_its_owners_administrator_rights(
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
