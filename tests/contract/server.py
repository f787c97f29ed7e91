"""The server under test, in this process or behind a socket, with what was issued for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django_user_options.conf import conf
from tests.contract.encoders import encode, form
from tests.contract.table import CANARY, Call, Row, assert_same, resolve
from tests.rest.openapi.conformance import measure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tests.contract.transport import Answer

# Whose options a table is about: the family of methods, and who may write them.
USER = ("user.option", "access_token")
APPLICATION = ("app.option", "admin_access_token")
ADMINISTRATOR = ("user.option", "admin_access_token")
HEADLESS = ("user.option", "headless_access_token")

_HEADERS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
_CONTENT_TYPES = {
    "json": "application/json; charset=utf-8",
    "xml": "application/xml; charset=utf-8",
}


class Server:
    """Sends calls; whatever it answers must keep the promises made for every answer."""

    def __init__(self, transport: Callable[..., Answer], issued: Mapping[str, Any]) -> None:
        self.transport, self.issued = transport, issued

    def send(self, call: Call) -> Answer:
        """Send a call as its row describes it."""
        params, query = dict(resolve(call.params, self.issued)), [call.query]
        headers = {**call.headers, **self._authorize(call, params, query)}
        body = call.raw or b""
        if call.raw is None and call.encoding == "query":
            query.append(form(params))
        elif call.raw is None:
            headers["Content-Type"], body = encode(params, call.encoding)
        verb = call.verb or ("GET" if call.encoding == "query" else "POST")
        url = f"{self._prefix(call)}{call.path.format(method=call.method)}"
        answer = self.transport(verb, "?".join(filter(None, (url, _joined(query)))), headers, body)
        self._check_promises(answer)
        self._check_schema(call, verb, answer)
        return answer

    def _check_schema(self, call: Call, verb: str, answer: Answer) -> None:
        """Hold the answer, and what was taken, against the OpenAPI schema."""
        prefix = "/rest/{user_id}/{secret}/" if _is_webhook(call) else "/rest/"
        known = measure(conf.dialect)
        operation = known.operation(f"{prefix}{call.method.lower()}", verb)
        if operation is None or not answer.content.startswith(b"{"):
            return
        known.assert_answer_fits(operation, answer.status, answer.json)
        # The system methods take more than they ask for.
        plain = call.encoding == "json" and call.raw is None and not call.query
        if answer.status == 200 and plain and ".option." in call.method:
            known.assert_parameters_fit(operation, resolve(call.params, self.issued))

    def _prefix(self, call: Call) -> str:
        return self.issued[call.credential if _is_webhook(call) else "url"]

    def _authorize(self, call: Call, params: dict[str, Any], query: list[str]) -> dict[str, str]:
        """Put the call's token where the row says, and return the headers."""
        if call.credential is None or _is_webhook(call):
            return {}
        token = self.issued.get(call.credential, call.credential)
        if call.place == "header":
            return {"Authorization": f"Bearer {token}"}
        if call.place.startswith("?"):
            query.append(urlencode({call.place[1:]: token}))
        else:
            params[call.place] = token
        return {}

    def call(self, method: str, params: Any = None, credential: str = "access_token") -> Any:
        """Return the result of a call that succeeds."""
        answer = self.send(Call(method, params or {}, credential=credential))
        assert answer.status == 200, answer
        return answer.json["result"]

    def has(self, credential: str | None) -> bool:
        """Return whether a credential was issued, or need not be."""
        return credential in {None, "unknown", *self.issued}

    def stored(self, store: tuple[str, str] = USER) -> dict[str, Any]:
        family, writer = store
        return self.call(f"{family}.get", credential=writer) or {}

    def store(self, options: Mapping[str, Any], store: tuple[str, str] = USER) -> None:
        family, writer = store
        if options:
            self.call(f"{family}.set", {"options": options}, credential=writer)

    def clear(self, store: tuple[str, str]) -> None:
        family, writer = store
        if keys := list(self.stored(store)):
            self.call(f"{family}.delete", {"option": keys}, credential=writer)

    def expect(self, call: Call, body: Any, status: int = 200) -> None:
        """Compare the answer to a call."""
        answer = self.send(call)
        expected = [status, resolve(body, self.issued)]
        assert_same([answer.status, answer.json], expected, call)

    def check(self, row: Row, store: tuple[str, str] = USER) -> None:
        """Compare the answer to a row, and what is stored then, with what the row says."""
        self.store(row.stored, store)
        self.expect(row.call, row.body, row.status)
        left = row.stored if row.left is None else row.left
        assert_same(self.stored(store), left, row.call)

    def check_unchanged(
        self,
        cases: Iterable[tuple[Call, Any]],
        stored: Mapping[str, Any],
        store: tuple[str, str] = USER,
        *,
        status: int = 200,
    ) -> None:
        """Compare the answers to calls that leave what is stored as it is."""
        self.store(stored, store)
        for call, body in cases:
            self.expect(call, body, status)
        assert_same(self.stored(store), stored, cases)

    @property
    def secrets(self) -> list[str]:
        """What no error and no log may show."""
        tokens = [
            value
            for name, value in self.issued.items()
            if name.endswith(("_token", "_secret")) and isinstance(value, str)
        ]
        webhooks = [
            value.rstrip("/").rpartition("/")[2]
            for name, value in self.issued.items()
            if "webhook" in name
        ]
        return [CANARY, *tokens, *webhooks]

    def _check_promises(self, answer: Answer) -> None:
        for name, value in _HEADERS.items():
            assert answer.headers.get(name) == value, (name, answer)
        if not answer.content:
            return
        kind = "xml" if answer.content.startswith(b"<?xml") else "json"
        assert answer.headers["content-type"] == _CONTENT_TYPES[kind]
        assert not 300 <= answer.status < 400
        if answer.status >= 400:
            self._check_refusal(answer)

    def _check_refusal(self, answer: Answer) -> None:
        text = answer.content.decode()
        assert [secret for secret in self.secrets if secret in text] == []
        needed = {401: "www-authenticate", 405: "allow", 503: "retry-after"}.get(answer.status)
        assert needed is None or needed in answer.headers
        if answer.content.startswith(b"{"):
            body = answer.json
            assert isinstance(body["error"], str)
            assert isinstance(body["error_description"], str)
            facts = {"argument", "limit", "maximum", "current", "conflicts"}
            assert set(body) <= {"error", "error_description", *facts}


def _is_webhook(call: Call) -> bool:
    return "webhook" in (call.credential or "")


def _joined(query: list[str]) -> str:
    return "&".join(filter(None, query))
