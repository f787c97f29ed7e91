"""How much is kept, by whom, under which keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count, Max, Sum

from django_user_options.management.subcommands.arguments import (
    add_application,
    add_user,
    application_of,
    at_least_one,
    user_of,
)
from django_user_options.management.subcommands.base import Reporting
from django_user_options.management.subcommands.output import number_of, table
from django_user_options.models import AppUserOption
from django_user_options.owners import options_of

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from django.db.models import QuerySet


class Stats(Reporting):
    """Counts options and bytes."""

    help = "Count options and bytes by application, or by key of one application."
    epilog = """\
The largest come first. Every option in question is read once, without a lock.

examples:
  python manage.py user_options stats
  python manage.py user_options stats --application notes --top 5
  python manage.py user_options stats --user ann --json
"""

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Declare whose options, and how many rows."""
        super().add_arguments(parser)
        add_application(parser, "By key, of this application.")
        add_user(parser, "Only what is kept for this user.")
        parser.add_argument(
            "--top", type=at_least_one, metavar="N", default=20, help="How many rows at most (20)."
        )

    def run(self) -> None:
        """Show the largest and the total."""
        application, user = application_of(self.options), user_of(self.options)
        tables = options_of(application=application, user=user, using=self.options.database)
        group = "application__client_id" if application is None else "key"
        rows = [row for options in tables for row in self._largest(options, group)]
        rows.sort(key=lambda row: row["bytes"], reverse=True)
        totals = [options.aggregate(count=Count("pk"), size=Sum("size")) for options in tables]
        self._show(
            rows[: self.options.top],
            options=sum(total["count"] for total in totals),
            size=sum(total["size"] or 0 for total in totals),
        )

    def _largest(self, options: QuerySet[Any], group: str) -> list[dict[str, Any]]:
        of_users = options.model is AppUserOption
        name = "key" if group == "key" else "application"
        counts = {"options": Count("pk"), "bytes": Sum("size"), "updated_at": Max("updated_at")}
        if of_users:
            counts = {"users": Count("user", distinct=True), **counts}
        rows = options.values(group).annotate(**counts).order_by("-bytes", group)
        kept_for = "users" if of_users else "itself"
        return [
            {name: row.pop(group), "kept_for": kept_for, "users": 0, **row}
            for row in rows[: self.options.top]
        ]

    def _show(self, rows: list[dict[str, Any]], *, options: int, size: int) -> None:
        if self.options.json:
            self.write_json({"rows": rows, "total": {"options": options, "bytes": size}})
            return
        if rows:
            self.stdout.write(table(rows))
        self.stdout.write(f"{number_of(options, 'option')}, {number_of(size, 'byte')} in total.")
