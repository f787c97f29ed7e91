"""The two ways in: REST over a socket, and the queryset."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from urllib.parse import urlencode

from django.db import InterfaceError, OperationalError, close_old_connections

from django_user_options.exceptions import OptionConflictError, OwnerGoneError
from tests.load.verdict.ledger import Answer, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ACKNOWLEDGED, _GONE = Answer(Outcome.ACKNOWLEDGED), Answer(Outcome.GONE)
_CONFLICT = Answer(Outcome.CONFLICT)
# The key of the list that writers append to.
LIST = "list"


class Command(NamedTuple):
    """Options to set, keys to delete, or a change of several kinds.

    Attributes:
        counted: The numbers to add, by key.
        expected: The digests that keys must have.
        appended: What to append to the list, by reading, comparing and writing until it is there.
    """

    options: Mapping[str, Any]
    deleted: Sequence[str] = ()
    counted: Mapping[str, int] = {}
    expected: Mapping[str, str | None] = {}
    appended: Any = None

    @property
    def is_update(self) -> bool:
        return bool(self.counted or self.expected or (self.options and self.deleted))

    def appending_to(self, found: Found) -> Command:
        options = {**self.options, LIST: [*found.elements, self.appended]}
        return Command(options, expected={LIST: found.digest})


class Found(NamedTuple):
    """The list and its digest; or the answer if it could not be read."""

    digest: str | None = None
    elements: Sequence[Any] = ()
    failure: Answer | None = None


class Door(Protocol):
    """Sends the commands of one call."""

    def send(self, commands: Sequence[Command]) -> list[Answer]:
        """Return what was told about each command."""

    def read_list(self) -> Found:
        """Return the list, and a digest that is not younger."""


def append(door: Door, command: Command) -> Answer:
    """Read, compare and write until nobody has written in between."""
    while True:
        found = door.read_list()
        if found.failure:
            return found.failure
        [answer] = door.send([command.appending_to(found)])
        if answer.outcome is not Outcome.CONFLICT:
            return answer


class Rest:
    """Calls the REST methods over one connection, opened again when it breaks."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
        }

    def send(self, commands: Sequence[Command]) -> list[Answer]:
        """Send one command by itself, several as a batch."""
        if commands[0].appended:
            return [append(self, command) for command in commands]
        if len(commands) == 1:
            return [_judge(*self._call(*_as_call(commands[0])))]
        cmd = {str(number): _as_query(command) for number, command in enumerate(commands)}
        status, headers, body = self._call("batch", {"cmd": cmd})
        if status != http.client.OK:
            return [_judge(status, headers, body)] * len(commands)
        return [_judge_command(number, body["result"]) for number in cmd]

    def read_list(self) -> Found:
        cmd = [f"user.option.keys?prefix={LIST}", f"user.option.get?option={LIST}"]
        status, headers, body = self._call("batch", {"cmd": cmd})
        if status != http.client.OK or body["result"]["result_error"]:
            return Found(failure=_judge(status, headers, body))
        [page, elements] = body["result"]["result"].values()
        return Found(page["keys"].get(LIST, {}).get("digest"), elements or [])

    def _call(self, method: str, parameters: Any) -> tuple[int | None, Any, Any]:
        """Return status, headers and body; no status where the connection broke."""
        try:
            body = json.dumps(parameters)
            self._connection.request("POST", f"/rest/{method}", body, self._headers)
            response = self._connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            return None, {}, str(error)
        try:
            return response.status, response.headers, json.loads(content)
        except ValueError:
            return response.status, response.headers, content[:300].decode(errors="replace")


def _as_call(command: Command) -> tuple[str, dict[str, Any]]:
    if command.is_update:
        return "user.option.update", {
            "set": command.options,
            "remove": list(command.deleted),
            "increment": command.counted,
            "if": command.expected,
        }
    if command.deleted:
        return "user.option.delete", {"option": list(command.deleted)}
    return "user.option.set", {"options": command.options}


def _as_query(command: Command) -> str:
    options = {f"options[{key}]": value for key, value in command.options.items()}
    return "user.option.set?" + urlencode(options)


def _judge(status: int | None, headers: Any, body: Any) -> Answer:
    match status, body:
        case None, _:
            return Answer(Outcome.UNANSWERED, body)
        case 200, {"result": True | {}, "time": {}}:
            return _ACKNOWLEDGED
        case 409, {"error": "ERROR_CONFLICT", "conflicts": {}}:
            return _CONFLICT
        case 503, {"error": _, "error_description": _} if "Retry-After" in headers:
            return Answer(Outcome.REFUSED, "503")
        case 401, {"error": "NO_AUTH_FOUND"}:
            return _GONE
    return Answer(Outcome.WRONG, f"{status} {body}")


def _judge_command(number: str, answers: Any) -> Answer:
    if number in answers["result"]:
        return _ACKNOWLEDGED
    match answers["result_error"][number]:
        # A batch answers 200 whatever happens inside; the cause of this is in the server's log.
        case {"error": "INTERNAL_SERVER_ERROR" as code}:
            return Answer(Outcome.REFUSED, code)
        case {"error": "NO_AUTH_FOUND"}:
            return _GONE
        case error:
            return Answer(Outcome.WRONG, str(error))


class Direct:
    """Calls the queryset, as a worker of the project would: stale connections closed first."""

    def __init__(self, options: Any) -> None:
        self._options = options

    def send(self, commands: Sequence[Command]) -> list[Answer]:
        """Call once per command."""
        return [
            append(self, command) if command.appended else self._send(command)
            for command in commands
        ]

    def read_list(self) -> Found:
        facts = self._options.keys(LIST).keys.get(LIST)
        return Found(facts and facts.digest, self._options.get_option(LIST, []))

    def _send(self, command: Command) -> Answer:
        close_old_connections()
        try:
            self._run(command)
        except (OperationalError, InterfaceError) as error:
            reason = getattr(error.__cause__, "sqlstate", None) or error.args[:1] or ""
            return Answer(Outcome.REFUSED, f"{type(error).__name__} {reason}")
        except OwnerGoneError:
            return _GONE
        except OptionConflictError:
            return _CONFLICT
        except Exception as error:  # noqa: BLE001  whatever it is, the promise does not know it
            return Answer(Outcome.WRONG, repr(error))
        return _ACKNOWLEDGED

    def _run(self, command: Command) -> None:
        if command.is_update:
            self._options.update_options(
                command.options,
                remove=command.deleted,
                increment=command.counted,
                if_=command.expected,
            )
        elif command.deleted:
            self._options.delete_options(command.deleted)
        else:
            self._options.set_options(command.options)
