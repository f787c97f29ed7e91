"""The caller: the application, user and rights behind a credential, and the network address."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING, Any, Literal, Self

from django.contrib.auth import get_user_model
from oauth2_provider.models import AbstractAccessToken, get_application_model
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

from django_user_options.conf import conf
from django_user_options.owners import unfiltered
from django_user_options.rest.dialects import dialect

if TYPE_CHECKING:
    from django.http import HttpRequest
    from rest_framework.request import Request

    from django_user_options.models import InboundWebhook


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The identity behind one credential, found once per request.

    Attributes:
        credential: What kind of credential it was.
        credential_id: The primary key of the access token's or the webhook's record.
        application: The OAuth application, if there is one.
        user: The user it acts as, if there is one.
        scopes: The scopes it holds.
        may_administrate: Whether it carries its user's administrator rights.
        allowed_methods: The methods that it may call, in lower case; an empty set means all.
    """

    credential: Literal["access", "webhook"]
    credential_id: Any
    application: Any
    user: Any
    scopes: frozenset[str]
    may_administrate: bool
    allowed_methods: frozenset[str] = frozenset()

    @classmethod
    def from_access_token(cls, token: Any) -> Self:
        """Return the caller behind a valid token of django-oauth-toolkit.

        A token without a user, as from client credentials, acts as the application's owner.
        """
        application = token.application
        headless = token.user_id is None
        return cls(
            credential="access",
            credential_id=token.pk,
            application=application,
            user=application.user if headless and application else token.user,
            scopes=frozenset(token.scope.split()),
            may_administrate=not headless
            or (
                application is not None and application.client_id in conf.administrator_applications
            ),
        )

    @classmethod
    def from_webhook(cls, webhook: InboundWebhook) -> Self:
        """Return the caller behind a usable webhook.

        In the live dialect, it has no application, as at the vendor.
        """
        return cls(
            credential="webhook",
            credential_id=webhook.pk,
            application=webhook.application if dialect().webhooks_have_application else None,
            user=webhook.owner,
            scopes=frozenset(webhook.scope.split()),
            may_administrate=webhook.allow_admin,
            allowed_methods=frozenset(webhook.allowed_methods.lower().split()),
        )

    @property
    def facts(self) -> dict[str, Any]:
        """What a security report says about the caller."""
        names = ("credential", "credential_id", "application", "user")
        return {name: getattr(self, name) for name in names}

    def may_call(self, method: str) -> bool:
        """Return whether the credential is not limited to other methods."""
        return not self.allowed_methods or method.lower() in self.allowed_methods

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle primary keys only, because the records contain secrets and a password.

        Unpickling reads the records again; a deleted record becomes None.
        """
        kept = {name: getattr(self, name) for name in self.__slots__}
        records = kept.pop("application"), kept.pop("user")
        return self._unpickled, ([getattr(record, "pk", None) for record in records], kept)

    @classmethod
    def _unpickled(cls, pks: list[Any], kept: dict[str, Any]) -> Self:
        application, user = (
            None if pk is None else unfiltered(model).filter(pk=pk).first()
            for model, pk in zip((get_application_model(), get_user_model()), pks, strict=True)
        )
        return cls(application=application, user=user, **kept)

    @classmethod
    def of(cls, request: HttpRequest | Request) -> Self | None:
        """Return the caller of a request, even if the toolkit authenticated it.

        None if the request has neither kind of credential.
        """
        auth = getattr(request, "auth", None)
        if isinstance(auth, cls):
            return auth
        return cls.from_access_token(auth) if isinstance(auth, AbstractAccessToken) else None


def client_address(request: HttpRequest) -> str:
    """Return the IP address of the client, or an empty text if it is unknown.

    REST framework's setting `NUM_PROXIES` says how many proxies append to `X-Forwarded-For`.
    Without it, this is the address of the peer, because any client can send that header.
    """
    peer = request.META.get("REMOTE_ADDR")
    # REST framework annotates its own requests, but reads only what Django's have.
    given = peer if api_settings.NUM_PROXIES is None else BaseThrottle().get_ident(request)  # type: ignore[arg-type]
    try:
        # Without the zone, which is of any length and means something on this machine only.
        address = ip_address((given or "").partition("%")[0])
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)
