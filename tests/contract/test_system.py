"""The system methods that SDKs call to identify the server and the user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.contract.table import (
    DATE,
    DATE_OR_EMPTY,
    INTEGER,
    NO_APPLICATION,
    NO_SCOPE,
    UNKNOWN,
    Call,
    Issued,
    Shape,
    ok,
)

if TYPE_CHECKING:
    from tests.contract.server import Server

OPTION_METHODS = ("delete", "get", "keys", "set", "update", "usage")
ALL = [
    *("app.info", *(f"app.option.{name}" for name in OPTION_METHODS), "batch", "method.get"),
    *("methods", "profile", "scope", "server.time", "user.admin", "user.current"),
    *(f"user.option.{name}" for name in OPTION_METHODS),
]
# A project may have methods of its own beside them.
METHODS = Shape(
    "<all methods, sorted>", lambda names: names == sorted(names) and set(ALL) <= set(names)
)
ADMIN, WEBHOOK, NO_CONTEXT = "admin_access_token", "webhook", "webhook_without_application"


def profile(user_id: str, *, administrator: bool) -> dict[str, Any]:
    names = ("NAME", "LAST_NAME", "PERSONAL_GENDER", "TIME_ZONE")
    return {
        "ID": Issued(user_id, text=True),
        "ADMIN": administrator,
        **dict.fromkeys(names, ""),
    }


EXISTS = {"isExisting": True, "isAvailable": True}
UNHEARD = {"isExisting": False, "isAvailable": False}
APP_INFO = {
    "ID": INTEGER,
    "CODE": Issued("client_id"),
    "VERSION": 1,
    "STATUS": "L",
    "INSTALLED": True,
    "PAYMENT_EXPIRED": "N",
    "DAYS": None,
    **dict.fromkeys(("LICENSE", "LICENSE_TYPE", "LICENSE_FAMILY"), ""),
    "LANGUAGE_ID": "en",
}
# Documented fields that Django does not have, and those that the user left empty.
EMPTY = (
    *("NAME", "LAST_NAME", "EMAIL", "XML_ID", "TIME_ZONE", "IS_ONLINE", "TIMESTAMP_X"),
    *("LAST_ACTIVITY_DATE", "PERSONAL_GENDER", "PERSONAL_BIRTHDAY", "UF_EMPLOYMENT_DATE"),
)
USER = {
    "ID": Issued("user_id", text=True),
    "ACTIVE": True,
    "LAST_LOGIN": DATE_OR_EMPTY,
    "DATE_REGISTER": DATE,
    **dict.fromkeys(EMPTY, ""),
    "UF_DEPARTMENT": [],
}
OWN = profile("user_id", administrator=False)
TOLD: list[tuple[Call, Any]] = [
    (Call("methods"), METHODS),
    (Call("methods", {"full": True}), METHODS),
    (Call("methods", {"full": "1"}, encoding="query"), METHODS),
    (Call("methods", {"scope": "basic"}), METHODS),
    (Call("methods", {"scope": "crm"}), []),
    (Call("method.get", {"name": "profile"}), EXISTS),
    (Call("method.get", {"name": "user.option.set"}, encoding="form"), EXISTS),
    *((Call("method.get", given), UNHEARD) for given in ({"name": "x"}, {}, {"name": ["profile"]})),
    (Call("scope"), []),
    (Call("scope", {"full": "true"}), []),
    (Call("server.time"), DATE),
    (Call("server.time", encoding="query"), DATE),
    (Call("user.admin"), False),
    (Call("user.admin", credential=ADMIN), True),
    *(
        (Call("profile", credential=name), OWN)
        for name in ("access_token", WEBHOOK, NO_CONTEXT, "headless_access_token")
    ),
    (Call("profile", credential=ADMIN), profile("admin_user_id", administrator=True)),
    *((Call("user.current", credential=name), USER) for name in ("access_token", WEBHOOK)),
    *((Call("app.info", credential=name), APP_INFO) for name in ("access_token", WEBHOOK)),
]


def test_method_returns_the_projects_data(server: Server) -> None:
    for call, result in TOLD:
        server.expect(call, ok(result))
    server.expect(Call("app.info", credential=NO_CONTEXT), NO_APPLICATION, 400)


def test_every_method_needs_credentials_and_a_scope(server: Server) -> None:
    for name in ALL:
        server.expect(Call(name, credential=None), UNKNOWN, 401)
        server.expect(Call(name, credential="no_scope_access_token"), NO_SCOPE, 403)
