"""The demo's users and applications, which every run shares, and its tokens and webhooks.

Each run issues new credentials and leaves those of earlier runs valid.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from oauth2_provider.models import AccessToken, Application, RefreshToken

from django_user_options.models import InboundWebhook
from django_user_options.portal.models import ApplicationPage, origin_of

USERNAME = "demo-user"
ADMIN_USERNAME = "demo-admin"
TOKEN_LIFETIME = timedelta(days=7)


@transaction.atomic
def issue_credentials(origin: str) -> dict[str, Any]:
    """Create missing records and return new credentials for the server at `origin`."""
    user, _ = User.objects.get_or_create(
        username=USERNAME, defaults={"password": lambda: make_password(None)}
    )
    application = _application(settings.DEMO_CLIENT_ID, "authorization-code", owner=user)
    worker = _application("demo-worker", "client-credentials", owner=user)
    administrator, password = _administrator(application)
    access_token = _access_token(application, user)
    return {
        "url": f"{origin}/rest/",
        "token_url": f"{origin}/oauth/token/",
        "client_id": application.client_id,
        "client_secret": application.client_secret,
        "access_token": access_token.token,
        "refresh_token": _refresh_token(access_token),
        "admin_access_token": _access_token(application, administrator).token,
        "expired_access_token": _access_token(application, user, lifetime=-TOKEN_LIFETIME).token,
        "headless_access_token": _access_token(worker, None).token,
        "no_scope_access_token": _access_token(application, user, scope="").token,
        "webhook": _webhook(origin, user, application),
        "webhook_without_application": _webhook(origin, user, None),
        "user_id": user.pk,
        "admin_user_id": administrator.pk,
        "admin_username": administrator.username,
        "admin_password": password,
    }


def record_page(address: str, *, install_address: str) -> ApplicationPage:
    """Let the portal open the demo's application at an address.

    Raises:
        ValidationError: It is not the address of a web page.
    """
    application = Application.objects.get(client_id=settings.DEMO_CLIENT_ID)
    page = ApplicationPage.objects.filter(application=application).first() or ApplicationPage(
        application=application, title="Notes", installed=True
    )
    page.address, page.install_address = address, install_address
    page.clean_fields()
    application.allowed_origins = origin_of(address)
    application.save(update_fields=["allowed_origins"])
    page.save()
    return page


def _application(client_id: str, grant_type: str, *, owner: User) -> Application:
    """Return an application with a readable secret, which every run of the demo prints."""
    application, _ = Application.objects.get_or_create(
        client_id=client_id,
        defaults={
            "name": client_id,
            "user": owner,
            "client_type": Application.CLIENT_CONFIDENTIAL,
            "authorization_grant_type": grant_type,
            "redirect_uris": "http://127.0.0.1/callback",
            "hash_client_secret": False,
        },
    )
    return application


def _administrator(application: Application) -> tuple[User, str]:
    """Return the administrator and their password.

    The database keeps only a hash of the password. It is derived from a random secret in the same
    database, so that every run can print it.
    """
    password = salted_hmac(
        "example_project.administrator",
        ADMIN_USERNAME,
        secret=application.client_secret,
        algorithm="sha256",
    ).hexdigest()[:20]
    administrator, _ = User.objects.get_or_create(
        username=ADMIN_USERNAME,
        defaults={
            "is_staff": True,
            "is_superuser": True,
            "password": lambda: make_password(password),
        },
    )
    return administrator, password


def _access_token(
    application: Application,
    user: User | None,
    *,
    scope: str = "basic",
    lifetime: timedelta = TOKEN_LIFETIME,
) -> AccessToken:
    return AccessToken.objects.create(
        application=application,
        user=user,
        token=secrets.token_urlsafe(32),
        expires=timezone.now() + lifetime,
        scope=scope,
    )


def _refresh_token(access_token: AccessToken) -> str:
    return RefreshToken.objects.create(
        application=access_token.application,
        user=access_token.user,
        token=secrets.token_urlsafe(32),
        access_token=access_token,
    ).token


def _webhook(origin: str, owner: User, application: Application | None) -> str:
    _, secret = InboundWebhook.objects.issue(
        title="Demo", owner=owner, application=application, scope="basic"
    )
    return f"{origin}/rest/{owner.pk}/{secret}/"
