"""One page about one application: its own options, its users, and the keys in use.

No number here takes longer the more an application keeps: what would, is taken from its
newest options, and the page says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.admin.utils import quote
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Sum
from django.template.response import TemplateResponse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import get_application_model

from django_user_options.admin import pages
from django_user_options.admin.changelist import SCAN_BOUND, newest
from django_user_options.admin.display import shown_key, size_text
from django_user_options.admin.paginator import count_up_to
from django_user_options.models import AppOption, AppUserOption
from django_user_options.owners import unfiltered

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

_TEMPLATE = "admin/django_user_options/application.html"
_OPTIONS_PER_PAGE = 1_000
_KEYS_SHOWN = 50
_USERS_PER_PAGE = 50
_TOTALS = {"keys": Count("pk"), "bytes": Sum("size", default=0)}


def application_page(model_admin: Any, request: HttpRequest, application: str) -> HttpResponse:
    """Answer with an overview of what an application keeps."""
    sees_own, sees_users = (pages.may_view(request, model) for model in (AppOption, AppUserOption))
    if not (sees_own or sees_users):
        raise PermissionDenied
    found = pages.get_or_404(get_application_model(), application)
    site = model_admin.admin_site
    context = {
        **pages.context_of(model_admin, request),
        "title": _("Options of the application %(application)s") % {"application": found},
        "subtitle": found.client_id,
        "application": found,
        "application_url": pages.change_url(request, site, found),
        "list_query": f"?{urlencode({'application': found.pk})}",
        "own": _own_options(request, site, found) if sees_own else None,
        "stored": _stored(found) if sees_users else None,
        "users": _users(request, site, found) if sees_users else None,
    }
    return TemplateResponse(request, _TEMPLATE, context)


def _own_options(request: HttpRequest, site: Any, application: Any) -> dict[str, Any]:
    """Return what the application keeps for itself."""
    owned = AppOption.objects.for_owner(application)
    page = Paginator(owned.order_by("key"), _OPTIONS_PER_PAGE).get_page(request.GET.get("p"))
    return {
        "usage": pages.usage(owned.aggregate(**_TOTALS)),
        "page": page,
        "rows": pages.rows(request, site, page),
        "deletable": pages.may_delete(request, site, AppOption),
    }


def _stored(application: Any) -> dict[str, Any]:
    """Return what is kept for users in all, and the keys most in use."""
    recent: Any
    recent, is_cut = newest(AppUserOption.objects.filter(application=application))
    keys = recent.values("key").annotate(**_TOTALS).order_by("-keys", "key")
    top = list(keys[: _KEYS_SHOWN + 1])
    totals = recent.aggregate(**_TOTALS)
    return {
        "count": totals["keys"],
        "size": size_text(totals["bytes"]),
        "is_cut": is_cut,
        "bound": SCAN_BOUND,
        "top": [
            {
                "key": shown_key(row["key"]),
                "count": row["keys"],
                "size": size_text(row["bytes"]),
            }
            for row in top[:_KEYS_SHOWN]
        ],
        "top_is_cut": len(top) > _KEYS_SHOWN,
    }


def _users(request: HttpRequest, site: Any, application: Any) -> dict[str, Any]:
    """Return how many users there are and a page of them, from one primary key on.

    All of it runs along the unique index, which begins with the application and the user;
    pages by offset would grow slower one by one.
    """
    options: Any = AppUserOption.objects.filter(application=application).order_by("user_id")
    rest = options
    if after := request.GET.get("after"):
        # By what is known to exist, as a number may be larger than the database has them.
        rest = options.filter(user__gt=pages.get_or_404(get_user_model(), after))
    totals = list(rest.values("user_id").annotate(**_TOTALS)[: _USERS_PER_PAGE + 1])
    page = {row["user_id"]: row for row in totals[:_USERS_PER_PAGE]}
    users = unfiltered(get_user_model()).in_bulk(list(page))
    return {
        "counted": count_up_to(options.values("user_id").distinct()),
        "rows": [
            {
                "user": user,
                "url": pages.page_url(site, pages.OWNER_PAGE, application, user),
                "keys": page[pk]["keys"],
                "size": size_text(page[pk]["bytes"]),
            }
            for pk, user in sorted(users.items())
        ],
        "is_first": not after,
        "next": quote(str(totals[-2]["user_id"])) if len(totals) > _USERS_PER_PAGE else None,
    }
