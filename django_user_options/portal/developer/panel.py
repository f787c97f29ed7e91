"""The buttons beside the frame, each of which changes what the application meets when it opens."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import get_user_model, login
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from oauth2_provider.models import get_access_token_model

from django_user_options.portal.developer.call_log import RecordCalls, calls_after, last_call
from django_user_options.portal.models import ApplicationVisit
from django_user_options.portal.page_views import find_page

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from django_user_options.portal.models import ApplicationPage

_USERS_LISTED = 100
_CHOOSES_LANGUAGE = "django.middleware.locale.LocaleMiddleware"
_RECORDER = f"{RecordCalls.__module__}.{RecordCalls.__qualname__}"


def is_developer(request: HttpRequest) -> bool:
    """Return whether `DEBUG` is on and the request comes from a machine in `INTERNAL_IPS`."""
    return settings.DEBUG and request.META.get("REMOTE_ADDR") in settings.INTERNAL_IPS


def panel_context(request: HttpRequest, page: ApplicationPage) -> dict[str, Any]:
    """Return what the template of the panel shows."""
    return {
        "request": request,
        "page": page,
        "users": _users().order_by(get_user_model().USERNAME_FIELD)[:_USERS_LISTED],
        "languages": settings.LANGUAGES if _CHOOSES_LANGUAGE in settings.MIDDLEWARE else (),
        "language": get_language(),
        "records_calls": _RECORDER in settings.MIDDLEWARE,
        "last_call": last_call(),
    }


@method_decorator(never_cache, name="dispatch")
@method_decorator(csrf_protect, name="dispatch")
class DeveloperView(LoginRequiredMixin, View):
    """Returns the REST calls (GET) and does what a button says (POST)."""

    http_method_names = ("get", "post", "options")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not is_developer(request):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, client_id: str) -> HttpResponse:
        after = request.GET.get("after", "")
        return JsonResponse({"calls": calls_after(int(after) if after.isdecimal() else 0)})

    def post(self, request: HttpRequest, client_id: str) -> HttpResponse:
        page = find_page(client_id)
        for name, switch in SWITCHES.items():
            if name in request.POST:
                return switch(request, page, request.POST[name]) or redirect(page)
        return HttpResponseBadRequest(f"Send one of: {', '.join(SWITCHES)}")


def _users() -> Any:
    return get_user_model()._default_manager.filter(is_active=True)  # noqa: SLF001


def _switch_user(request: HttpRequest, page: ApplicationPage, name: str) -> None:
    user = get_object_or_404(_users(), **{get_user_model().USERNAME_FIELD: name})
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])


def _switch_administrator(request: HttpRequest, page: ApplicationPage, rights: str) -> None:
    _users().filter(pk=request.user.pk).update(is_superuser=rights == "yes")


def _switch_language(request: HttpRequest, page: ApplicationPage, language: str) -> HttpResponse:
    response = redirect(page)
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language)
    return response


def _repeat_first_run(request: HttpRequest, page: ApplicationPage, _: str) -> None:
    visits = ApplicationVisit.objects.filter(application=page.application, user=request.user.pk)
    visits.update(first_run=True)


def _switch_installation(request: HttpRequest, page: ApplicationPage, change: str) -> None:
    page.installed = change == "ends"
    page.save(update_fields=["installed"])


def _expire_tokens(request: HttpRequest, page: ApplicationPage, _: str) -> HttpResponse:
    tokens = get_access_token_model().objects.filter(user=request.user.pk)
    tokens.filter(application=page.application).update(expires=timezone.now())
    # The browser stays on the page, whose application has yet to notice.
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


SWITCHES: dict[str, Callable[[HttpRequest, ApplicationPage, str], HttpResponse | None]] = {
    "user": _switch_user,
    "administrator": _switch_administrator,
    "language": _switch_language,
    "first_run": _repeat_first_run,
    "installation": _switch_installation,
    "expired": _expire_tokens,
}
