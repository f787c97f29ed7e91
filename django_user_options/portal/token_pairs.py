"""The tokens with which an application in a frame acts for the user who opened it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import router, transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from oauth2_provider.models import get_refresh_token_model
from oauth2_provider.scopes import get_scopes_backend
from oauth2_provider.settings import oauth2_settings
from oauthlib.common import Request as OAuthlibRequest

from django_user_options.owners import unfiltered
from django_user_options.portal.models import ApplicationVisit
from django_user_options.rest.access_tokens import load_issued_token

if TYPE_CHECKING:
    from django.db.models import Model

# As at the vendor.
_LONGEST_LIFE = 3600


@dataclass(frozen=True, slots=True)
class TokenPair:
    """An access token and what renews it."""

    access: Any
    access_text: str = field(repr=False)
    refresh_text: str = field(repr=False)

    def __reduce__(self) -> Any:
        msg = "Tokens are not pickled; issue the pair again"
        raise TypeError(msg)

    @property
    def seconds_left(self) -> int:
        """Whole seconds until the access token expires."""
        return int((self.access.expires - timezone.now()).total_seconds())


@sensitive_variables()
def live_pair(application: Model, user: Any) -> tuple[ApplicationVisit, TokenPair]:
    """Return the user's visit and a pair with at least half of its life left.

    All tabs of a user share a pair. An old access token is not revoked, because a tab may still use
    it. The refresh token then belongs to the new one, so `cleartokens` deletes the old one once it
    has expired.
    """
    alias = router.db_for_write(ApplicationVisit)
    visits = ApplicationVisit.objects.using(alias)
    scopes = get_scopes_backend().get_default_scopes(application=application)
    # Committed first: on MariaDB, two transactions that lock a missing row would deadlock.
    found, _ = visits.get_or_create(application=application, user=user)
    with transaction.atomic(using=alias):
        visit = visits.select_for_update().get(pk=found.pk)
        refresh = visit.refresh_token
        if refresh is None or refresh.revoked or not refresh.token:
            pair = _issue(application, user, scopes)
            visit.refresh_token = unfiltered(get_refresh_token_model(), using=alias).get(
                access_token=pair.access
            )
            visit.save(update_fields=["refresh_token"])
        elif _is_fresh(refresh.access_token, scopes):
            pair = TokenPair(refresh.access_token, refresh.access_token.token, refresh.token)
        else:
            pair = _issue(application, user, scopes, refresh_text=refresh.token)
            refresh.access_token = pair.access
            refresh.save(update_fields=["access_token", "updated"])
    # So that nobody reads them again.
    pair.access.application, pair.access.user = application, user
    return visit, pair


def _is_fresh(access: Any, scopes: list[str]) -> bool:
    return (
        access is not None
        # With COMPLIANT_BCP_RFC9700_TOKEN_STORAGE, the toolkit keeps only its checksum.
        and bool(access.token)
        and access.expires > timezone.now() + timedelta(seconds=_lifetime() / 2)
        and access.scope.split() == list(scopes)
    )


def _lifetime() -> int:
    return min(_LONGEST_LIFE, int(oauth2_settings.ACCESS_TOKEN_EXPIRE_SECONDS))


@sensitive_variables()
def _issue(
    application: Model, user: Any, scopes: list[str], *, refresh_text: str = ""
) -> TokenPair:
    """Let the toolkit issue an access token and, unless its text is given, a refresh token."""
    validator = oauth2_settings.OAUTH2_VALIDATOR_CLASS()
    server = oauth2_settings.OAUTH2_SERVER_CLASS(
        validator, **{**oauth2_settings.server_kwargs, "token_expires_in": _lifetime()}
    )
    request = OAuthlibRequest("/")
    request.client, request.user, request.scopes = application, user, list(scopes)
    token = server.bearer.create_token(request, refresh_token=not refresh_text)
    validator.save_token(token, request)
    access = load_issued_token(token["access_token"])
    return TokenPair(access, token["access_token"], refresh_text or token["refresh_token"])
