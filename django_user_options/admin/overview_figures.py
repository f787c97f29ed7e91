"""The figures of the overview, in a number of statements and a time that do not grow.

Up to `SCAN_BOUND` options of each kind, all figures are exact. Above it, they are estimates: on
PostgreSQL from a sample of the whole table, elsewhere they are those of the newest options.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.auth import get_user_model
from django.db import connections
from django.db.models import Count, F, Q, Sum
from django.db.models.sql.datastructures import BaseTable
from django.utils import timezone
from oauth2_provider.models import get_application_model

from django_user_options.admin import base_admin, bounded_list
from django_user_options.admin.base_admin import change_url, page_url
from django_user_options.admin.owner_fields import shown_owners, visible
from django_user_options.admin.webhook_admin import SOON, has_inactive, state_of
from django_user_options.models import AppOption, AppUserOption, InboundWebhook
from django_user_options.summaries import Totals

if TYPE_CHECKING:
    from django.http import HttpRequest

APPLICATIONS_SHOWN = 50
_OWNERS_LOOKED_AT = 20
_WEBHOOKS_SHOWN = 20
_DAYS = 30
_FULL = 0.8


class Sample(NamedTuple):
    """Options to look at, and how many options of the table each of them stands for."""

    options: Any
    weight: float = 1
    is_estimate: bool = False

    @classmethod
    def of(cls, options: Any) -> Sample:
        bound = bounded_list.SCAN_BOUND
        if options.order_by("pk")[bound : bound + 1].count() == 0:
            return cls(options)
        if connections[options.db].vendor != "postgresql":
            return cls(bounded_list.newest(options)[0], is_estimate=True)
        with connections[options.db].cursor() as cursor:
            table = options.model._meta.db_table  # noqa: SLF001
            cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [table])
            (rows,) = cursor.fetchone()
        # A table that nobody has analyzed yet has a negative number of rows.
        weight = max(rows / (bound / 2), 1)
        return cls(_sampled(options, 100 / weight), weight, is_estimate=True)


class _SampledTable(BaseTable):
    """A table of which PostgreSQL reads some blocks, always the same ones."""

    percent: float

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        sql, parameters = super().as_sql(compiler, connection)
        return f"{sql} TABLESAMPLE SYSTEM (%s) REPEATABLE (0)", [*parameters, self.percent]


def _sampled(options: Any, percent: float) -> Any:
    sampled = options.order_by()
    query = sampled.query
    alias = query.get_initial_alias()
    query.alias_map[alias] = table = _SampledTable(query.alias_map[alias].table_name, alias)
    table.percent = percent
    return sampled


def figures(request: HttpRequest, site: Any, options: Any) -> dict[str, Any]:
    """Return what each application keeps, the largest first, and which owners are near a limit."""
    own = visible(request, site, AppOption)
    samples = [Sample.of(rows) for rows in (options, own) if rows is not None]
    found: dict[Any, dict[str, Any]] = {}
    for sample in samples:
        for row in _by_application(sample):
            total = found.setdefault(row.pop("application_id"), defaultdict(int))
            for name, number in row.items():
                total[name] += number
    largest = sorted(found, key=lambda pk: -found[pk]["size"])[:APPLICATIONS_SHOWN]
    named = shown_owners(request, site, get_application_model()).in_bulk(largest)
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
                "url": page_url(site, base_admin.APPLICATION_PAGE, named[pk]),
                "share": found[pk]["size"] / max(size, 1),
                "week": sum(_daily(found[pk])[-7:]),
                "month": sum(_daily(found[pk])),
                "bars": _bars(_daily(found[pk])),
            }
            for pk in largest
            if pk in named
        ],
        "full": _full_owners(request, site, options, samples[0]),
    }


def _by_application(sample: Sample) -> list[dict[str, Any]]:
    """Return the figures of each application, scaled unless they count different things."""
    now, totals = timezone.now(), {"options": Count("pk"), "size": Sum("size")}
    distinct = {}
    if sample.options.model is AppUserOption:
        distinct = {name: Count(name, distinct=True) for name in ("user", "key")}
        for day in range(_DAYS):
            since = now - timedelta(days=_DAYS - day)
            on_day = Q(updated_at__gt=since, updated_at__lte=since + timedelta(days=1))
            totals[f"day{day}"] = Count("pk", filter=on_day)
    rows = sample.options.order_by().values("application_id").annotate(**totals, **distinct)
    return [row | {name: round(row[name] * sample.weight) for name in totals} for row in rows]


def _daily(row: dict[str, Any]) -> list[int]:
    return [row[f"day{day}"] for day in range(_DAYS)]


def _bars(numbers: list[int]) -> list[tuple[int, float, float]]:
    """Return the left edge, the top and the height of each bar of a chart 20 units high."""
    highest = max(*numbers, 1)
    heights = [round(20 * number / highest, 1) for number in numbers]
    return [(3 * at, 20 - height, height) for at, height in enumerate(heights)]


def _full_owners(
    request: HttpRequest, site: Any, options: Any, sample: Sample
) -> list[dict[str, Any]]:
    """Return applications and users who use most of a limit, the fullest first.

    In a sample, the fullest owners are most likely the fullest of all; their totals are exact.
    """
    allowed = Totals.allowed()
    totals = {"keys": Count("pk"), "size": Sum("size")}
    used = F("keys") * (1.0 / allowed.keys) + F("size") * (1.0 / allowed.size)
    grouped = sample.options.order_by().values_list("application_id", "user_id")
    fullest = grouped.annotate(**totals).order_by(used.desc())[:_OWNERS_LOOKED_AT]
    owners = Q(pk__in=[])
    for application, user, *_ in fullest:
        owners |= Q(application=application, user=user)
    whole = options.filter(owners).order_by().values_list("application_id", "user_id")
    full = [
        (max(keys / allowed.keys, size / allowed.size), application, user)
        for application, user, keys, size in whole.annotate(**totals)
    ]
    full = sorted((it for it in full if it[0] > _FULL), key=lambda it: -it[0])
    applications, users = (
        shown_owners(request, site, model).in_bulk([it[at] for it in full])
        for at, model in ((1, get_application_model()), (2, get_user_model()))
    )
    return [
        {
            "owner": (owner := (applications[application], users[user])),
            "used": used,
            "url": page_url(site, base_admin.OWNER_PAGE, *owner),
        }
        for used, application, user in full
        if application in applications and user in users
    ]


def troubled_webhooks(request: HttpRequest, site: Any) -> list[dict[str, Any]] | None:
    """Return usable webhooks that need attention, the first to end first, or `None` if hidden."""
    webhooks = visible(request, site, InboundWebhook)
    if webhooks is None:
        return None
    now = timezone.now()
    trouble = Q(expires_at__lte=now + SOON) | Q(last_used_at=None, created_at__lte=now - SOON)
    inactive = Q(owner__is_active=False) if has_inactive(get_user_model()) else Q(pk__in=[])
    found = webhooks.usable().filter(trouble | inactive).select_related("owner", "application")
    return [
        {"webhook": it, "state": state_of(it), "url": change_url(request, site, it)}
        for it in found.defer("secret_digest").order_by("expires_at", "pk")[:_WEBHOOKS_SHOWN]
    ]
