"""Owners of options, each with a token that stands for application and user."""

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
    """An application and a user, and the token of both."""

    application: Any
    user: Any
    token: str

    @property
    def options(self) -> Any:
        return AppUserOption.objects.for_owner(self.application, self.user)


def make_application(user: Any = None) -> Any:
    """Create an application, of this user if there is one."""
    return get_application_model().objects.create(
        name="Load",
        user=user,
        client_type="confidential",
        authorization_grant_type="client-credentials",
        client_secret="secret",
        hash_client_secret=False,
    )


def make_owner(application: Any = None, *, headless: bool = False) -> Owner:
    """Create a user with a token; without an application, create that, too.

    A headless token names no user and stands for the application's.
    """
    token = secrets.token_urlsafe(24)
    user = get_user_model().objects.create(username=token)
    if application is None:
        application = make_application(user if headless else None)
    get_access_token_model().objects.create(
        application=application,
        user=None if headless else user,
        token=token,
        scope="basic",
        expires=datetime.now(UTC) + timedelta(days=1),
    )
    return Owner(application, user, token)
