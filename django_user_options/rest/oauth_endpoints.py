"""Where the vendor's SDKs ask for consent and for tokens, in front of django-oauth-toolkit's views.

SDKs leave out `response_type`, send their parameters by GET or POST, and read more than RFC 6749
returns. These views turn their calls into what the toolkit accepts, let the toolkit decide, and
extend its answers. Source: apidocs.bitrix24.com, settings/oauth.
"""

from __future__ import annotations

import copy
import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError
from django.http import HttpResponse, JsonResponse
from django.urls import NoReverseMatch, reverse
from django.utils.crypto import salted_hmac
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from oauth2_provider.models import get_application_model
from oauth2_provider.views import AuthorizationView
from oauthlib.common import add_params_to_uri

from django_user_options.conf import conf
from django_user_options.rest.access_tokens import load_issued_token
from django_user_options.rest.envelope import finish, refuse
from django_user_options.rest.parsers import read_parameters
from django_user_options.rest.refusals import HttpsRequiredError, VerbNotAllowedError
from django_user_options.rest.throttle import check_failures, report_refusal
from django_user_options.rest.token_exchange import ToolkitTokenView, form_request, read_form

if TYPE_CHECKING:
    from django.http import HttpRequest

_NAME = "token endpoint"
_ALLOW = "GET, POST, OPTIONS"
_GRANT_TYPES = ("authorization_code", "refresh_token")
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
        form = read_form(request, read_parameters(request))
        if form.get("grant_type") not in _GRANT_TYPES:
            return _oauth_error("unsupported_grant_type")
        endpoint = rest_endpoint(request)
        client_id = form.get("client_id", "")
        check_failures(request, _NAME, named=client_id)
        try:
            response: HttpResponse = ToolkitTokenView.as_view()(form_request(request, form))
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


class SdkAuthorizationView(AuthorizationView):  # type: ignore[misc]
    """The toolkit's page of consent; its rules apply, such as which clients must use PKCE."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask for a code if the client does not say what it wants."""
        query = request.GET.copy()
        query.setdefault("response_type", "code")
        # The toolkit reads both.
        self.request = copy.copy(request)
        self.request.GET = query  # type: ignore[assignment]
        self.request.META = {**request.META, "QUERY_STRING": query.urlencode()}
        response: HttpResponse = super().get(self.request, *args, **kwargs)
        return response

    def create_authorization_response(
        self, request: HttpRequest, scopes: str, credentials: dict[str, Any], *, allow: bool
    ) -> tuple[Any, ...]:
        """Return the toolkit's answer, its redirect with the parameters that the vendor's has."""
        uri, *rest = super().create_authorization_response(request, scopes, credentials, allow)
        facts = {
            "domain": request.get_host(),
            "member_id": member_id(),
            # The vendor's SDKs split scopes at commas.
            "scope": ",".join(scopes.split()),
            "server_domain": request.get_host(),
        }
        return (add_params_to_uri(uri, facts.items()), *rest)
