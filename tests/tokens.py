"""Refresh tokens, as the toolkit would have issued them with an access token."""

from __future__ import annotations

import secrets

from oauth2_provider.models import get_access_token_model, get_refresh_token_model


def issue_refresh_token(access_token: str) -> str:
    """Return a refresh token that belongs to the access token."""
    access = get_access_token_model().objects.get(token=access_token)
    return (
        get_refresh_token_model()
        .objects.create(
            application=access.application,
            user=access.user,
            token=secrets.token_urlsafe(24),
            access_token=access,
        )
        .token
    )
