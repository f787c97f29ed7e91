"""One writer, a process: it says that it is ready, calls until its standard input closes,
and prints its account.

It stays with the node that `NODES` names, also while that node is down.
"""

from __future__ import annotations

import functools
import io
import json
import select
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import django
from django.core.wsgi import get_wsgi_application

from tests.cluster.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_SHARED = [f"shared {n}" for n in range(20)]
_OWN = 30
_PAUSE_SECONDS = 0.1


def next_call(writer: int, turn: int) -> dict[str, Any]:
    """Return what the writer's call of this turn does to which keys: set all, or delete all."""
    value, own = [writer, turn], f"{writer} {turn * 7 % _OWN}"
    first = turn % len(_SHARED)
    overlapping = (_SHARED[first:] + _SHARED[:first])[:5]
    # Two writers at the same keys in opposite orders are what deadlocks are made of.
    ordered = overlapping if writer % 2 else overlapping[::-1]
    match turn % 8:
        case 3:
            return {own: None}
        case 7:
            return dict.fromkeys(ordered[:2])
        case 2 | 5:
            return dict.fromkeys(ordered, value)
    return {own: value, f"{writer} newest": value}


class CallFailedError(Exception):
    """The call was not acknowledged; its text says how it was refused."""


class Writer:
    """Makes the calls of one writer and keeps the account.

    Attributes:
        call: Sets or deletes keys.
        read: Returns those of the keys that there are, with their values.
        lost: Keys of its own that, before it wrote them again, were not as it had left them.
    """

    def __init__(
        self,
        number: int,
        call: Callable[[Mapping[str, Any]], None],
        read: Callable[[Iterable[str]], Mapping[str, Any]],
    ) -> None:
        self.number, self.call, self.read = number, call, read
        self.ledger, self.refused = Ledger({}, []), Counter[str]()
        self.lost: list[str] = []
        self.turns, self.longest = 0, 0.0

    def take_turn(self) -> None:
        """Make one call and note how it ended."""
        states = next_call(self.number, self.turns)
        self.turns += 1
        start, sent = time.monotonic(), False
        try:
            # What was lost would be covered up by writing it again.
            self._look_at([key for key in states if key not in _SHARED])
            sent = True
            self.call(states)
        except CallFailedError as error:
            if sent:
                self.ledger.doubt(states)
            self.refused[str(error)] += 1
            time.sleep(_PAUSE_SECONDS)
        else:
            self.ledger.acknowledge(states)
        self.longest = max(self.longest, time.monotonic() - start)

    def _look_at(self, own: list[str]) -> None:
        stored = self.read(own) if own else {}
        self.lost += [key for key in own if not self.ledger.explains(key, stored.get(key))]


def by_queryset(owner: tuple[Any, Any]) -> Callable[[Mapping[str, Any]], None]:
    """Return a way to call from Python, in a worker that lives long."""
    from django_user_options.models import AppUserOption

    options = AppUserOption.objects.for_owner(*owner)

    @failing
    def call(states: Mapping[str, Any]) -> None:
        if None in states.values():
            options.all().delete_options(states)
        else:
            options.all().set_options(states)

    return call


def reading(owner: tuple[Any, Any]) -> Callable[[Iterable[str]], dict[str, Any]]:
    """Return a way to read some keys from the writer's own node."""
    from django_user_options.models import AppUserOption

    options = AppUserOption.objects.for_owner(*owner)

    @failing
    def read(keys: Iterable[str]) -> dict[str, Any]:
        return options.filter(key__in=list(keys)).as_mapping()

    return read


def failing(ask: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return the same for a worker that lives long; what the database refuses is a failed call."""
    from django.db import DatabaseError, InterfaceError, close_old_connections

    @functools.wraps(ask)
    def call(argument: Any) -> Any:
        # What Django does before each request, workers do before each task.
        close_old_connections()
        try:
            return ask(argument)
        except (DatabaseError, InterfaceError) as error:
            raise CallFailedError(_code(error)) from error

    return call


def _code(error: Exception) -> str:
    state = getattr(error.__cause__, "sqlstate", None)
    return f"{type(error).__name__} {state or error.args[:1] or ''}"


def by_rest(token: str) -> Callable[[Mapping[str, Any]], None]:
    """Return a way to call through Django's own handler, as a server would."""
    application = get_wsgi_application()

    def call(states: Mapping[str, Any]) -> None:
        deleting = None in states.values()
        name = "user.option.delete" if deleting else "user.option.set"
        argument = {"option": list(states)} if deleting else {"options": states}
        status, headers, answer = post(application, f"/rest/{name}", {**argument, "auth": token})
        if status == 503 and "Retry-After" in headers:
            raise CallFailedError(str(status))
        assert status == 200, (status, answer)
        assert json.loads(answer)["result"] is True

    return call


def post(application: Any, path: str, body: Any) -> tuple[int, dict[str, str], bytes]:
    """Send JSON to a WSGI application; return the status, the headers and the body."""
    content, told = json.dumps(body).encode(), []
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(content)),
        "wsgi.input": io.BytesIO(content),
        "wsgi.url_scheme": "http",
    }
    response = application(environ, lambda status, headers: told.append((status, headers)))
    answer = b"".join(response)
    response.close()
    [(status, headers)] = told
    return int(status[:3]), dict(headers), answer


class RetryCounter:
    """Counts the conflicts after which the package tried again."""

    def __init__(self) -> None:
        from django_user_options import database_errors

        self.found, self.is_conflict = 0, database_errors.is_conflict
        database_errors.is_conflict = self

    def __call__(self, error: Any) -> bool:
        conflict = self.is_conflict(error)
        self.found += conflict
        return conflict


def main(number: int, way: str, issued: dict[str, Any]) -> dict[str, Any]:
    """Write until standard input closes, and return the account."""
    django.setup()
    from oauth2_provider.models import AccessToken

    retries = RetryCounter()
    token = AccessToken.objects.select_related("application", "user").get(token=issued["token"])
    owner = token.application, token.user
    call = by_rest(token.token) if way == "rest" else by_queryset(owner)
    writer = Writer(number, call, reading(owner))
    print("ready", flush=True)  # noqa: T201
    while not select.select([sys.stdin], [], [], 0)[0]:
        writer.take_turn()
    return {
        "ledger": writer.ledger.as_dict(),
        "lost": writer.lost,
        "refused": writer.refused,
        "turns": writer.turns,
        "retries": retries.found,
        "longest": writer.longest,
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3]))))  # noqa: T201
