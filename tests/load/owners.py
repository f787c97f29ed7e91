"""Owners of options, each with a token for application and user."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from oauth2_provider.models import get_access_token_model, get_application_model

from django_user_options.models import AppUserOption


@dataclass(frozen=True)
class Owner:
    application: Any
    user: Any
    token: str

    @property
    def options(self) -> Any:
        return AppUserOption.objects.for_owner(self.application, self.user)


def make_owner(application: Any = None, *, headless: bool = False) -> Owner:
    """Create a user with a token; without an application, create that, too.

    A headless token names no user and stands for the application's.
    """
    token = secrets.token_urlsafe(24)
    user = get_user_model().objects.create(username=secrets.token_hex(16))
    application = application or get_application_model().objects.create(
        name="Load",
        user=user if headless else None,
        client_type="confidential",
        authorization_grant_type="client-credentials",
        client_secret="secret",
        hash_client_secret=False,
    )
    get_access_token_model().objects.create(
        application=application,
        user=None if headless else user,
        token=token,
        scope="basic",
        expires=datetime.now(UTC) + timedelta(days=1),
    )
    return Owner(application, user, token)
