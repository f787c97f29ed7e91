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
    buttons = ("user", "administrator", "language", "first_run", "installation", "expired")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not is_developer(request):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, client_id: str) -> HttpResponse:
        after = request.GET.get("after", "")
        return JsonResponse({"calls": calls_after(int(after) if after.isdecimal() else 0)})

    def post(self, request: HttpRequest, client_id: str) -> HttpResponse:
        page = find_page(client_id)
        for button in self.buttons:
            if button in request.POST:
                press = getattr(self, f"press_{button}")
                return press(page, request.POST[button]) or redirect(page)
        return HttpResponseBadRequest(f"Send one of: {', '.join(self.buttons)}")

    def press_user(self, page: ApplicationPage, name: str) -> None:
        user = get_object_or_404(_users(), **{get_user_model().USERNAME_FIELD: name})
        login(self.request, user, backend=settings.AUTHENTICATION_BACKENDS[0])

    def press_administrator(self, page: ApplicationPage, rights: str) -> None:
        _users().filter(pk=self.request.user.pk).update(is_superuser=rights == "yes")

    def press_language(self, page: ApplicationPage, language: str) -> HttpResponse:
        response = redirect(page)
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language)
        return response

    def press_first_run(self, page: ApplicationPage, _: str) -> None:
        visits = ApplicationVisit.objects.filter(user=self.request.user.pk)
        visits.filter(application=page.application).update(first_run=True)

    def press_installation(self, page: ApplicationPage, change: str) -> None:
        page.installed = change == "ends"
        page.save(update_fields=["installed"])

    def press_expired(self, page: ApplicationPage, _: str) -> HttpResponse:
        tokens = get_access_token_model().objects.filter(user=self.request.user.pk)
        tokens.filter(application=page.application).update(expires=timezone.now())
        # The browser stays on the page, whose application has yet to notice.
        return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _users() -> Any:
    return get_user_model()._default_manager.filter(is_active=True)  # noqa: SLF001
