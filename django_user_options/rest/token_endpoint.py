"""The token endpoint as the vendor's SDKs call it, in front of django-oauth-toolkit's own.

SDKs send their parameters by GET or POST and read more than RFC 6749 answers. This view
turns their call into the form that the toolkit takes, lets the toolkit decide, and adds to
what it answers. Source: apidocs.bitrix24.com, settings/oauth.
"""

from __future__ import annotations

import copy
import hashlib
import json
import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, JsonResponse, QueryDict
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.models import get_access_token_model
from oauth2_provider.views import TokenView

from django_user_options.conf import conf
from django_user_options.rest.envelope import refuse
from django_user_options.rest.exceptions import InvalidRequestError
from django_user_options.rest.parsers import read_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

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

    def post(self, request: HttpRequest) -> HttpResponse:
        """Answer with the tokens and with where to use them."""
        try:
            response = self._exchange(request)
        except Exception as error:  # noqa: BLE001
            refusal = refuse(error)
            body = {**refusal.body, "error": refusal.body["error"].lower()}
            response = JsonResponse(body, status=refusal.status, headers=refusal.headers)
        response["Cache-Control"] = "no-store"
        return response

    get = post

    def _exchange(self, request: HttpRequest) -> HttpResponse:
        parameters = read_parameters(request).merged
        form = {name: _text(parameters[name], name) for name in _FORWARDED if name in parameters}
        if form.get("grant_type") not in _GRANT_TYPES:
            return JsonResponse({"error": "unsupported_grant_type"}, status=400)
        response: HttpResponse = TokenView.as_view()(_form_request(request, form))
        if response.status_code != HTTPStatus.OK:
            return response
        tokens = json.loads(response.content)
        return JsonResponse({**tokens, **_installation(request, tokens["access_token"])})


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


def _installation(request: HttpRequest, access_token: str) -> dict[str, Any]:
    """Return what the vendor's SDKs read beside the tokens."""
    checksum = hashlib.sha256(access_token.encode()).hexdigest()
    token = get_access_token_model().objects.get(token_checksum=checksum)
    user_id = token.user_id or token.application.user_id
    prefix = reverse("django_user_options:method", kwargs={"method": "profile"})
    endpoint = request.build_absolute_uri(prefix.removesuffix("profile"))
    domain = request.get_host()
    return {
        "expires": int(token.expires.timestamp()),
        "domain": domain,
        "client_endpoint": endpoint,
        "server_endpoint": endpoint,
        "member_id": conf.member_id or uuid.uuid5(uuid.NAMESPACE_DNS, domain).hex,
        "user_id": user_id if isinstance(user_id, int) else str(user_id),
        # A local application, the one kind that a host of its own has.
        "status": "L",
    }
