"""The page that opens an application, and what the page's script asks for by commands.

Sources: apidocs.bitrix24.com, settings/oauth/simple-way, api-reference/widgets and sdk/bx24-js-sdk.
"""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db import connections, transaction
from django.http import Http404, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_deny
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_variables
from oauth2_provider.models import get_application_model

from django_user_options.owners import instances_by_name, owner_options
from django_user_options.portal.models import ApplicationPage, ApplicationVisit
from django_user_options.portal.token_pairs import live_pair
from django_user_options.rest.caller import Caller
from django_user_options.rest.envelope import refuse
from django_user_options.rest.methods.system_methods import language_id
from django_user_options.rest.oauth_endpoints import member_id
from django_user_options.rest.permissions import is_administrator, is_user_administrator, may_use

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from django_user_options.portal.token_pairs import TokenPair

_PLACEMENT = "DEFAULT"


@method_decorator(never_cache, name="dispatch")
# The vendor's library talks to the topmost window, so this page must be it.
@method_decorator(xframe_options_deny, name="dispatch")
# Even in projects without the middleware: other sites must not get tokens from this view.
@method_decorator(csrf_protect, name="dispatch")
class ApplicationPageView(LoginRequiredMixin, View):
    """Shows an application in a frame (GET) and answers the frame's script (POST)."""

    http_method_names = ("get", "post", "head", "options")

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        view: Any = super().as_view(**initkwargs)
        for alias in connections:
            transaction.non_atomic_requests(using=alias)(view)
        return view

    @property
    def raise_exception(self) -> bool:  # type: ignore[override]
        """Whether visitors who are not signed in get 403 rather than the login page."""
        return self.request.method == "POST"

    def get(self, request: HttpRequest, client_id: str) -> HttpResponse:
        page = find_page(client_id)
        refused = reason_to_refuse(request.user, page)
        status = HTTPStatus.FORBIDDEN if refused else HTTPStatus.OK
        context = {"application_page": page}
        response = render(request, "user_options_portal/page.html", context, status=status)
        # The application learns which portal opened it, but not the path.
        response["Referrer-Policy"] = "strict-origin"
        return response

    def post(self, request: HttpRequest, client_id: str) -> HttpResponse:
        page = find_page(client_id)
        command = COMMANDS.get(request.POST.get("command", ""))
        if command is None:
            return HttpResponseBadRequest(f"command must be one of: {', '.join(COMMANDS)}")
        if text := reason_to_refuse(request.user, page):
            body = {"error": "ACCESS_DENIED", "refusal": text}
            return JsonResponse(body, status=HTTPStatus.FORBIDDEN)
        try:
            return JsonResponse(command(request, page))
        except Exception as error:  # noqa: BLE001  a report would show tokens in frames of libraries
            refusal = refuse(error)
            return JsonResponse(refusal.body, status=refusal.status, headers=refusal.headers)


@login_not_required
def bx24_script(request: HttpRequest) -> HttpResponse:
    """Redirect an application that loads `BX24` from the vendor's path to the script."""
    return redirect(static("django_user_options/portal/bx24.js"))


def find_page(client_id: str) -> ApplicationPage:
    """Return the page of an application.

    Raises:
        Http404: There is no such application, or it has no page.
    """
    model = get_application_model()
    application = instances_by_name(model, [client_id], using=None).get(client_id)
    page = ApplicationPage.objects.filter(application=application).first()
    if application is None or page is None:
        raise Http404
    page.application = application
    return page


def reason_to_refuse(user: Any, page: ApplicationPage) -> str:
    """Return why the user may not open the application's page, or an empty text."""
    if not user.is_authenticated:
        return _("Sign in to open this application.")
    if not user.is_active or not may_use(page.application, user):
        return _("You may not open this application.")
    if page.awaits_installation and not is_user_administrator(user):
        return _("An administrator has to install this application first.")
    return ""


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
    """Note that a pending installation is finished; the page then reloads."""
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
