"""What holds for every call: its statements, its one transaction, and silence about secrets."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from django.db import DatabaseError, OperationalError, connection, connections
from django.test.utils import CaptureQueriesContext

from tests.contract.table import CANARY, DONE, Call, Row, error, over

if TYPE_CHECKING:
    from tests.contract.server import Server

SET, GET, KEYS = "user.option.set", "user.option.get", "user.option.keys"
BROKEN = error("INTERNAL_SERVER_ERROR", "Internal server error")
CONTROL = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "ROLLBACK")

# Where one statement writes and looks at the limits.
WRITE = ["INSERT"] if connection.vendor in {"postgresql", "sqlite"} else ["SELECT", "INSERT"]

pytestmark = [pytest.mark.in_process, pytest.mark.database]


def statements(server: Server, call: Call) -> tuple[list[str], list[str]]:
    """Return the first words of the statements of a call, and those that control transactions."""
    with CaptureQueriesContext(connection) as queries:
        assert server.send(call).status == 200
    words = [query["sql"].split()[0].upper() for query in queries]
    control = [word for word in words if word in CONTROL]
    return [word for word in words if word not in CONTROL], control


@pytest.mark.parametrize("credential", ["access_token", "webhook"])
def test_set_costs_the_credential_and_the_write(credential: str, server: Server) -> None:
    call = Call(SET, {"options": {f"k{n}": n for n in range(100)}}, credential=credential)
    # A webhook's last use is recorded once a minute.
    server.send(Call(GET, credential=credential))
    assert statements(server, call) == (["SELECT", *WRITE], ["SAVEPOINT", "RELEASE"])


def test_update_costs_a_statement_to_lock_and_one_to_delete(server: Server) -> None:
    server.store({f"k{n}": n for n in range(100)})
    page = server.call(KEYS)
    new = {f"new {n}": n for n in range(100)}
    digests = {key: facts["digest"] for key, facts in page["keys"].items()}
    for params, expected in (
        ({"set": new}, WRITE),
        ({"set": dict.fromkeys(new, 1), "if": digests}, ["INSERT", *WRITE]),
        (
            {"set": new, "if": {f"none {n}": None for n in range(100)}},
            ["INSERT", *WRITE, "DELETE"],
        ),
        ({"increment": new}, ["INSERT", *WRITE]),
        ({"set": new, "remove": ["none", *digests], "if": digests}, ["INSERT", *WRITE, "DELETE"]),
        ({"set": {"k0": 1}, "remove": list(new)}, [*WRITE, "DELETE"]),
        ({"remove": ["k0", "none"]}, ["INSERT", "DELETE"]),
    ):
        found = statements(server, Call("user.option.update", params))[0]
        assert found == ["SELECT", *expected], params.keys()


def test_reading_costs_the_credential_and_one_statement(server: Server) -> None:
    server.store({"a": 1})
    digest = server.call(KEYS)["digest"]
    for call in (
        *(Call(GET, {"option": option}) for option in ("a", ["a", "b"], None)),
        *(Call(KEYS), Call(KEYS, {"unless": digest}), Call("user.option.usage")),
    ):
        assert statements(server, call) == (["SELECT", "SELECT"], [])
    call = Call("batch", {"cmd": [f"{GET}?option=a"] * 20})
    assert statements(server, call) == (["SELECT"] * 21, [])


def test_unknown_methods_and_unreadable_bodies_cost_no_statement(server: Server) -> None:
    with CaptureQueriesContext(connection) as queries:
        server.send(Call("x"))
        server.send(Call(SET, raw=b"{", headers={"Content-Type": "application/json"}))
    assert list(queries) == []


def test_atomic_requests_of_the_project_change_nothing(
    server: Server, monkeypatch: pytest.MonkeyPatch, client: Any
) -> None:
    monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", value=True)
    with CaptureQueriesContext(connection) as queries:
        client.get("/admin/login/")
    assert queries[0]["sql"].startswith("SAVEPOINT"), "other views have a transaction now"
    assert statements(server, Call(GET))[1] == []
    call = Call(SET, {"options": {"a": 1}})
    assert statements(server, call)[1] == ["SAVEPOINT", "RELEASE"]


@pytest.mark.parametrize(
    ("failure", "status"), [(OperationalError, 503), (DatabaseError, 500), (RuntimeError, 500)]
)
@pytest.mark.parametrize("method", [GET, "batch"])
def test_database_failure_is_answered_and_logged_without_its_text(
    method: str, failure: type[Exception], status: int, server: Server, caplog: Any
) -> None:
    def fail(*_: Any) -> Any:
        raise failure(f"near {CANARY}" if failure is not RuntimeError else "driver")

    with connection.execute_wrapper(fail):
        answer = server.send(Call(method))
    assert (answer.status, answer.json) == (status, BROKEN)
    errors = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert "django_user_options" in {record.name for record in errors}
    assert CANARY not in caplog.text


@pytest.mark.parametrize("dialect", ["documented", "live"])
def test_failed_batch_command_does_not_reveal_the_reason(
    dialect: str, server: Server, settings: Any
) -> None:
    settings.USER_OPTIONS = {"DIALECT": dialect}
    calls = []

    def fail_after_authentication(execute: Any, *args: Any) -> Any:
        calls.append(args)
        if len(calls) > 1:
            raise OperationalError(CANARY)
        return execute(*args)

    with connection.execute_wrapper(fail_after_authentication):
        answer = server.send(Call("batch", {"cmd": [GET]}))
    assert (answer.status, answer.json["result"]["result_error"]) == (200, {"0": BROKEN})


@pytest.mark.parametrize(
    "call",
    [
        Call(SET, {"options": {"a": CANARY, "": 1}}),
        Call(SET, {"options": {"a": CANARY}}, credential="expired_access_token"),
        Call(SET, {"options": {"a": CANARY}}, credential="swapped_webhook", encoding="query"),
        Call("x", {"options": {"a": CANARY}}, credential="webhook"),
        Call(SET, {"options": {"a": CANARY}}, credential="webhook", verb="PUT"),
        Call(SET, {"option": CANARY}, place="?auth", encoding="query"),
    ],
)
def test_refusals_are_logged_without_secrets(call: Call, server: Server, caplog: Any) -> None:
    assert 400 <= server.send(call).status < 500
    names = {record.name for record in caplog.records}
    # The fixture looks for secrets in the log.
    assert "django.request" in names <= {"django.request", "django_user_options.security"}


def test_write_that_exceeds_a_limit_stores_nothing(server: Server, settings: Any) -> None:
    settings.USER_OPTIONS = {"MAX_KEYS_PER_OWNER": 2}
    refusal = over("max_keys_per_owner", 2, 1, "options: at most 2 keys may be kept")
    call = Call(SET, {"options": {"b": 2, "c": 3}})
    server.check_unchanged([(call, refusal)], {"a": 1}, status=400)
    server.check(Row("", Call(SET, {"options": {"a": 2}}), 200, DONE, left={"a": 2}))
