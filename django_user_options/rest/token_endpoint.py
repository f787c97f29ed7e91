"""The token endpoint for the vendor's SDKs, in front of django-oauth-toolkit's own.

SDKs send their parameters by GET or POST and read more than RFC 6749 returns. This view turns their
call into the form that the toolkit accepts, lets the toolkit decide, and extends its answer.
Source: apidocs.bitrix24.com, settings/oauth.
"""

from __future__ import annotations

import copy
import json
from base64 import b64decode
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote_plus

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError
from django.http import HttpResponse, JsonResponse, QueryDict
from django.urls import NoReverseMatch, reverse
from django.utils.crypto import salted_hmac
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from oauth2_provider.models import get_application_model

from django_user_options.conf import conf
from django_user_options.rest.access_tokens import load_issued_token
from django_user_options.rest.envelope import finish, refuse
from django_user_options.rest.parsers import read_parameters
from django_user_options.rest.refusals import (
    HttpsRequiredError,
    InvalidRequestError,
    VerbNotAllowedError,
)
from django_user_options.rest.throttle import check_failures, report_refusal
from django_user_options.rest.token_exchange import ToolkitTokenView

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

    from django_user_options.rest.parsers import Parameters

_NAME = "token endpoint"
_ALLOW = "GET, POST, OPTIONS"
_GRANT_TYPES = ("authorization_code", "refresh_token")
_SECRETS = ("client_secret", "code", "code_verifier", "refresh_token")
_FORWARDED = ("grant_type", "client_id", "redirect_uri", *_SECRETS)
_REFUSED_CREDENTIALS = ("invalid_client", "invalid_grant")
# Errors that the toolkit does not describe; the vendor's SDKs expect a description.
_DESCRIPTIONS = {
    "invalid_client": "The client id or the client secret is wrong",
    "invalid_grant": "The code or the refresh token is wrong, has expired or was already used",
    "unsupported_grant_type": f"grant_type must be {' or '.join(_GRANT_TYPES)}",
    "unauthorized_client": "The application may not use this grant_type",
}


@method_decorator(login_not_required, name="dispatch")
@method_decorator(csrf_exempt, name="dispatch")
@method_decorator(sensitive_post_parameters(), name="dispatch")
class SdkTokenView(View):
    """Exchanges a code or a refresh token; refuses everything that the toolkit refuses."""

    http_method_names = ("get", "post", "options")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = cast("HttpResponse", super().dispatch(request, *args, **kwargs))
        except Exception as error:  # noqa: BLE001  the client gets JSON for any error
            response = _error_response(error)
        finish(request, response, _NAME)
        return response

    def http_method_not_allowed(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        response = _error_response(VerbNotAllowedError())
        response["Allow"] = _ALLOW
        return response

    @sensitive_variables()
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if conf.require_https and not request.is_secure():
            raise HttpsRequiredError
        form = _read_form(request, read_parameters(request))
        if form.get("grant_type") not in _GRANT_TYPES:
            return _oauth_error("unsupported_grant_type")
        endpoint = rest_endpoint(request)
        client_id = form.get("client_id", "")
        check_failures(request, _NAME, named=client_id)
        try:
            response: HttpResponse = ToolkitTokenView.as_view()(_form_request(request, form))
        except (ObjectDoesNotExist, IntegrityError):
            # Another exchange of the same code won, or the user or the application was deleted.
            return _oauth_error("invalid_grant")
        answer = json.loads(response.content)
        if answer.get("error") in _REFUSED_CREDENTIALS:
            client = get_application_model().objects.filter(client_id=client_id).first()
            facts = {"credential": "client", "credential_id": client and client.pk}
            report_refusal(
                answer["error"], request, _NAME, named=client_id, application=client, **facts
            )
        if response.status_code == HTTPStatus.OK:
            places = {"client_endpoint": endpoint, "server_endpoint": endpoint}
            answer.update(places, **_describe_grant(request, answer["access_token"]))
            # The vendor's SDKs split scopes at commas.
            answer["scope"] = ",".join(answer["scope"].split())
        else:
            answer.setdefault("error_description", _description(answer["error"]))
        response.content = json.dumps(answer).encode()
        # The toolkit leaves it out if the code was used meanwhile.
        response["Content-Type"] = "application/json"
        return response

    get = post

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"Allow": _ALLOW})
        del response["Content-Type"]
        return response


def _oauth_error(error: str) -> HttpResponse:
    body = {"error": error, "error_description": _description(error)}
    return JsonResponse(body, status=HTTPStatus.BAD_REQUEST)


def _description(error: str) -> str:
    return _DESCRIPTIONS.get(error, "The request was refused")


def _error_response(error: Exception) -> HttpResponse:
    """Return an error response of RFC 6749, which has one code for all bad requests."""
    refusal = refuse(error)
    ours = refusal.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    name = refusal.body["error"] if ours else "invalid_request"
    body = {"error": name, "error_description": refusal.body["error_description"]}
    response = JsonResponse(body, status=refusal.status, headers=refusal.headers)
    response.log_level = refusal.level  # type: ignore[attr-defined]
    return response


def _read_form(request: HttpRequest, parameters: Parameters) -> dict[str, str]:
    """Return the parameters for the toolkit, including the client's credentials.

    Raises:
        InvalidRequestError: A parameter is not printable ASCII, is sent twice, or is sent where the
            project forbids it.
    """
    if not conf.token_in_query and not parameters.query.keys().isdisjoint(_SECRETS):
        msg = f"Send {', '.join(_SECRETS)} in the body, not in the query"
        raise InvalidRequestError(msg)
    sent = {name: parameters.merged[name] for name in _FORWARDED if name in parameters.merged}
    for name in sent:
        if name in parameters.repeated:
            msg = f"The request has more than one {name}"
            raise InvalidRequestError(msg)
    form = _with_basic(request, sent)
    for name, value in form.items():
        # RFC 6749 allows only printable ASCII; databases refuse some other characters.
        if not (isinstance(value, str) and value.isascii() and value.isprintable()):
            msg = f"{name} must be a string of printable ASCII"
            raise InvalidRequestError(msg)
    return form


def _with_basic(request: HttpRequest, sent: dict[str, Any]) -> dict[str, Any]:
    """Add the credentials of an `Authorization: Basic` header.

    The toolkit would check the header and then the body, and hash a wrong secret twice. RFC 6749,
    section 2.3, allows a client only one of the two.
    """
    scheme, _, encoded = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "basic":
        return sent
    try:
        # RFC 6749, section 2.3.1: form-encoded first.
        client_id, secret = map(unquote_plus, b64decode(encoded).decode().split(":", 1))
    except ValueError:
        msg = "The Authorization header is not valid for the scheme Basic"
        raise InvalidRequestError(msg) from None
    if "client_secret" in sent or sent.get("client_id", client_id) != client_id:
        msg = "Send the client's credentials in the Authorization header or as parameters, not both"
        raise InvalidRequestError(msg)
    return {**sent, "client_id": client_id, "client_secret": secret}


def _form_request(request: HttpRequest, form: Mapping[str, str]) -> HttpRequest:
    """Return the request as a form POST, the only kind that the toolkit reads."""
    posted = copy.copy(request)
    posted.method = "POST"
    posted.META = {**request.META, "REQUEST_METHOD": "POST", "QUERY_STRING": ""}
    posted.META.pop("HTTP_AUTHORIZATION", None)
    data = QueryDict(mutable=True)
    data.update(form)
    posted.POST = data  # type: ignore[assignment]
    return posted


def rest_endpoint(request: HttpRequest) -> str:
    """Return the URL under which the project includes the REST methods.

    The view needs it before the exchange, which uses up the client's code or refresh token.

    Raises:
        NoReverseMatch: The project does not include them.
    """
    match = request.resolver_match
    captured = match.kwargs if match else {}
    try:
        path = reverse("django_user_options:method", kwargs={**captured, "method": "profile"})
    except NoReverseMatch:
        # The methods' prefix may not capture the same parts as this one.
        path = reverse("django_user_options:method", kwargs={"method": "profile"})
    return request.build_absolute_uri(path.removesuffix("profile"))


def _describe_grant(request: HttpRequest, access_token: str) -> dict[str, Any]:
    """Return what the vendor's SDKs read besides the tokens."""
    token: Any = load_issued_token(access_token)
    user_id = token.user_id or token.application.user_id
    return {
        "expires": int(token.expires.timestamp()),
        "domain": request.get_host(),
        "member_id": member_id(),
        "user_id": user_id if isinstance(user_id, int) else str(user_id),
        # A local application, the only kind that a project has.
        "status": "L",
    }


def member_id() -> str:
    """Return the stable id of this installation."""
    derived = salted_hmac("django_user_options", "member_id", algorithm="sha256").hexdigest()
    return conf.member_id or derived[:32]
