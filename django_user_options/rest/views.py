"""The view that answers each request with one envelope."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser
from django.db import connections, transaction
from django.views.decorators.debug import sensitive_variables
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.response import Response
from rest_framework.views import APIView

from django_user_options.conf import conf
from django_user_options.exceptions import (
    NoKeyGivenError,
    NothingToSaveError,
    NothingToUpdateError,
)
from django_user_options.rest.authentication import authenticate, find_token, without_tokens
from django_user_options.rest.envelope import Timing, finish, refuse
from django_user_options.rest.methods import RestMethod, registry
from django_user_options.rest.parsers import Parameters, is_json_read_as_form, read_parameters
from django_user_options.rest.refusals import (
    HttpsRequiredError,
    InvalidRequestError,
    KnownCredentialError,
    NoCredentialsError,
    UnknownTokenError,
    UnknownWebhookError,
    VerbNotAllowedError,
)
from django_user_options.rest.renderers import EnvelopeJSONRenderer, EnvelopeXMLRenderer
from django_user_options.rest.throttle import check_waiting, count_call, report_refusal

if TYPE_CHECKING:
    from django.http import HttpRequest
    from rest_framework.request import Request

# The refusals of a call whose parameters are missing.
_FOUND_NOTHING = (NothingToSaveError, NothingToUpdateError, NoKeyGivenError, NoCredentialsError)


class RestMethodView(APIView):
    """Runs the REST method in the path, for GET and POST alike.

    The order is that of the contract: parameters, method, credentials, permissions, method. The
    project's REST framework settings do not affect this view. Nor does `ATOMIC_REQUESTS`, because a
    method has its own transaction.
    """

    http_method_names = ("get", "post", "options")
    parser_classes = ()
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    renderer_classes = (EnvelopeJSONRenderer, EnvelopeXMLRenderer)
    # The path's suffix chooses the renderer; `Accept` is ignored.
    content_negotiation_class = BaseContentNegotiation
    versioning_class = None
    schema = None

    methods = registry
    method: RestMethod | None = None
    requested = ""

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        view = super().as_view(**initkwargs)
        for alias in connections:
            transaction.non_atomic_requests(using=alias)(view)
        return view

    @property
    def default_response_headers(self) -> dict[str, str]:
        # Without `Vary`, because `Accept` is ignored.
        return {"Allow": ", ".join(self.allowed_methods)}

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        self.timing = Timing()
        # As `sensitive_post_parameters` does, which would wrap the view again for each call.
        request.sensitive_post_parameters = "__ALL__"  # type: ignore[attr-defined]
        return super().initialize_request(request, *args, **kwargs)

    def initial(self, request: Request, *_: Any, method: str = "", **captured: Any) -> None:
        renderers = {renderer.format: renderer for renderer in self.get_renderers()}
        name, suffix = method.lower().rpartition(".")[::2]
        if suffix not in renderers:
            name, suffix = method, "json"
        self.requested = name
        request.accepted_renderer = renderers[suffix]
        request.accepted_media_type = renderers[suffix].media_type
        if (request.method or "").lower() not in self.http_method_names:
            raise VerbNotAllowedError
        if request.method != "OPTIONS":
            self._prepare(request, name, captured)

    @sensitive_variables()
    def _prepare(self, request: Request, name: str, captured: dict[str, Any]) -> None:
        if conf.require_https and not request.is_secure():
            raise HttpsRequiredError
        http_request = request._request  # noqa: SLF001
        parameters = read_parameters(http_request)
        method_class = self.methods.get(name)
        # The project's prefix may capture other parts.
        webhook = {part: captured[part] for part in ("user_id", "secret") if part in captured}
        token = find_token(http_request, parameters)
        check_waiting(webhook.get("secret", token))
        try:
            caller = authenticate(http_request, token, **webhook)
        except (KnownCredentialError, UnknownTokenError, UnknownWebhookError) as error:
            facts = {"credential": "access", "named": "", **getattr(error, "facts", {})}
            if "secret" in webhook:
                facts |= {"credential": "webhook", "named": f"webhooks of {webhook['user_id']}"}
            report_refusal(error.code, http_request, method_class.name, **facts)
            raise
        count_call(caller, http_request, method_class.name, webhook.get("secret", token))
        request.user, request.auth = caller.user or AnonymousUser(), caller
        given = Parameters(without_tokens(parameters.query), without_tokens(parameters.body))
        self.method = method_class(request=request, caller=caller, parameters=given)
        self.method.check_permissions()

    def post(self, request: Request, **_: Any) -> Response:
        assert self.method is not None  # noqa: S101
        self.timing.processing_starts()
        return Response(self.timing.success(self.method.run()))

    get = post

    def options(self, request: Any, *_: Any, **__: Any) -> Response:
        return Response(status=HTTPStatus.NO_CONTENT)

    def handle_exception(self, exc: Exception) -> Response:
        # Not a subclass: an unknown token was at least found, so the body was read.
        if type(exc) in _FOUND_NOTHING and is_json_read_as_form(self.request._request):  # noqa: SLF001
            msg = "The body was read as a form; send JSON with Content-Type: application/json"
            exc = InvalidRequestError(msg)
        refusal = refuse(exc)
        response = Response(refusal.body, status=refusal.status, headers=refusal.headers)
        response.log_level = refusal.level  # type: ignore[attr-defined]
        return response

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        final = super().finalize_response(request, response, *args, **kwargs)
        try:
            # Django would render too late to answer an error.
            final.render()
        except Exception as error:  # noqa: BLE001  the client gets the envelope
            return self.finalize_response(request, self.handle_exception(error))
        finish(request._request, final, self.methods.describe(self.requested))  # noqa: SLF001
        return final
