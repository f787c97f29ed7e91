"""Who calls: the application, the user and the rights behind a credential."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self

from oauth2_provider.models import AbstractAccessToken

from django_user_options.conf import conf

if TYPE_CHECKING:
    from django.http import HttpRequest
    from rest_framework.request import Request

    from django_user_options.models import InboundWebhook


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The identity that one credential gives, found once per request.

    Attributes:
        credential: What kind of credential it was.
        credential_id: The primary key of the access token's or the webhook's record.
        application: The OAuth application, if there is one.
        user: The user it acts as, if there is one.
        scopes: The scopes it holds.
        may_administrate: Whether its user's administrator rights reach through it.
    """

    credential: Literal["access", "webhook"]
    credential_id: Any
    application: Any
    user: Any
    scopes: frozenset[str]
    may_administrate: bool

    @classmethod
    def from_access_token(cls, token: Any) -> Self:
        """Return the caller behind a valid token of django-oauth-toolkit.

        A token without a user, as client credentials give, acts as the application's owner.
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

        The vendor's own server gives no webhook an application, and so does its dialect.
        """
        return cls(
            credential="webhook",
            credential_id=webhook.pk,
            application=None if conf.dialect == "live" else webhook.application,
            user=webhook.owner,
            scopes=frozenset(webhook.scope.split()),
            may_administrate=webhook.allow_admin,
        )

    @classmethod
    def of(cls, request: HttpRequest | Request) -> Self | None:
        """Return the caller of a request, also of one that the toolkit authenticated.

        None where the request carries no credential of either kind.
        """
        auth = getattr(request, "auth", None)
        if isinstance(auth, cls):
            return auth
        return cls.from_access_token(auth) if isinstance(auth, AbstractAccessToken) else None
