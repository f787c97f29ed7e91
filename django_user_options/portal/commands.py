"""What the portal's script asks its server for, by command; `views` answers it.

Sources: apidocs.bitrix24.com, settings/oauth/simple-way, api-reference/widgets and sdk/bx24-js-sdk.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language
from django.views.decorators.debug import sensitive_variables

from django_user_options.owners import owner_options
from django_user_options.portal.models import ApplicationVisit
from django_user_options.portal.token_pairs import live_pair
from django_user_options.rest.caller import Caller
from django_user_options.rest.methods.system_methods import language_id
from django_user_options.rest.oauth_endpoints import member_id
from django_user_options.rest.permissions import is_administrator

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from django_user_options.portal.models import ApplicationPage
    from django_user_options.portal.token_pairs import TokenPair

_PLACEMENT = "DEFAULT"


@sensitive_variables()
def open_frame(request: HttpRequest, page: ApplicationPage) -> dict[str, Any]:
    """Return the name of a new frame and the form to post into it."""
    _visit, pair = live_pair(page.application, request.user)
    sid, host, protocol = secrets.token_hex(16), request.get_host(), int(request.is_secure())
    parts = urlsplit(page.opened_address)
    own = {"DOMAIN": host, "PROTOCOL": protocol, "LANG": _language(), "APP_SID": sid}
    query = "&".join(filter(None, (parts.query, urlencode(own))))
    server_endpoint = reverse("user_options_portal:server-method", args=["-"]).removesuffix("-")
    return {
        "sid": sid,
        "name": f"{host}|{protocol}|{sid}",
        "title": page.title,
        "action": urlunsplit(parts._replace(query=query)),
        "fields": {
            **_tokens(pair),
            "SERVER_ENDPOINT": request.build_absolute_uri(server_endpoint),
            "APPLICATION_TOKEN": application_token(page.application),
            # The vendor's SDKs split scopes at commas.
            "APPLICATION_SCOPE": ",".join(pair.access.scope.split()),
            "member_id": member_id(),
            # A local application, the only kind that a project has.
            "status": "L",
            "PLACEMENT": _PLACEMENT,
        },
    }


@sensitive_variables()
def get_init_data(request: HttpRequest, page: ApplicationPage) -> dict[str, Any]:
    """Return everything that the application's script asks for at its start."""
    user: Any = request.user
    visit, pair = live_pair(page.application, user)
    return {
        **_tokens(pair),
        "DOMAIN": request.get_host(),
        # The vendor's own library takes this as a truth value, in which the text "0" is true.
        "PROTOCOL": int(request.is_secure()),
        "PATH": "/rest",
        "LANG": _language(),
        "MEMBER_ID": member_id(),
        "IS_ADMIN": is_administrator(Caller.from_access_token(pair.access)),
        "APP_OPTIONS": owner_options(page.application).as_mapping(),
        "USER_OPTIONS": owner_options(page.application, user).as_mapping(),
        "PLACEMENT": _PLACEMENT,
        "PLACEMENT_OPTIONS": {},
        "INSTALL": page.awaits_installation,
        "FIRST_RUN": visit.first_run,
    }


@sensitive_variables()
def refresh_auth(request: HttpRequest, page: ApplicationPage) -> dict[str, Any]:
    """Return a live pair of tokens."""
    _visit, pair = live_pair(page.application, request.user)
    return _tokens(pair)


def set_install(request: HttpRequest, page: ApplicationPage) -> dict[str, Any]:
    """Note that the application has greeted this user."""
    visits = ApplicationVisit.objects.filter(application=page.application, user=request.user.pk)
    visits.update(first_run=False)
    return {"result": True}


def set_install_finish(request: HttpRequest, page: ApplicationPage) -> dict[str, Any]:
    """Note that the installation is finished, if it was going on; the page then opens anew."""
    reload = page.awaits_installation
    if reload:
        # Only administrators open such a page.
        page.installed = True
        page.save(update_fields=["installed"])
    return {"result": True, "reload": reload}


COMMANDS: dict[str, Callable[[HttpRequest, ApplicationPage], dict[str, Any]]] = {
    "open": open_frame,
    "getInitData": get_init_data,
    "refreshAuth": refresh_auth,
    "setInstall": set_install,
    "setInstallFinish": set_install_finish,
}


def application_token(application: Any) -> str:
    """Return the secret by which an application recognizes what this portal sends it."""
    salt = "django_user_options.application_token"
    return salted_hmac(salt, application.client_id, algorithm="sha256").hexdigest()[:32]


@sensitive_variables()
def _tokens(pair: TokenPair) -> dict[str, Any]:
    return {
        "AUTH_ID": pair.access_text,
        "REFRESH_ID": pair.refresh_text,
        "AUTH_EXPIRES": pair.seconds_left,
    }


def _language() -> str:
    return language_id(get_language() or "")
