"""The token endpoint as the vendor's SDKs call it, in front of django-oauth-toolkit's own.

SDKs send their parameters by GET or POST and read more than RFC 6749 answers. This view
turns their call into the form that the toolkit takes, lets the toolkit decide, and adds to
what it answers. Source: apidocs.bitrix24.com, settings/oauth.
"""

from __future__ import annotations

import copy
import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from django.http import HttpResponse, JsonResponse, QueryDict
from django.urls import NoReverseMatch, reverse
from django.utils.crypto import salted_hmac
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.views import TokenView

from django_user_options.conf import conf
from django_user_options.rest.access_tokens import load_access_token
from django_user_options.rest.envelope import finish, refuse
from django_user_options.rest.parsers import read_parameters
from django_user_options.rest.refusals import (
    HttpsRequiredError,
    InvalidRequestError,
    VerbNotAllowedError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

_ALLOW = "GET, POST, OPTIONS"
_GRANT_TYPES = ("authorization_code", "refresh_token")
_FORWARDED = (
    "grant_type",
    "client_id",
    "client_secret",
    "code",
    "code_verifier",
    "redirect_uri",
    "refresh_token",
)


@method_decorator(csrf_exempt, name="dispatch")
class SdkTokenView(View):
    """Exchanges a code or a refresh token; refuses whatever the toolkit refuses."""

    http_method_names = ("get", "post", "options")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer every error as JSON, and keep the address out of caches and logs."""
        try:
            response = cast("HttpResponse", super().dispatch(request, *args, **kwargs))
        except Exception as error:  # noqa: BLE001
            response = _error_response(error)
        finish(request, response, "token endpoint")
        return response

    def http_method_not_allowed(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Name the verbs that are allowed, in JSON."""
        response = _error_response(VerbNotAllowedError())
        response["Allow"] = _ALLOW
        return response

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with the tokens and with where to use them.

        Raises:
            CallRefusedError: The call cannot be read, or came over plain HTTP where HTTPS is
                required.
        """
        if conf.require_https and not request.is_secure():
            raise HttpsRequiredError
        parameters = read_parameters(request).merged
        form = {name: _text(parameters[name], name) for name in _FORWARDED if name in parameters}
        if form.get("grant_type") not in _GRANT_TYPES:
            return JsonResponse({"error": "unsupported_grant_type"}, status=400)
        endpoint = _rest_endpoint(request)
        response: HttpResponse = TokenView.as_view()(_form_request(request, form))
        if response.status_code != HTTPStatus.OK:
            return response
        tokens = json.loads(response.content)
        places = {"client_endpoint": endpoint, "server_endpoint": endpoint}
        return JsonResponse({**tokens, **places, **_grant(request, tokens["access_token"])})

    get = post

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Tell the verbs."""
        response = HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"Allow": _ALLOW})
        del response["Content-Type"]
        return response


def _error_response(error: Exception) -> HttpResponse:
    """Return the refusal in the words of RFC 6749, which calls what is unreadable one thing."""
    refusal = refuse(error)
    ours = refusal.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    name = refusal.body["error"].lower() if ours else "invalid_request"
    body = {"error": name, "error_description": refusal.body["error_description"]}
    return JsonResponse(body, status=refusal.status, headers=refusal.headers)


def _text(value: object, name: str) -> str:
    # RFC 6749 has printable ASCII in all of them; databases refuse some of the rest.
    if isinstance(value, str) and value.isascii() and value.isprintable():
        return value
    msg = f"{name} must be a string of printable ASCII"
    raise InvalidRequestError(msg)


def _form_request(request: HttpRequest, form: Mapping[str, str]) -> HttpRequest:
    """Return the request as a form post without a query, which is all that the toolkit reads."""
    posted = copy.copy(request)
    posted.method = "POST"
    posted.META = {**request.META, "REQUEST_METHOD": "POST", "QUERY_STRING": ""}
    data = QueryDict(mutable=True)
    data.update(form)
    posted.POST = data  # type: ignore[assignment]
    return posted


def _rest_endpoint(request: HttpRequest) -> str:
    """Return the address under which the host includes the REST methods.

    Asked for before the exchange, which would spend the client's code or refresh token.

    Raises:
        NoReverseMatch: The host does not include them.
    """
    match = request.resolver_match
    captured = match.kwargs if match else {}
    try:
        path = reverse("django_user_options:method", kwargs={**captured, "method": "profile"})
    except NoReverseMatch:
        # What this prefix captures, that of the methods need not.
        path = reverse("django_user_options:method", kwargs={"method": "profile"})
    return request.build_absolute_uri(path.removesuffix("profile"))


def _grant(request: HttpRequest, access_token: str) -> dict[str, Any]:
    """Return what else the vendor's SDKs read beside the tokens."""
    token: Any = load_access_token(access_token)
    user_id = token.user_id or token.application.user_id
    return {
        "expires": int(token.expires.timestamp()),
        "domain": request.get_host(),
        "member_id": conf.member_id or _derived_member_id(),
        "user_id": user_id if isinstance(user_id, int) else str(user_id),
        # A local application, the one kind that a host of its own has.
        "status": "L",
    }


def _derived_member_id() -> str:
    salted = salted_hmac("django_user_options", "member_id", algorithm="sha256")
    return salted.hexdigest()[:32]
