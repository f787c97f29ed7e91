"""Who reaches whose options: every method, by every kind of credential.

The table in `isolation.md` is made from the registry of methods, so a new method needs its rows.
Where it is right that the table changes, put the table that the failing test prints into the file.
"""

from __future__ import annotations

from itertools import count, groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from oauth2_provider.models import get_application_model

from django_user_options.fields import encode_json
from django_user_options.models import AppOption, AppUserOption, InboundWebhook
from django_user_options.rest.methods import registry
from django_user_options.summaries import digest_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

TABLE = Path(__file__).with_name("isolation.md")
METHODS = sorted(
    (method for method in registry if method.__module__.startswith("django_user_options.")),
    key=lambda method: method.name,
)
# Credentials that carry an administrator's rights.
STRONG = {
    "token of an administrator",
    "client credentials of a listed administrator",
    "webhook with administrator rights",
}


class Credential(NamedTuple):
    """Where a call is sent, with what, and as which user."""

    prefix: str
    parameters: dict[str, Any]
    application: Any
    user: Any


@pytest.fixture
def targets(make_user: Callable[..., Any], make_application: Callable[..., Any]) -> dict[str, Any]:
    """Whose options a call asks for, and the parameters that might lead there."""
    user, application = make_user("bob"), make_application(name="Foreign")
    return {
        "own": {},
        "other user": dict.fromkeys(("user_id", "USER_ID", "user", "owner"), user.pk),
        "other application": {
            "client_id": application.client_id,
            **dict.fromkeys(("application_id", "application", "app", "CODE"), application.pk),
        },
    }


@pytest.fixture
def credentials(
    settings: Any,
    user: Any,
    administrator: Any,
    make_application: Callable[..., Any],
    make_token: Callable[..., str],
) -> dict[str, Credential]:
    application, machine = make_application(user=user), make_application(user=user)
    steward, unlisted = (make_application(user=administrator) for _ in range(2))
    settings.USER_OPTIONS = {"ADMINISTRATOR_APPLICATIONS": [steward.client_id]}

    def webhook(application: Any, owner: Any, **fields: Any) -> Credential:
        fields = {"owner": owner, "application": application, **fields}
        _, secret = InboundWebhook.objects.issue(**fields)
        return Credential(f"/rest/{owner.pk}/{secret}/", {}, application, owner)

    def token(application: Any, user: Any, **fields: Any) -> Credential:
        sent = {"auth": make_token(application, user, **fields)}
        return Credential("/rest/", sent, application, user or application.user)

    return {
        "token": token(application, user),
        "token of an administrator": token(application, administrator),
        "client credentials": token(machine, None),
        "client credentials of an administrator": token(unlisted, None),
        "client credentials of a listed administrator": token(steward, None),
        "webhook": webhook(application, user),
        "webhook of an administrator": webhook(application, administrator),
        "webhook with administrator rights": webhook(application, administrator, allow_admin=True),
        "webhook without an application": webhook(None, user),
        "webhook limited to `profile`": webhook(application, user, allowed_methods="profile"),
        "token without a scope": token(application, user, scope=""),
    }


def stored() -> dict[tuple[Any, Any], dict[str, Any]]:
    """Return all options by their owner."""
    kept: dict[tuple[Any, Any], dict[str, Any]] = {}
    for model, owner_fields in ((AppUserOption, ["user_id"]), (AppOption, [])):
        fields = ("application_id", *owner_fields, "key", "value")
        for *owner, key, value in model.objects.values_list(*fields):
            kept.setdefault((*owner, None)[:2], {})[key] = value
    return kept


def fill(applications: list[Any], users: list[Any]) -> None:
    """Store options with values and a size of their own for every owner."""
    sizes = count(1_000, 100)
    for application in applications:
        for user in (None, *users):
            owner = [application] if user is None else [application, user]
            model = AppOption if user is None else AppUserOption
            mark = f"<{application.pk} {user and user.pk}>"
            size = next(sizes)
            model.objects.for_owner(*owner).set_options(
                {"data": mark, "data2": mark, "size": "x" * size}
            )


def asked(method: Any, named: Mapping[str, Any]) -> dict[str, Any]:
    """Return the examples in the method's schema, directed at others; so is each command."""
    schema = method.parameters_schema
    properties = ((schema() if callable(schema) else schema) or {}).get("properties", {})
    given = {name: part["example"] for name, part in properties.items() if "example" in part}
    if "cmd" in given:
        more = "".join(f"&{name}={value}" for name, value in named.items())
        given["cmd"] = {name: f"{command}{more}" for name, command in given["cmd"].items()}
    return {**given, **named}


def relation(owner: tuple[Any, Any], credential: Credential) -> str:
    """Return what the owner of options is to the caller."""
    application, user = owner
    own = credential.application is not None and application == credential.application.pk
    whose = "application's" if user is None else "other user's"
    if own and credential.user.pk == user:
        whose = "own"
    return whose if own else f"{whose} elsewhere"


def traces(kept: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what tells that an answer is about these options: a value, its digest, the size."""
    texts = {key: encode_json(value) for key, value in kept.items()}
    size = sum(map(len, texts.values()))
    return kept["data"], digest_of(texts["data"]), f'"bytes":{size},'


class Reached:
    """Calls methods, and says in words what each call reached."""

    def __init__(self, call: Callable[..., Any]) -> None:
        self.call, self.before = call, stored()
        self.traces = {owner: traces(kept) for owner, kept in self.before.items()}

    def by(self, method: Any, credential: Credential, named: Mapping[str, Any]) -> str:
        with transaction.atomic():
            sent = {**asked(method, named), **credential.parameters}
            answer = self.call(method.name, sent, prefix=credential.prefix)
            after = stored()
            transaction.set_rollback(True)
        reached = [
            f"{act} {relation(owner, credential)}"
            for owner, kept in self.before.items()
            for act, happened in (
                ("reads", any(trace in answer.text for trace in self.traces[owner])),
                ("writes", kept != after.get(owner)),
            )
            if happened
        ]
        return ", ".join(sorted(reached)) or answer.json().get("error", "–")


def table(results: Mapping[tuple[str, str], list[str]], targets: Iterable[str]) -> str:
    """Return the results in Markdown, with one row for credentials that reach the same."""
    heading = ["method", "credentials", *targets]
    rows = [heading, ["---"] * len(heading)]
    ordered = sorted(results.items(), key=lambda item: (item[0][0], item[1]))
    for (method, cells), same in groupby(ordered, key=lambda item: (item[0][0], item[1])):
        names = ", ".join(credential for (_, credential), _ in same)
        rows.append([f"`{method}`", names, *cells])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


@pytest.mark.database
def test_a_credential_reaches_what_the_table_says(
    call: Callable[..., Any], credentials: dict[str, Credential], targets: dict[str, Any]
) -> None:
    fill(list(get_application_model().objects.all()), list(get_user_model().objects.all()))
    reached = Reached(call)
    results = {
        (method.name, name): [reached.by(method, credential, named) for named in targets.values()]
        for method in METHODS
        for name, credential in credentials.items()
    }
    for (_, name), cells in results.items():
        assert "elsewhere" not in " ".join(cells)
        assert name in STRONG or "other user's" not in " ".join(cells)
    found = table(results, targets)
    assert found in TABLE.read_text(encoding="utf-8"), f"The table is now:\n\n{found}"
