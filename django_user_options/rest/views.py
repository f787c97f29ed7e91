"""One request in, one envelope out."""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser
from django.db import Error as DatabaseFailure
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.log import log_response
from rest_framework.response import Response
from rest_framework.views import APIView

from django_user_options.conf import conf
from django_user_options.rest import methods
from django_user_options.rest.authentication import authenticate
from django_user_options.rest.envelope import Timing, describe
from django_user_options.rest.exceptions import (
    HttpsRequiredError,
    MethodNotFoundError,
    PermissionRefusedError,
    VerbNotAllowedError,
)
from django_user_options.rest.parsers import read_parameters
from django_user_options.rest.registry import registry
from django_user_options.rest.renderers import EnvelopeJSONRenderer, SuffixNegotiation

if TYPE_CHECKING:
    from rest_framework.permissions import BasePermission
    from rest_framework.request import Request

    from django_user_options.rest.methods.base import RestMethod

logger = logging.getLogger("django_user_options")

_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class RestMethodView(APIView):
    """Runs the REST method that the path names, by GET and POST alike.

    The order is that of the contract: parameters, method, credentials, permissions, method.
    The host's REST framework settings have no say here, and its `ATOMIC_REQUESTS` neither:
    a method brings its own transaction.
    """

    http_method_names = ("get", "post", "options")
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    renderer_classes = (EnvelopeJSONRenderer,)
    content_negotiation_class = SuffixNegotiation
    versioning_class = None
    schema = None

    method: RestMethod | None = None

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        """Start the clock and wrap the request."""
        self.timing = Timing()
        return super().initialize_request(request, *args, **kwargs)

    def initial(self, request: Request, *_: Any, method: str = "", **credentials: str) -> None:
        """Do everything that comes before the method itself.

        Raises:
            CallRefusedError: The call is not to be run.
        """
        name, self.format_kwarg = self._split_suffix(method)
        negotiated = self.perform_content_negotiation(request)
        request.accepted_renderer, request.accepted_media_type = negotiated
        if (request.method or "").lower() not in self.http_method_names:
            raise VerbNotAllowedError
        if request.method != "OPTIONS":
            self._prepare(request, name, credentials)

    def _prepare(self, request: Request, name: str, credentials: dict[str, str]) -> None:
        if conf.require_https and not request.is_secure():
            raise HttpsRequiredError
        http_request = request._request  # noqa: SLF001
        parameters = read_parameters(http_request)
        method_class = registry.get(name)
        caller = authenticate(http_request, parameters, **credentials)
        request.user, request.auth = caller.user or AnonymousUser(), caller
        self.method = method_class(caller=caller, parameters=parameters.merged)
        self.check_permissions(request)

    def _split_suffix(self, method: str) -> tuple[str, str | None]:
        name, _, suffix = method.rpartition(".")
        formats = {renderer.format for renderer in self.renderer_classes}
        return (name, suffix.lower()) if suffix.lower() in formats else (method, None)

    def get_permissions(self) -> list[BasePermission]:
        """Return the permissions of the method, none before it is known."""
        return [permission() for permission in self.method.permission_classes]

    def permission_denied(
        self, request: Request, message: str | None = None, code: str | None = None
    ) -> None:
        """Refuse with the code that the envelope's table knows."""
        raise PermissionRefusedError(code or "permission_denied", message or "")

    def post(self, request: Request, **_: Any) -> Response:
        """Run the method and answer with its result."""
        self.timing.processing_starts()
        return Response(self.timing.success(self.method.run()))

    get = post

    def options(self, request: Request, **_: Any) -> HttpResponse:
        """Tell the verbs, without credentials and without a method being run."""
        return HttpResponse(status=204)

    def handle_exception(self, exc: Exception) -> Response:
        """Answer any error in the envelope, and log those that are not the client's."""
        refusal = describe(exc)
        if refusal.status >= 500:  # noqa: PLR2004
            _log(exc)
        return Response(refusal.body, status=refusal.status, headers=refusal.headers)

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add the headers of every answer, and render while errors can still be answered."""
        response = super().finalize_response(request, response, *args, **kwargs)
        for name, value in _HEADERS.items():
            response[name] = value
        if isinstance(response, Response):
            try:
                response.render()
            except Exception as error:  # noqa: BLE001
                return self.finalize_response(request, self.handle_exception(error))
        if response.status_code >= 400:  # noqa: PLR2004
            # Django would log the path, and a webhook's path holds its secret.
            name = self.method.name if self.method else "no method"
            log_response("%s: %s", response.reason_phrase, name, response=response)
        return response


def _log(error: Exception) -> None:
    if isinstance(error, DatabaseFailure):
        # The text of a database error may quote the row that was being written.
        trace = "".join(traceback.format_tb(error.__traceback__))
        logger.error("%s in a REST method\n%s", type(error).__name__, trace)
    else:
        logger.error("Error in a REST method", exc_info=error)
