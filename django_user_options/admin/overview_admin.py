"""The overview: what applications keep, which owners are near a limit, and a search for people.

The number of statements and their time do not grow with the options. Up to `SCAN_BOUND` options of
each kind, all figures are exact. Above it, they are estimates: on PostgreSQL from a sample of the
whole table, elsewhere they are those of the newest options.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db import connections
from django.db.models import Count, F, Q, Sum
from django.db.models.expressions import RawSQL
from django.db.models.sql.datastructures import BaseTable
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import get_application_model

from django_user_options.admin import bounded_list
from django_user_options.admin.base_admin import APPLICATION_PAGE, OWNER_PAGE, PERSON_PAGE
from django_user_options.admin.owner_fields import owner_links
from django_user_options.admin.person_pages import PersonPages
from django_user_options.admin.webhook_admin import SOON, webhook_rows
from django_user_options.models import AppOption, AppUserOption, InboundWebhook, Overview
from django_user_options.summaries import Totals

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

APPLICATIONS_SHOWN = 50
_OWNERS_LOOKED_AT = 20
_WEBHOOKS_SHOWN = 20
_DAYS = 30
_FULL = 0.8
_TABLE_ROWS = "SELECT reltuples FROM pg_class WHERE oid = %s::regclass"


@admin.register(Overview)
class OverviewAdmin(PersonPages):
    """Shows the overview instead of a list, to staff who may view options of users."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.changelist_view)
        name = "django_user_options_overview_changelist"
        return [path("", view, name=name), *super().get_urls()]

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        return {"view": self.has_view_permission(request)}

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.visible(request, AppUserOption) is not None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the overview, and the people that a search found."""
        options = self.visible_user_options(request)
        term = request.GET.get("q", "").replace("\0", "").strip()
        context = {
            **self._figures(request, options),
            "title": _("Overview"),
            "term": term,
            "people": self._people(request, term) if term else [],
            "webhooks": self._troubled_webhooks(request),
        }
        return self.page(request, "overview", context)

    def _people(self, request: HttpRequest, term: str) -> list[tuple[str | None, Any]]:
        model = get_user_model()
        found = self.shown_owners(request, model).filter(
            self.owned_by(request, "pk", self.users_like(request, term))
        )
        people = found.order_by(model.USERNAME_FIELD)
        return [(self.page_url(PERSON_PAGE, user), user) for user in people]

    def _figures(self, request: HttpRequest, options: Any) -> dict[str, Any]:
        """Return what each application keeps, the largest first, and who is near a limit."""
        own = self.visible(request, AppOption)
        samples = [Sample.of(rows) for rows in (options, own) if rows is not None]
        found: dict[Any, dict[str, Any]] = {}
        for sample in samples:
            for row in sample.by_application():
                total = found.setdefault(row.pop("application_id"), defaultdict(int))
                for name, number in row.items():
                    total[name] += number
        totals = [it for sample in samples for it in sample.totals_of_fullest()]
        full = sorted((it for it in totals if it.used > _FULL), key=lambda it: -it.used)
        largest = sorted(found, key=lambda pk: -found[pk]["size"])[:APPLICATIONS_SHOWN]
        named = self.shown_owners(request, get_application_model()).in_bulk(
            {*largest, *(it.application_id for it in full)}
        )
        size = sum(row["size"] for row in found.values())
        return {
            "is_estimate": any(sample.is_estimate for sample in samples),
            "totals": {
                "applications": len(found),
                "options": sum(row["options"] for row in found.values()),
                "size": size,
            },
            "has_more": len(found) > APPLICATIONS_SHOWN,
            "rows": [
                {
                    "user": 0,
                    "key": 0,
                    **found[pk],
                    "application": named[pk],
                    "url": self.page_url(APPLICATION_PAGE, named[pk]),
                    "share": found[pk]["size"] / max(size, 1),
                    **_changes(found[pk]),
                }
                for pk in largest
                if pk in named
            ],
            "full": self._full_owners(request, full, named),
        }

    def _full_owners(
        self, request: HttpRequest, full: list[OwnerTotals], applications: dict[Any, Any]
    ) -> list[dict[str, Any]]:
        """Return the owners who use most of a limit with their names and pages."""
        users = self.shown_owners(request, get_user_model()).in_bulk(
            {it.user_id for it in full} - {None}
        )
        rows = []
        for it in full:
            application, user = applications.get(it.application_id), users.get(it.user_id)
            name, page, owner = user, OWNER_PAGE, [application, user]
            if it.user_id is None:
                name, page = _("The application's own options"), APPLICATION_PAGE
                owner = [application]
            if None not in owner:
                url = self.page_url(page, *owner)
                rows.append({"name": name, "application": application, "used": it.used, "url": url})
        return rows

    def _troubled_webhooks(self, request: HttpRequest) -> list[dict[str, Any]] | None:
        """Return usable webhooks that need attention, or `None` if they may not be seen."""
        webhooks = self.visible(request, InboundWebhook)
        if webhooks is None:
            return None
        now = timezone.now()
        trouble = Q(expires_at__lte=now + SOON) | Q(last_used_at=None, created_at__lte=now - SOON)
        # The project's users may lack that field.
        fields = {field.name for field in get_user_model()._meta.fields}  # noqa: SLF001
        inactive = Q(owner__is_active=False) if "is_active" in fields else Q(pk__in=[])
        found = webhooks.usable().filter(trouble | inactive)
        return webhook_rows(self, request, found.order_by("expires_at", "pk")[:_WEBHOOKS_SHOWN])


class OwnerTotals(NamedTuple):
    """What an owner keeps; without a user, what an application keeps for itself."""

    application_id: Any
    keys: int
    size: int
    user_id: Any = None

    @property
    def used(self) -> float:
        """The share of the limit that the owner is closest to."""
        allowed = Totals.allowed()
        return max(self.keys / allowed.keys, self.size / allowed.size)


class Sample(NamedTuple):
    """Options to look at, and how many of all options each one represents."""

    whole: Any
    options: Any
    weight: float = 1
    is_estimate: bool = False

    @classmethod
    def of(cls, options: Any) -> Sample:
        bound, table = bounded_list.SCAN_BOUND, options.model._meta.db_table  # noqa: SLF001
        if connections[options.db].vendor != "postgresql":
            newest, has_older = bounded_list.newest(options)
            return cls(options, newest, is_estimate=has_older)
        rows = RawSQL(_TABLE_ROWS, [table])  # noqa: S611
        beyond = options.order_by("pk").values_list("pk", rows)[bound : bound + 1]
        if not beyond:
            return cls(options, options)
        # A table that nobody has analyzed yet has a negative number of rows.
        weight = max(beyond[0][1] / (bound / 2), 1)
        sampled = options.order_by()
        alias = sampled.query.get_initial_alias()
        sampled.query.alias_map[alias] = sampled_table = _SampledTable(table, alias)
        sampled_table.percent = 100 / weight
        return cls(options, sampled, weight, is_estimate=True)

    def by_application(self) -> list[dict[str, Any]]:
        """Return the figures of each application; distinct counts are those of the sample."""
        now, totals = timezone.now(), {"options": Count("pk"), "size": Sum("size")}
        distinct = {}
        if self.options.model is AppUserOption:
            distinct = {name: Count(name, distinct=True) for name in ("user", "key")}
            for day in range(_DAYS):
                since = now - timedelta(days=_DAYS - day)
                on_day = Q(updated_at__gt=since, updated_at__lte=since + timedelta(days=1))
                totals[f"day{day}"] = Count("pk", filter=on_day)
        rows = self.options.order_by().values("application_id").annotate(**totals, **distinct)
        return [row | {name: round(row[name] * self.weight) for name in totals} for row in rows]

    def totals_of_fullest(self) -> list[OwnerTotals]:
        """Return what the owners who use most of the limits keep.

        In a sample, the fullest owners are most likely the fullest of all; their totals are exact.
        """
        allowed = Totals.allowed()
        used = F("keys") * (1.0 / allowed.keys) + F("size") * (1.0 / allowed.size)
        fullest = _by_owner(self.options).order_by(used.desc())[:_OWNERS_LOOKED_AT]
        if self.is_estimate:
            owners = Q(pk__in=[])
            for row in fullest:
                owners |= Q(**{link: row[link] for link in row.keys() - {"keys", "size"}})
            fullest = _by_owner(self.whole.filter(owners))
        return [OwnerTotals(**row) for row in fullest]


class _SampledTable(BaseTable):
    """A table of which PostgreSQL reads some blocks, always the same ones."""

    percent: float

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        sql, parameters = super().as_sql(compiler, connection)
        return f"{sql} TABLESAMPLE SYSTEM (%s) REPEATABLE (0)", [*parameters, self.percent]


def _by_owner(options: Any) -> Any:
    links = [link.attname for link in owner_links(options.model)]
    return options.order_by().values(*links).annotate(keys=Count("pk"), size=Sum("size"))


def _changes(row: dict[str, int]) -> dict[str, Any]:
    """Return the numbers of changes, and a bar for each day: left edge, top, and height of 20."""
    daily = [row[f"day{day}"] for day in range(_DAYS)]
    highest = max(*daily, 1)
    heights = [round(20 * number / highest, 1) for number in daily]
    bars = [(3 * at, 20 - height, height) for at, height in enumerate(heights)]
    return {"week": sum(daily[-7:]), "month": sum(daily), "bars": bars}
