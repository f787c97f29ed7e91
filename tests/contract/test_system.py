"""The small methods by which SDKs find out where they are."""

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
    Row,
    Shape,
    ok,
    table,
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
OWN = profile("user_id", administrator=False)
TOLD = [
    ("methods", METHODS, {}),
    ("methods", METHODS, {"full": True}),
    ("methods", METHODS, {"scope": "basic"}),
    ("methods", [], {"scope": "crm"}),
    ("method.get", EXISTS, {"name": "profile"}),
    ("method.get", UNHEARD, {"name": "x"}),
    ("method.get", UNHEARD, {}),
    ("method.get", UNHEARD, {"name": ["profile"]}),
    ("scope", [], {}),
    ("scope", [], {"full": "true"}),
    ("server.time", DATE, {}),
    ("user.admin", False, {}),
]
TOLD_TO = [
    ("profile", OWN, "access_token"),
    ("profile", OWN, WEBHOOK),
    ("profile", OWN, NO_CONTEXT),
    ("profile", OWN, "headless_access_token"),
    ("profile", profile("admin_user_id", administrator=True), ADMIN),
    ("user.admin", True, ADMIN),
    ("user.current", USER, "access_token"),
    ("user.current", USER, WEBHOOK),
    ("app.info", APP_INFO, "access_token"),
    ("app.info", APP_INFO, WEBHOOK),
]
TOLD_IN = [
    ("methods", METHODS, {"full": "1"}, "query"),
    ("method.get", EXISTS, {"name": "user.option.set"}, "form"),
    ("server.time", DATE, {}, "query"),
]


@table(
    [
        *(
            Row(f"{method} {params}", Call(method, params), 200, ok(result))
            for method, result, params in TOLD
        ),
        *(
            Row(f"{method}, {credential}", Call(method, credential=credential), 200, ok(result))
            for method, result, credential in TOLD_TO
        ),
        *(
            Row(f"{method}, {encoding}", Call(method, params, encoding=encoding), 200, ok(result))
            for method, result, params, encoding in TOLD_IN
        ),
        Row(
            f"app.info, {NO_CONTEXT}", Call("app.info", credential=NO_CONTEXT), 400, NO_APPLICATION
        ),
    ]
)
def test_method_tells_what_the_project_knows(row: Row, server: Server) -> None:
    server.check(row)


@table(
    Row(f"{name}, {credential}", Call(name, credential=credential), status, body)
    for credential, status, body in (
        ("no_scope_access_token", 403, NO_SCOPE),
        (None, 401, UNKNOWN),
    )
    for name in ALL
)
def test_every_method_needs_credentials_and_a_scope(row: Row, server: Server) -> None:
    server.check(row)
