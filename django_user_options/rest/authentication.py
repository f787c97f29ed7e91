"""Finds the caller behind a credential: an OAuth access token or an inbound webhook.

The project's django-oauth-toolkit validator checks a token, so expiry, introspection, audience and
`is_usable` work as in the rest of the project. Only oauthlib's request parsing is left out, because
the vendor's clients put the token where oauthlib does not look.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ObjectDoesNotExist
from django.utils.crypto import constant_time_compare
from django.views.decorators.debug import sensitive_variables
from oauth2_provider.models import get_application_model
from oauthlib.common import Request as OAuthlibRequest

from django_user_options.conf import conf
from django_user_options.models import InboundWebhook
from django_user_options.rest.access_tokens import token_validator
from django_user_options.rest.caller import Caller, client_address
from django_user_options.rest.permissions import may_use
from django_user_options.rest.refusals import (
    AddressRefusedError,
    ExpiredTokenError,
    InactiveUserError,
    InvalidRequestError,
    NoAccessError,
    NoCredentialsError,
    UnknownTokenError,
    UnknownWebhookError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django.http import HttpRequest

    from django_user_options.rest.parsers import Parameters

TOKEN_PARAMETERS = ("auth", "access_token")


@sensitive_variables()
def authenticate(
    request: HttpRequest,
    token: str | None,
    *,
    user_id: str | None = None,
    secret: str | None = None,
) -> Caller:
    """Return the caller behind the request's one credential.

    `token` comes from `find_token`, `user_id` and `secret` from a webhook's path. This costs one
    query, one more if a token has no user of its own, and one more to distinguish an expired token
    from an unknown one. The first call of a webhook in a minute writes its last use.

    Raises:
        InvalidRequestError: There is both a token and a webhook.
        NoCredentialsError: There is no credential, or it is unknown.
        ExpiredTokenError: The token has expired.
        AddressRefusedError: The webhook may not be called from this address.
        InactiveUserError: Its user has been deactivated.
        NoAccessError: The project's `ACCESS_RULE` refuses the caller.
    """
    if secret is not None:
        if token is not None:
            # If the token were ignored, a call could act as a different user than its sender meant.
            msg = "Send either an access token or a webhook, not both"
            raise InvalidRequestError(msg)
        caller = _authenticate_webhook(request, user_id or "", secret)
    elif token is not None:
        caller = _authenticate_token(request, token)
    else:
        raise NoCredentialsError
    if caller.user is not None and not caller.user.is_active:
        raise InactiveUserError(**caller.facts)
    if not may_use(caller.application, caller.user):
        raise NoAccessError(**caller.facts)
    return caller


def without_tokens(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters without the access token, which no method needs."""
    return {name: value for name, value in values.items() if name not in TOKEN_PARAMETERS}


@sensitive_variables()
def find_token(request: HttpRequest, parameters: Parameters) -> str | None:
    """Return the request's one access token, if there is any.

    Raises:
        InvalidRequestError: Tokens contradict each other or are sent where the project forbids
            them.
    """
    in_query = list(_tokens(parameters.query))
    if in_query and not conf.token_in_query:
        msg = "Send the access token in the Authorization header or in the body, not in the query"
        raise InvalidRequestError(msg)
    found = {*_tokens(parameters.body), *in_query, *credentials_in_header(request, "bearer")}
    found.discard("")
    if len(found) > 1 or parameters.repeated.intersection(TOKEN_PARAMETERS):
        msg = "The request carries different access tokens; send one"
        raise InvalidRequestError(msg)
    return next(iter(found), None)


def credentials_in_header(request: HttpRequest, scheme: str) -> set[str]:
    """Return what the `Authorization` header has for a scheme, whose name is in lower case.

    Servers join several headers, for instance a gateway's and the client's, with commas.
    """
    header: str = request.META.get("HTTP_AUTHORIZATION", "")
    parts = (part.strip().partition(" ") for part in header.split(","))
    return {credential.strip() for name, _, credential in parts if name.lower() == scheme}


def _tokens(parameters: Mapping[str, Any]) -> Iterator[str]:
    for name in TOKEN_PARAMETERS:
        token = parameters.get(name)
        if token is None or token == "":
            continue
        if not isinstance(token, str):
            msg = f"{name} must be a string, an access token"
            raise InvalidRequestError(msg)
        yield token


@sensitive_variables()
def _authenticate_token(request: HttpRequest, token: str) -> Caller:
    # RFC 6750 tokens are ASCII; others could not be hashed for the lookup.
    if not token.isascii():
        raise UnknownTokenError
    validator = token_validator()
    oauth_request: Any = _RequestOnDemand(request)
    # No scopes here: the toolkit would introspect a token that lacks one. Permissions check them.
    if validator.validate_bearer_token(token, [], oauth_request):
        access_token = oauth_request.access_token
        if access_token.application is None and validator.client_id is not None:
            _give_application(access_token, validator.client_id, oauth_request)
        try:
            return Caller.from_access_token(access_token)
        except ObjectDoesNotExist as error:
            # The application's owner was deleted after the token had been read.
            raise UnknownTokenError from error
    known = validator._load_access_token(token)  # noqa: SLF001
    if known is not None and known.is_expired():
        raise ExpiredTokenError(
            credential_id=known.pk, application=known.application, user=known.user
        )
    raise UnknownTokenError


def _give_application(access_token: Any, client_id: str, request: Any) -> None:
    """Set the application of a token from another server to the one that the server named.

    Raises:
        UnknownTokenError: The application is not usable.
    """
    application = get_application_model().objects.filter(client_id=client_id).first()
    access_token.application = application
    # The toolkit stores the token until it expires, so later calls find the application.
    access_token.save(update_fields=["application"])
    if application is not None and not application.is_usable(request):
        raise UnknownTokenError


class _RequestOnDemand:
    """The request as an oauthlib object, built when the project's validator or application uses it.

    Few do, and building it takes 6% of the time of a call.
    """

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    def __getattr__(self, name: str) -> Any:
        return getattr(self._made, name)

    @cached_property
    def _made(self) -> Any:
        request = self._request
        return OAuthlibRequest(
            # Without the query, which oauthlib would parse and might refuse.
            uri=request.build_absolute_uri(request.path),
            http_method=request.method,
            headers={name: text for name, text in request.META.items() if isinstance(text, str)},
        )


@sensitive_variables()
def _authenticate_webhook(request: HttpRequest, user_id: str, secret: str) -> Caller:
    found = InboundWebhook.objects.with_secret(secret).select_related("owner", "application")
    webhook = found.first()
    # Django takes longer to put the state into the statement than the database to read the row.
    if webhook is None or webhook.state != "usable":
        raise UnknownWebhookError
    if not constant_time_compare(str(webhook.owner.pk), user_id):
        raise UnknownWebhookError
    address = client_address(request)
    if not webhook.allows_address(address):
        raise AddressRefusedError(**Caller.from_webhook(webhook).facts)
    InboundWebhook.objects.record_use(webhook, address)
    return Caller.from_webhook(webhook)
