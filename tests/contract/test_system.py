"""The small methods by which SDKs find out where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.contract.table import (
    DATE,
    DATE_OR_EMPTY,
    INTEGER,
    Call,
    Issued,
    Row,
    Shape,
    error,
    ok,
    table,
)

if TYPE_CHECKING:
    from tests.contract.server import Server

ALL = [
    "app.info",
    "app.option.delete",
    "app.option.get",
    "app.option.set",
    "batch",
    "method.get",
    "methods",
    "profile",
    "scope",
    "server.time",
    "user.admin",
    "user.current",
    "user.option.delete",
    "user.option.get",
    "user.option.set",
]
# A host may have methods of its own beside them.
METHODS = Shape(
    "<all methods, sorted>", lambda names: names == sorted(names) and set(ALL) <= set(names)
)
NO_SCOPE = error(
    "insufficient_scope",
    "The request requires higher privileges than provided by the access token",
)
NO_APPLICATION = error("AccessException", "Application context required")


def tells(name: str, method: str, result: Any, params: Any = None, **more: Any) -> Row:
    return Row(name, Call(method, params or {}, **more), 200, ok(result))


def profile(user_id: str, *, administrator: bool) -> dict[str, Any]:
    return {
        "ID": Issued(user_id, text=True),
        "ADMIN": administrator,
        "NAME": "",
        "LAST_NAME": "",
        "PERSONAL_GENDER": "",
        "TIME_ZONE": "",
    }


def existing(*, exists: bool, available: bool) -> dict[str, bool]:
    return {"isExisting": exists, "isAvailable": available}


APP_INFO = {
    "ID": INTEGER,
    "CODE": Issued("client_id"),
    "VERSION": 1,
    "STATUS": "L",
    "INSTALLED": True,
    "PAYMENT_EXPIRED": "N",
    "DAYS": None,
    "LICENSE": "",
    "LICENSE_TYPE": "",
    "LICENSE_FAMILY": "",
    "LANGUAGE_ID": "en",
}
USER = {
    "ID": Issued("user_id", text=True),
    "ACTIVE": True,
    "NAME": "",
    "LAST_NAME": "",
    "EMAIL": "",
    "LAST_LOGIN": DATE_OR_EMPTY,
    "DATE_REGISTER": DATE,
    "XML_ID": "",
    "TIME_ZONE": "",
    "IS_ONLINE": "",
    "TIMESTAMP_X": "",
    "LAST_ACTIVITY_DATE": "",
    "PERSONAL_GENDER": "",
    "PERSONAL_BIRTHDAY": "",
    "UF_EMPLOYMENT_DATE": "",
    "UF_DEPARTMENT": [],
}
ADMIN = "admin_access_token"
ROWS = [
    tells("methods", "methods", METHODS),
    tells("methods of all scopes", "methods", METHODS, {"full": True}),
    tells("methods, full in a query", "methods", METHODS, {"full": "1"}, encoding="query"),
    tells("methods of a scope", "methods", METHODS, {"scope": "basic"}),
    tells("methods of an unknown scope", "methods", [], {"scope": "crm"}),
    tells("method.get", "method.get", existing(exists=True, available=True), {"name": "profile"}),
    tells(
        "method.get in a form",
        "method.get",
        existing(exists=True, available=True),
        {"name": "user.option.set"},
        encoding="form",
    ),
    tells(
        "method.get unknown", "method.get", existing(exists=False, available=False), {"name": "x"}
    ),
    tells("method.get of nothing", "method.get", existing(exists=False, available=False)),
    tells(
        "method.get of a list",
        "method.get",
        existing(exists=False, available=False),
        {"name": ["profile"]},
    ),
    tells("scope", "scope", []),
    tells("scope of all", "scope", [], {"full": "true"}),
    tells("server.time", "server.time", DATE),
    tells("server.time by GET", "server.time", DATE, encoding="query"),
    tells("profile", "profile", profile("user_id", administrator=False)),
    tells(
        "profile by webhook",
        "profile",
        profile("user_id", administrator=False),
        credential="webhook",
    ),
    tells(
        "profile without an application",
        "profile",
        profile("user_id", administrator=False),
        credential="webhook_without_application",
    ),
    tells(
        "profile of an administrator",
        "profile",
        profile("admin_user_id", administrator=True),
        credential=ADMIN,
    ),
    tells(
        "profile of an owner",
        "profile",
        profile("user_id", administrator=False),
        credential="headless_access_token",
    ),
    tells("user.admin", "user.admin", result=False),
    tells("user.admin of an administrator", "user.admin", result=True, credential=ADMIN),
    tells("user.current", "user.current", USER),
    tells("user.current by webhook", "user.current", USER, credential="webhook"),
    tells("app.info", "app.info", APP_INFO),
    tells("app.info by webhook", "app.info", APP_INFO, credential="webhook"),
    Row(
        "app.info without an application",
        Call("app.info", credential="webhook_without_application"),
        400,
        NO_APPLICATION,
    ),
    *(
        Row(
            f"{name} without a scope", Call(name, credential="no_scope_access_token"), 403, NO_SCOPE
        )
        for name in ALL
    ),
    *(
        Row(
            f"{name} without credentials",
            Call(name, credential=None),
            401,
            error("NO_AUTH_FOUND", "Wrong authorization data"),
        )
        for name in ALL
    ),
]


@table(ROWS)
def test_method_tells_what_the_host_knows(row: Row, server: Server) -> None:
    server.check(row)
