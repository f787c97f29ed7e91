"""The page that opens an application, and the answers to its script."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db import connections, transaction
from django.http import Http404, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_deny
from django.views.decorators.csrf import csrf_protect
from oauth2_provider.models import get_application_model

from django_user_options.owners import instances_by_name
from django_user_options.portal.access import reason_to_refuse
from django_user_options.portal.commands import COMMANDS
from django_user_options.portal.models import ApplicationPage
from django_user_options.rest.envelope import refuse

if TYPE_CHECKING:
    from django.http import HttpRequest


@method_decorator(never_cache, name="dispatch")
# The vendor's library talks to the topmost window, so this page must be it.
@method_decorator(xframe_options_deny, name="dispatch")
# Even in projects without the middleware: other pages must not get tokens by this address.
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
