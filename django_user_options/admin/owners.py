"""One page about one owner: what an application keeps for a user, and who may write it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q, Sum
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import get_access_token_model, get_application_model

from django_user_options.admin import pages
from django_user_options.admin.webhooks import state_of
from django_user_options.models import AppUserOption, InboundWebhook

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

_TEMPLATE = "admin/django_user_options/owner.html"
_OPTIONS_PER_PAGE = 1_000
_CREDENTIALS_SHOWN = 20


def owner_page(model_admin: Any, request: HttpRequest, application: str, user: str) -> HttpResponse:
    """Answer with all that is known of an application's options for a user."""
    if not pages.may_view(request, AppUserOption):
        raise PermissionDenied
    found_application = pages.get_or_404(get_application_model(), application)
    found_user = pages.get_or_404(get_user_model(), user)
    site = model_admin.admin_site
    owned = AppUserOption.objects.for_owner(found_application, found_user)
    totals = owned.aggregate(keys=Count("pk"), bytes=Sum("size", default=0))
    page = Paginator(owned.order_by("key"), _OPTIONS_PER_PAGE).get_page(request.GET.get("p"))
    context = {
        **pages.context_of(model_admin, request),
        "title": _("Options of %(user)s") % {"user": found_user},
        "subtitle": str(found_application),
        "application": found_application,
        "owner": found_user,
        "application_url": pages.page_url(site, pages.APPLICATION_PAGE, found_application),
        "user_url": pages.change_url(request, site, found_user),
        "list_query": f"?{urlencode({'application': found_application.pk, 'user': found_user.pk})}",
        "usage": pages.usage(totals),
        "page": page,
        "rows": pages.rows(request, site, page),
        "deletable": pages.may_delete(request, site, AppUserOption),
        "webhooks": _webhooks(request, site, found_application, found_user),
        "tokens": _tokens(request, found_application, found_user),
    }
    return TemplateResponse(request, _TEMPLATE, context)


def _webhooks(request: HttpRequest, site: Any, application: Any, user: Any) -> Any:
    """Return the newest webhooks, without their digests, or None where they may not be seen."""
    if not pages.may_view(request, InboundWebhook):
        return None
    webhooks = InboundWebhook.objects.filter(application=application, owner=user)
    shown = _newest(webhooks.defer("secret_digest"))
    shown["rows"] = [
        {
            "webhook": webhook,
            "state": state_of(webhook),
            "url": pages.change_url(request, site, webhook),
        }
        for webhook in shown["rows"]
    ]
    return shown


def _tokens(request: HttpRequest, application: Any, user: Any) -> Any:
    """Return the newest live tokens, without their secrets, or None where they may not be seen."""
    model = get_access_token_model()
    if not pages.may_view(request, model):
        return None
    of_user = Q(user=user)
    if application.user_id == user.pk:
        # Client credentials have no user; such a token acts as the application's owner.
        of_user |= Q(user=None)
    tokens = model._default_manager.filter(  # noqa: SLF001
        of_user, application=application, expires__gt=timezone.now()
    )
    # What a token is must not even be loaded.
    return _newest(tokens.values("scope", "expires", "created"))


def _newest(found: Any) -> dict[str, Any]:
    """Return the newest few, and whether there are more."""
    few = list(found.order_by("-pk")[: _CREDENTIALS_SHOWN + 1])
    return {"rows": few[:_CREDENTIALS_SHOWN], "has_more": len(few) > _CREDENTIALS_SHOWN}
