"""The page about an application, and the page about its options for one user.

No number here takes longer the more an application keeps: the figures for its users' options cover
only the newest ones, and the page says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.admin.utils import unquote
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q, Sum
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import get_access_token_model, get_application_model

from django_user_options.admin import base_admin, bounded_list
from django_user_options.admin.base_admin import change_url, page_url
from django_user_options.admin.owner_fields import get_owner, shown_owners, visible
from django_user_options.admin.shown_values import folded_value, shown_key
from django_user_options.admin.webhook_admin import state_of
from django_user_options.conf import conf
from django_user_options.models import AppOption, AppUserOption, InboundWebhook
from django_user_options.summaries import Totals

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

OPTIONS_PER_PAGE = 1_000
LARGEST_SHOWN = 50
CREDENTIALS_SHOWN = 20
_TOTALS = {"keys": Count("pk"), "size": Sum("size", default=0)}


def owner_page(model_admin: Any, request: HttpRequest, application: str, user: str) -> HttpResponse:
    """Show an application's options for a user."""
    site = model_admin.admin_site
    options = visible(request, site, AppUserOption)
    if options is None:
        raise PermissionDenied
    of_application = get_owner(request, site, get_application_model(), unquote(application))
    of_user = get_owner(request, site, get_user_model(), unquote(user))
    context = {
        **model_admin.page_context(request),
        **_options(request, site, options.filter(application=of_application, user=of_user)),
        "title": _("Options of %(user)s") % {"user": of_user},
        "subtitle": str(of_application),
        "application": of_application,
        "owner": of_user,
        "application_url": page_url(site, base_admin.APPLICATION_PAGE, of_application),
        "person_url": page_url(site, base_admin.PERSON_PAGE, of_user),
        "list_query": urlencode({"application": of_application.pk, "user": of_user.pk}),
        "webhooks": _webhooks(request, site, of_application, of_user),
        "tokens": _tokens(request, site, of_application, of_user),
    }
    return TemplateResponse(request, "admin/django_user_options/owner.html", context)


def application_page(model_admin: Any, request: HttpRequest, application: str) -> HttpResponse:
    """Show an overview of an application's options."""
    site = model_admin.admin_site
    own, users = (visible(request, site, model) for model in (AppOption, AppUserOption))
    if own is None and users is None:
        raise PermissionDenied
    found = get_owner(request, site, get_application_model(), unquote(application))
    context = {
        **model_admin.page_context(request),
        "title": _("Options of the application %(application)s") % {"application": found},
        "subtitle": found.client_id,
        "application": found,
        "application_url": change_url(request, site, found),
        "list_query": urlencode({"application": found.pk}),
    }
    if own is not None:
        context["own"] = _options(request, site, own.filter(application=found))
    if users is not None:
        context["stored"] = _stored(request, site, found, users.filter(application=found))
    return TemplateResponse(request, "admin/django_user_options/application.html", context)


def _options(request: HttpRequest, site: Any, owned: Any) -> dict[str, Any]:
    """Return an owner's options, and how much of the limits they use up."""
    page = Paginator(owned.order_by("key"), OPTIONS_PER_PAGE).get_page(request.GET.get("p"))
    return {
        "kept": Totals.kept(owned),
        "allowed": Totals.allowed(),
        # Where the bars change color.
        "high": Totals(conf.max_keys_per_owner * 9 // 10, conf.max_bytes_per_owner * 9 // 10),
        "page": page,
        "rows": [_row(request, site, option) for option in page],
        "deletable": _may_delete(request, site, owned.model),
    }


def _row(request: HttpRequest, site: Any, option: Any) -> dict[str, Any]:
    value, is_cut = folded_value(option.value)
    url = change_url(request, site, option)
    return {
        "option": option,
        "key": base_admin.link(url, shown_key(option.key)),
        "value": value,
        "whole": url if is_cut else None,
        "delete": url and f"{url.removesuffix('change/')}delete/",
    }


def _may_delete(request: HttpRequest, site: Any, model: Any) -> bool:
    """Return whether the admin of a model lets the user delete single records."""
    if not site.is_registered(model):
        return False
    own = site.get_model_admin(model)
    # The project may have registered its own admin.
    may = getattr(own, "has_single_delete_permission", own.has_delete_permission)
    return bool(may(request))


def _webhooks(request: HttpRequest, site: Any, application: Any, user: Any) -> Any:
    """Return the newest webhooks, without their digests, or `None` if they may not be seen."""
    webhooks = visible(request, site, InboundWebhook)
    if webhooks is None:
        return None
    owned = webhooks.filter(application=application, owner=user).defer(
        "secret_digest", "old_secret_digest"
    )
    rows, has_more = _newest(owned)
    return {
        "has_more": has_more,
        "rows": [
            {
                "webhook": webhook,
                "state": state_of(webhook),
                "url": change_url(request, site, webhook),
            }
            for webhook in rows
        ],
    }


def _tokens(request: HttpRequest, site: Any, application: Any, user: Any) -> Any:
    """Return the newest live tokens, without their secrets, or `None` if they may not be seen."""
    tokens = visible(request, site, get_access_token_model())
    if tokens is None:
        return None
    of_user = Q(user=user)
    if application.user_id == user.pk:
        # Client credentials have no user; such a token acts as the application's owner.
        of_user |= Q(user=None)
    live = tokens.filter(of_user, application=application, expires__gt=timezone.now())
    # The token itself is not even loaded.
    rows, has_more = _newest(live.values("scope", "expires", "created"))
    return {"has_more": has_more, "rows": rows}


def _newest(found: Any) -> tuple[list[Any], bool]:
    few = list(found.order_by("-pk")[: CREDENTIALS_SHOWN + 1])
    return few[:CREDENTIALS_SHOWN], len(few) > CREDENTIALS_SHOWN


def _stored(request: HttpRequest, site: Any, application: Any, options: Any) -> dict[str, Any]:
    """Return the totals of the newest options for users, and who and what has most of them."""
    recent, is_cut = bounded_list.newest(options)
    order = "keys" if request.GET.get("o") == "keys" else "size"
    users, keys = (_largest(recent, column, order) for column in ("user_id", "key"))
    shown = shown_owners(request, site, get_user_model())
    named = shown.in_bulk([row["user_id"] for row in users["rows"]])
    for row in users["rows"]:
        row["name"] = named.get(row["user_id"], "–")
        if row["user_id"] in named:
            row["url"] = page_url(site, base_admin.OWNER_PAGE, application, named[row["user_id"]])
    for row in keys["rows"]:
        row["name"] = shown_key(row["key"])
        row["query"] = urlencode({"application": application.pk, "q": row["key"]})
    by_user = options.order_by("user_id").values("user_id").distinct()
    return {
        "kept": Totals.kept(recent),
        "is_cut": is_cut,
        "bound": bounded_list.SCAN_BOUND,
        "order": order,
        "counted": bounded_list.count_up_to_bound(by_user),
        "users": users,
        "keys": keys,
    }


def _largest(options: Any, column: str, order: str) -> dict[str, Any]:
    """Return the users or the keys with most options or bytes, and how they compare."""
    grouped = options.order_by().values(column).annotate(**_TOTALS)
    rows = list(grouped.order_by(f"-{order}", column)[: LARGEST_SHOWN + 1])
    for row in rows:
        row["share"] = row[order] / max(rows[0][order], 1)
    return {"rows": rows[:LARGEST_SHOWN], "has_more": len(rows) > LARGEST_SHOWN}
