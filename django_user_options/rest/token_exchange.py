"""Exchanging codes and refresh tokens: the SDKs' request as a form, and rules for the validator.

They apply only to the SDKs' token endpoint; the toolkit's own endpoint is unchanged.
"""

from __future__ import annotations

import copy
import json
from base64 import b64decode
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from django.contrib.auth.hashers import identify_hasher, make_password
from django.db import router, transaction
from django.db.models import Q
from django.http import HttpResponse, QueryDict
from django.views.decorators.debug import sensitive_variables
from oauth2_provider.models import get_access_token_model, get_refresh_token_model
from oauth2_provider.settings import oauth2_settings
from oauth2_provider.signals import app_authorized
from oauth2_provider.views import TokenView
from oauthlib.oauth2.rfc6749.errors import InvalidGrantError

from django_user_options.conf import conf
from django_user_options.rest.access_tokens import combined, load_issued_token
from django_user_options.rest.authentication import credentials_in_header
from django_user_options.rest.refusals import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

    from django_user_options.rest.parsers import Parameters

_SECRETS = ("client_secret", "code", "code_verifier", "refresh_token")
_FORWARDED = ("grant_type", "client_id", "redirect_uri", *_SECRETS)


class ToolkitTokenView(TokenView):  # type: ignore[misc]
    """The toolkit's token view with the rules of this module."""

    @classmethod
    def get_validator_class(cls) -> type:
        return combined(ExchangeRules, super().get_validator_class())

    @classmethod
    def get_oauthlib_core(cls) -> Any:
        # The toolkit would use the core of its own view from the base class.
        return cls.get_oauthlib_backend_class()(cls.get_server())

    @sensitive_variables()
    def authorization_flow_token_response(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Answer as the toolkit does, which would look for the new token in a replica."""
        _, headers, body, status = self.create_token_response(request)
        if status == HTTPStatus.OK:
            token = load_issued_token(json.loads(body)["access_token"])
            app_authorized.send(sender=self, request=request, token=token)
        return HttpResponse(body, status=status, headers=headers)


class ExchangeRules:
    """The endpoint's additions; all overridden methods are public in oauthlib's validator."""

    def authenticate_client(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        """Hash once for any wrong secret, so that timing does not reveal which clients exist."""
        if super().authenticate_client(request, *args, **kwargs):  # type: ignore[misc]
            return True
        try:
            # The toolkit has hashed the secret if it stores a hash.
            identify_hasher(request.client.client_secret if request.client else "")
        except ValueError:
            make_password(request.client_secret or "", hasher=oauth2_settings.CLIENT_SECRET_HASHER)
        return False

    def validate_code(
        self, client_id: str, code: str, client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        """Refuse and invalidate the code of a deactivated user."""
        rules: Any = super()
        if not rules.validate_code(client_id, code, client, request, *args, **kwargs):
            return False
        if not request.user.is_active:
            rules.invalidate_authorization_code(client_id, code, request)
        return bool(request.user.is_active)

    def validate_refresh_token(
        self, refresh_token: str, client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        """Refuse the token of a deactivated user, and revoke all tokens from the same consent."""
        rules: Any = super()
        if not rules.validate_refresh_token(refresh_token, client, request, *args, **kwargs):
            return False
        if request.user.is_active:
            return True
        used, model = request.refresh_token_instance, get_refresh_token_model()
        family = Q(pk=used.pk)
        if used.token_family is not None:
            family |= Q(token_family=used.token_family)
        members = model.objects.using(router.db_for_write(model)).filter(family)
        linked = members.exclude(access_token=None)
        access_tokens = list(linked.values_list("access_token", flat=True))
        for member in members.filter(revoked=None):
            member.revoke()
        get_access_token_model().objects.filter(pk__in=access_tokens).delete()
        return False

    def save_bearer_token(self, token: Any, request: Any, *args: Any, **kwargs: Any) -> None:
        """Save the new pair, and keep the previous access token until it expires.

        Workers and browser tabs share a pair. The toolkit deletes the access token that is linked
        to the refresh token, so the link is removed while it saves. It is restored afterwards, so
        that revoking the refresh token's family also ends this access token.

        Raises:
            InvalidGrantError: Within the grace period, the toolkit would return the previous
                tokens, but it keeps only their hashes.
        """
        used: Any = getattr(request, "refresh_token_instance", None)
        before = getattr(used, "access_token_id", None)
        same = get_refresh_token_model().objects.filter(pk=used and used.pk)
        access_tokens = get_access_token_model().objects
        with transaction.atomic(using=router.db_for_write(access_tokens.model)):
            if before:
                same.update(access_token=None)
                used.access_token = None
            super().save_bearer_token(token, request, *args, **kwargs)  # type: ignore[misc]
            if not token["access_token"]:
                raise InvalidGrantError(request=request)
            if before and access_tokens.select_for_update().filter(pk=before).exists():
                same.update(access_token=before)


def read_form(request: HttpRequest, parameters: Parameters) -> dict[str, str]:
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
    found = credentials_in_header(request, "basic")
    if not found:
        return sent
    try:
        (encoded,) = found
        # RFC 6749, section 2.3.1: form-encoded first.
        client_id, secret = map(unquote_plus, b64decode(encoded).decode().split(":", 1))
    except ValueError:
        msg = "The Authorization header is not valid for the scheme Basic"
        raise InvalidRequestError(msg) from None
    if "client_secret" in sent or sent.get("client_id", client_id) != client_id:
        msg = "Send the client's credentials in the Authorization header or as parameters, not both"
        raise InvalidRequestError(msg)
    return {**sent, "client_id": client_id, "client_secret": secret}


def form_request(request: HttpRequest, form: Mapping[str, str]) -> HttpRequest:
    """Return the request as a form POST, the only kind that the toolkit reads."""
    posted = copy.copy(request)
    posted.method = "POST"
    posted.META = {**request.META, "REQUEST_METHOD": "POST", "QUERY_STRING": ""}
    posted.META.pop("HTTP_AUTHORIZATION", None)
    data = QueryDict(mutable=True)
    data.update(form)
    posted.POST = data  # type: ignore[assignment]
    return posted
