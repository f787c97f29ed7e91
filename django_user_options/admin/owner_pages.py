"""The page about an application, and the page about its options for one user.

No number here takes longer the more an application keeps: the figures for its users' options cover
only the newest ones, and the page says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q, Sum
from django.urls import path
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import get_access_token_model, get_application_model

from django_user_options.admin import bounded_list
from django_user_options.admin.base_admin import (
    APPLICATION_PAGE,
    OWNER_PAGE,
    PERSON_PAGE,
    BaseAdmin,
    link,
)
from django_user_options.admin.option_texts import folded_value, shown_key
from django_user_options.admin.webhook_admin import webhook_rows
from django_user_options.conf import conf
from django_user_options.models import AppOption, AppUserOption, InboundWebhook
from django_user_options.summaries import Totals

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

OPTIONS_PER_PAGE = 1_000
LARGEST_SHOWN = 50
CREDENTIALS_SHOWN = 20
_TOTALS = {"keys": Count("pk"), "size": Sum("size", default=0)}


class OwnerPages(BaseAdmin):
    """Adds the pages about owners to the admin of users' options."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        owner, application = view(self.owner_view), view(self.application_view)
        return [
            path("owner/<str:application>/<str:user>/", owner, name=OWNER_PAGE),
            path("application/<str:application>/", application, name=APPLICATION_PAGE),
            *super().get_urls(),
        ]

    def owner_view(self, request: HttpRequest, application: str, user: str) -> HttpResponse:
        """Show an application's options for a user."""
        options = self.visible_user_options(request)
        of_application = self.get_owner(request, get_application_model(), application)
        of_user = self.get_owner(request, get_user_model(), user)
        context = {
            **self._options(request, options.filter(application=of_application, user=of_user)),
            "title": _("Options of %(user)s") % {"user": of_user},
            "subtitle": str(of_application),
            "application": of_application,
            "owner": of_user,
            "application_url": self.page_url(APPLICATION_PAGE, of_application),
            "person_url": self.page_url(PERSON_PAGE, of_user),
            "list_query": urlencode({"application": of_application.pk, "user": of_user.pk}),
            "webhooks": self._webhooks(request, of_application, of_user),
            "tokens": self._tokens(request, of_application, of_user),
        }
        return self.page(request, "owner", context)

    def application_view(self, request: HttpRequest, application: str) -> HttpResponse:
        """Show an overview of an application's options."""
        own, users = (self.visible(request, model) for model in (AppOption, AppUserOption))
        if own is None and users is None:
            raise PermissionDenied
        found = self.get_owner(request, get_application_model(), application)
        context = {
            "title": _("Options of the application %(application)s") % {"application": found},
            "subtitle": found.client_id,
            "application": found,
            "application_url": self.change_url(request, found),
            "list_query": urlencode({"application": found.pk}),
        }
        if own is not None:
            context["own"] = self._options(request, own.filter(application=found))
        if users is not None:
            context["stored"] = self._stored(request, found, users.filter(application=found))
        return self.page(request, "application", context)

    def _options(self, request: HttpRequest, owned: Any) -> dict[str, Any]:
        """Return an owner's options, and how much of the limits they use up."""
        page = Paginator(owned.order_by("key"), OPTIONS_PER_PAGE).get_page(request.GET.get("p"))
        return {
            "kept": Totals.kept(owned),
            "allowed": Totals.allowed(),
            # Where the bars change color.
            "high": Totals(conf.max_keys_per_owner * 9 // 10, conf.max_bytes_per_owner * 9 // 10),
            "page": page,
            "rows": [self._row(request, option) for option in page],
            "deletable": self._may_delete(request, owned.model),
        }

    def _row(self, request: HttpRequest, option: Any) -> dict[str, Any]:
        value, is_cut = folded_value(option.value)
        url = self.change_url(request, option)
        return {
            "option": option,
            "key": link(url, shown_key(option.key)),
            "value": value,
            "whole": url if is_cut else None,
            "delete": url and f"{url.removesuffix('change/')}delete/",
        }

    def _may_delete(self, request: HttpRequest, model: Any) -> bool:
        """Return whether the admin of a model lets the user delete single records."""
        if not self.admin_site.is_registered(model):
            return False
        own = self.admin_site.get_model_admin(model)
        # The project may have registered its own admin.
        may = getattr(own, "has_single_delete_permission", own.has_delete_permission)
        return bool(may(request))

    def _webhooks(self, request: HttpRequest, application: Any, user: Any) -> Any:
        """Return the newest webhooks, or `None` if they may not be seen."""
        webhooks = self.visible(request, InboundWebhook)
        if webhooks is None:
            return None
        owned = webhooks.filter(application=application, owner=user).order_by("-pk")
        return _first(
            webhook_rows(self, request, owned[: CREDENTIALS_SHOWN + 1]), CREDENTIALS_SHOWN
        )

    def _tokens(self, request: HttpRequest, application: Any, user: Any) -> Any:
        """Return the newest live tokens, or `None` if they may not be seen."""
        tokens = self.visible(request, get_access_token_model())
        if tokens is None:
            return None
        of_user = Q(user=user)
        if application.user_id == user.pk:
            # Client credentials have no user; such a token acts as the application's owner.
            of_user |= Q(user=None)
        live = tokens.filter(of_user, application=application, expires__gt=timezone.now())
        # The token itself is not even loaded.
        newest = live.order_by("-pk").values("scope", "expires", "created")
        return _first(newest, CREDENTIALS_SHOWN)

    def _stored(self, request: HttpRequest, application: Any, options: Any) -> dict[str, Any]:
        """Return the totals of the newest options for users, and who and what has most of them."""
        recent, is_cut = bounded_list.newest(options)
        order = "keys" if request.GET.get("o") == "keys" else "size"
        users, keys = (_largest(recent, column, order) for column in ("user_id", "key"))
        shown = self.shown_owners(request, get_user_model())
        named = shown.in_bulk([row["user_id"] for row in users["rows"]])
        for row in users["rows"]:
            row["name"] = named.get(row["user_id"], "–")
            if row["user_id"] in named:
                row["url"] = self.page_url(OWNER_PAGE, application, row["name"])
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


def _first(found: Any, number: int) -> dict[str, Any]:
    """Return the first rows, and whether there are more."""
    rows = list(found[: number + 1])
    return {"rows": rows[:number], "has_more": len(rows) > number}


def _largest(options: Any, column: str, order: str) -> dict[str, Any]:
    """Return the users or the keys with most options or bytes, and how they compare."""
    grouped = options.order_by().values(column).annotate(**_TOTALS)
    largest = _first(grouped.order_by(f"-{order}", column), LARGEST_SHOWN)
    for row in largest["rows"]:
        row["share"] = row[order] / max(largest["rows"][0][order], 1)
    return largest
