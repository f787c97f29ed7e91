"""Keeps the last REST calls of this process, for the log beside the frame."""

from __future__ import annotations

import json
import re
from collections import deque
from itertools import count
from threading import Condition
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.core.serializers.json import DjangoJSONEncoder
from django.views.decorators.debug import sensitive_variables

from django_user_options.rest.views import RestMethodView

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

_CALLS_KEPT = 200
_SECONDS_TO_WAIT = 20
_CHARACTERS_KEPT = 10_000
# What a batch passes on to one of its commands, too.
_TOKENS = re.compile(r"\b(auth|access_token|refresh_token)=[^&\"\\]+")

_calls: deque[dict[str, Any]] = deque(maxlen=_CALLS_KEPT)
_numbers = count(1)
_recorded = Condition()


class RecordCalls:
    """Middleware that records every REST call, with its tokens masked; with `DEBUG` only."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.DEBUG:
            raise MiddlewareNotUsed
        self._get_response = get_response

    @sensitive_variables()
    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        view = getattr(response, "renderer_context", {}).get("view")
        if not isinstance(view, RestMethodView) or request.method == "OPTIONS":
            return response
        method = view.method
        # The view has removed the token.
        parameters = method.parameters if method else {}
        with _recorded:
            _calls.append(
                {
                    "number": next(_numbers),
                    "method": method.name if method else view.kwargs.get("method"),
                    "parameters": _masked(json.dumps(parameters, cls=DjangoJSONEncoder)),
                    "status": response.status_code,
                    "answer": _masked(response.content.decode()),
                }
            )
            _recorded.notify_all()
        return response


def last_call() -> int:
    """Return the number of the last call, or 0."""
    with _recorded:
        return _calls[-1]["number"] if _calls else 0


def calls_after(number: int) -> list[dict[str, Any]]:
    """Return the calls after this number; wait some seconds for the first one."""
    with _recorded:
        _recorded.wait_for(lambda: _calls and _calls[-1]["number"] > number, _SECONDS_TO_WAIT)
        return [call for call in _calls if call["number"] > number]


def _masked(text: str) -> str:
    return _TOKENS.sub(r"\1=***", text)[:_CHARACTERS_KEPT]
