"""The subcommand that counts options and bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count, Max, Sum

from django_user_options.management.subcommands import arguments
from django_user_options.management.subcommands.subcommand import ReportCommand
from django_user_options.management.subcommands.terminal import number_of
from django_user_options.models import AppUserOption

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from django.db.models import QuerySet

_BY_KEY = {"key": "key"}
_BY_APPLICATION = {
    "application": "application__client_id",
    "application_name": "application__name",
}


class StatsCommand(ReportCommand):
    """Count options and bytes by application, or by key of one application.

    The largest come first. Each option that counts is read once and not locked.

    Examples:
      python manage.py user_options stats
      python manage.py user_options stats --application notes --top 5
      python manage.py user_options stats --user ann --json
    """

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Add filters and the number of rows."""
        super().add_arguments(parser)
        arguments.add_application(parser, "Count by key of this application.")
        arguments.add_user(parser, "Count only the options of this user.")
        rows = arguments.positive_integer
        parser.add_argument("--top", type=rows, metavar="N", default=20, help="Rows. Default: 20.")

    def run(self) -> None:
        """Print the largest groups and the total."""
        tables = arguments.selected_options(self.options, using=self.options.database)
        columns = _BY_APPLICATION if self.options.application is None else _BY_KEY
        rows = [row for options in tables for row in self._largest(options, columns)]
        rows = sorted(rows, key=lambda row: row["bytes"], reverse=True)[: self.options.top]
        totals = [options.aggregate(count=Count("pk"), size=Sum("size")) for options in tables]
        count = sum(total["count"] for total in totals)
        size = sum(total["size"] or 0 for total in totals)
        if self.options.json:
            self.write_json({"rows": rows, "total": {"options": count, "bytes": size}})
            return
        if rows:
            self.write_rows(rows)
        self.stdout.write(f"{number_of(count, 'option')}, {number_of(size, 'byte')} in total.")

    def _largest(self, options: QuerySet[Any], columns: dict[str, str]) -> list[dict[str, Any]]:
        for_users = options.model is AppUserOption
        counts = {"options": Count("pk"), "bytes": Sum("size"), "updated_at": Max("updated_at")}
        if for_users:
            counts = {"users": Count("user", distinct=True), **counts}
        rows = options.values(*columns.values()).annotate(**counts)
        kept_for = "users" if for_users else "itself"
        return [
            {**{name: row.pop(path) for name, path in columns.items()}, "kept_for": kept_for}
            | {"users": 0, **row}
            for row in rows.order_by("-bytes", *columns.values())[: self.options.top]
        ]
