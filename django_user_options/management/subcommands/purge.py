"""Deleting what nobody needs any more: webhooks that ended, keys by pattern and age."""

from __future__ import annotations

import re
from datetime import timedelta
from fnmatch import fnmatchcase
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.core.management import CommandError
from django.db.models import Q
from django.utils import timezone

from django_user_options.conf import conf
from django_user_options.keyset import PAGE_SIZE, in_batches, in_pages
from django_user_options.management.subcommands.arguments import (
    add_application,
    add_user,
    application_of,
    duration,
    text,
    user_of,
)
from django_user_options.management.subcommands.base import CAUSE, Writing
from django_user_options.management.subcommands.output import Progress, number_of
from django_user_options.models import InboundWebhook
from django_user_options.owners import existing_owners, options_of

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Iterator

    from django.db.models import QuerySet


class PurgeOptions(Writing):
    """Deletes options of many owners."""

    help = "Delete options by a pattern of their keys, by age, or both."
    epilog = """\
A pattern is the shell's: * stands for any text, ? for one character, [ab] for one of these. Put it
into quotes. Age counts from the last change. Each owner's options go by calls of their own, so
nobody waits long; --application makes it read that application's options only. Try it by
--dry-run first. For cron: what is deleted once is not there the next time.

examples:
  python manage.py user_options purge options --key 'draft.*' --older-than 90d --dry-run
  python manage.py user_options purge options --key 'draft.*' --application notes
  python manage.py user_options purge options --user ann --key '*'
"""

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Declare which."""
        super().add_arguments(parser)
        parser.add_argument(
            "--key", type=text, metavar="PATTERN", help="Only keys of this pattern."
        )
        parser.add_argument(
            "--older-than", metavar="AGE", type=duration, help="Not changed for 90d, 12h, …"
        )
        add_application(parser, "Only of this application: its own options and those for users.")
        add_user(parser, "Only for this user.")

    def run(self) -> None:
        """Delete them, or in a dry run count them."""
        if self.options.key is None and self.options.older_than is None:
            msg = "Say which: --key PATTERN, --older-than AGE, or both; --key '*' means all."
            raise CommandError(msg)
        tables = options_of(
            application=application_of(self.options),
            user=user_of(self.options),
            using=self.write_db,
        )
        deleted = 0
        shown = self.options.verbosity > 0
        with Progress(self.stderr, "options found", shown=shown) as progress:
            for options in tables:
                for count in self._purge(self._narrowed(options)):
                    deleted += count
                    progress.show(deleted)
        self.report(f"{number_of(deleted, 'option')} deleted.", deleted=deleted)

    def _narrowed(self, options: QuerySet[Any]) -> QuerySet[Any]:
        """Let the database leave out what it can; SQLite compares beginnings in either case."""
        if self.options.older_than is not None:
            options = options.filter(updated_at__lt=timezone.now() - self.options.older_than)
        beginning = re.split(r"[*?[]", self.options.key or "")[0]
        return options.filter(key__startswith=beginning) if beginning else options

    def _purge(self, options: Any) -> Iterator[int]:
        # No pattern is every key, but an empty one, of an unset variable perhaps, is none.
        pattern = "*" if self.options.key is None else self.options.key
        for page in in_pages(options):
            found = [row for row in page if fnmatchcase(row[-1], pattern)]
            if self.options.dry_run:
                yield len(found)
            else:
                yield self._delete(options, found)

    def _delete(self, options: Any, rows: list[tuple[Any, ...]]) -> int:
        """Delete the rows through the one way in, which also sees whether they changed since."""
        owners = existing_owners((row[:-1] for row in rows), using=self.write_db)
        deleted = 0
        for pks, own in groupby(rows, key=lambda row: row[:-1]):
            # An owner who has gone since took the options along.
            if pks in owners:
                for some in in_batches((row[-1] for row in own), conf.max_keys_per_call):
                    deleted += options.for_owner(*owners[pks]).delete_options(some, cause=CAUSE)
        return deleted


class PurgeWebhooks(Writing):
    """Deletes webhooks that ended."""

    help = "Delete webhooks that have expired or were revoked; usable ones stay."
    epilog = """\
With --older-than they must have ended that long ago, so that the list still shows the others.

examples:
  python manage.py user_options purge webhooks --older-than 30d --dry-run
  python manage.py user_options purge webhooks
"""

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Declare which."""
        super().add_arguments(parser)
        parser.add_argument(
            "--older-than", metavar="AGE", type=duration, help="Ended 30d, 12h, … ago; else any."
        )

    def run(self) -> None:
        """Delete them in batches, or in a dry run count them."""
        ended_before = timezone.now() - (self.options.older_than or timedelta())
        ended = InboundWebhook.objects.using(self.write_db).filter(
            Q(expires_at__lte=ended_before) | Q(revoked_at__lte=ended_before)
        )
        deleted = 0
        if self.options.dry_run:
            deleted = ended.count()
        else:
            # What is read from the chosen rows is settled before the first is deleted.
            for pks in in_batches(list(ended.values_list("pk", flat=True)), PAGE_SIZE):
                deleted += ended.filter(pk__in=pks).delete()[0]
        self.report(f"{number_of(deleted, 'webhook')} deleted.", deleted=deleted)
