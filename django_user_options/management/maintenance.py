"""The subcommands that count options and delete options and webhooks: stats and purge."""

from __future__ import annotations

import re
from datetime import timedelta
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING, Any

from django.core.management import CommandError
from django.db.models import Count, Max, Q, Sum, Value
from django.utils import timezone

from django_user_options.keyset import in_pages
from django_user_options.management import arguments
from django_user_options.management.subcommand import CAUSE, ReportCommand, WriteCommand, number_of
from django_user_options.models import AppUserOption, InboundWebhook
from django_user_options.owners import delete_counted, delete_rows

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
        super().add_arguments(parser)
        arguments.add_owner(parser, application="Count by key of this application.")
        rows = arguments.positive_integer
        parser.add_argument("--top", type=rows, metavar="N", default=20, help="Rows. Default: 20.")

    def run(self) -> None:
        tables = arguments.selected_options(self.options, using=self.options.database)
        rows = [row for options in tables for row in self._largest(options)]
        rows = sorted(rows, key=lambda row: row["bytes"], reverse=True)[: self.options.top]
        totals = [options.aggregate(count=Count("pk"), size=Sum("size")) for options in tables]
        count = sum(total["count"] for total in totals)
        size = sum(total["size"] or 0 for total in totals)
        if self.options.json:
            self.write_json({"rows": rows, "total": {"options": count, "bytes": size}})
            return
        if rows:
            self.write_rows(rows, empty="")
        self.stdout.write(f"{number_of(count, 'option')}, {number_of(size, 'byte')} in total.")

    def _largest(self, options: QuerySet[Any]) -> list[dict[str, Any]]:
        columns = _BY_APPLICATION if self.options.application is None else _BY_KEY
        for_users = options.model is AppUserOption
        rows = options.values(*columns.values()).annotate(
            users=Count("user", distinct=True) if for_users else Value(0),
            options=Count("pk"),
            bytes=Sum("size"),
            updated_at=Max("updated_at"),
        )
        kept_for = "users" if for_users else "itself"
        return [
            {**{name: row.pop(path) for name, path in columns.items()}, "kept_for": kept_for, **row}
            for row in rows.order_by("-bytes", *columns.values())[: self.options.top]
        ]


class PurgeOptionsCommand(WriteCommand):
    """Delete options by a pattern of their keys, by age, or by both.

    Patterns are those of the shell: * matches any text, ? one character, and [ab] one of these
    characters. Quote the pattern. Age counts from the last change. The options of each owner are
    deleted separately, so no lock lasts long. With --application, only the options of that
    application are read. Try --dry-run first. Deleting options of every key and age asks for
    confirmation, unless --no-input is given.

    Examples:
      python manage.py user_options purge options --key 'draft.*' --older-than 90d --dry-run
      python manage.py user_options purge options --key 'draft.*' --application notes
      python manage.py user_options purge options --user ann --key '*' --no-input
    """

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--key", metavar="PATTERN", type=arguments.decoded_text, help="Only matching keys."
        )
        parser.add_argument(
            "--older-than",
            metavar="AGE",
            type=arguments.duration,
            help="Only options unchanged for this long: 90d, 12h, …",
        )
        arguments.add_owner(parser)
        cls.add_no_input(parser)

    def run(self) -> None:
        if self.options.key is None and self.options.older_than is None:
            msg = "Give --key PATTERN, --older-than AGE, or both. --key '*' matches every key."
            raise CommandError(msg)
        tables = [
            self._narrowed(options)
            for options in arguments.selected_options(self.options, using=self.write_db)
        ]
        # An empty pattern, for example from an unset variable, matches nothing.
        pattern = "*" if self.options.key is None else self.options.key
        everything = not self.options.older_than and re.fullmatch(r"\*+", pattern)
        if everything and self.asks:
            count = number_of(arguments.total_of(tables), "option")
            self.confirm(f"This deletes {count}, whatever the key.")
        deleted = self._delete_matching(tables, pattern)
        self.report(number_of(deleted, "option"), "deleted", deleted=deleted)

    def _narrowed(self, options: QuerySet[Any]) -> QuerySet[Any]:
        """Filter in the database as far as possible: on SQLite, startswith ignores case."""
        if self.options.older_than is not None:
            options = options.filter(updated_at__lt=timezone.now() - self.options.older_than)
        beginning = re.split(r"[*?[]", self.options.key or "")[0]
        return options.filter(key__startswith=beginning)

    def _delete_matching(self, tables: list[Any], pattern: str) -> int:
        read = deleted = 0
        total = partial(arguments.total_of, tables)
        with self.progress("options found", total) as update:
            for options in tables:
                for page in in_pages(options):
                    rows = [row for row in page if fnmatchcase(row[-1], pattern)]
                    dry_run = self.options.dry_run
                    deleted += len(rows) if dry_run else delete_rows(options, rows, cause=CAUSE)
                    read += len(page)
                    update(completed=read, found=deleted)
        return deleted


class PurgeWebhooksCommand(WriteCommand):
    """Delete webhooks that have expired or were revoked. Usable webhooks stay.

    With --older-than, webhooks that ended more recently stay in the list.

    Examples:
      python manage.py user_options purge webhooks --older-than 30d --dry-run
      python manage.py user_options purge webhooks
    """

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--older-than",
            metavar="AGE",
            type=arguments.duration,
            default=timedelta(),
            help="Only webhooks that ended this long ago: 30d, 12h, …",
        )

    def run(self) -> None:
        ended_before = timezone.now() - self.options.older_than
        ended = InboundWebhook.objects.using(self.write_db).filter(
            Q(expires_at__lte=ended_before) | Q(revoked_at__lte=ended_before)
        )
        with self.undone_if_dry_run():
            deleted = delete_counted(ended)
        self.report(number_of(deleted, "webhook"), "deleted", deleted=deleted)
