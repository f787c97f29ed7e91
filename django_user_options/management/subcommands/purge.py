"""The subcommands that delete options by pattern or age, and webhooks that have ended."""

from __future__ import annotations

import re
import sys
from datetime import timedelta
from fnmatch import fnmatchcase
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.core.management import CommandError
from django.db.models import Q
from django.utils import timezone

from django_user_options.conf import conf
from django_user_options.keyset import PAGE_SIZE, in_batches, in_pages
from django_user_options.management.subcommands import arguments
from django_user_options.management.subcommands.subcommand import CAUSE, WriteCommand, total_of
from django_user_options.management.subcommands.terminal import number_of
from django_user_options.models import InboundWebhook
from django_user_options.owners import existing_owners

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from django.db.models import QuerySet


class PurgeOptionsCommand(WriteCommand):
    """Delete options by a pattern of their keys, by age, or by both.

    Patterns are those of the shell: * matches any text, ? one character, and [ab] one of these
    characters. Quote the pattern. Age counts from the last change. The options of each owner are
    deleted separately, so no lock lasts long. With --application, only the options of that
    application are read. Try --dry-run first. A pattern that matches every key asks for
    confirmation, unless --no-input is given.

    Examples:
      python manage.py user_options purge options --key 'draft.*' --older-than 90d --dry-run
      python manage.py user_options purge options --key 'draft.*' --application notes
      python manage.py user_options purge options --user ann --key '*' --no-input
    """

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Add the pattern, the age and the owner."""
        super().add_arguments(parser)
        parser.add_argument(
            "--key", metavar="PATTERN", type=arguments.decoded_text, help="Only matching keys."
        )
        arguments.add_age(parser, "Only options unchanged for this long: 90d, 12h, …")
        arguments.add_application(parser, "Only options of this application and of its users.")
        arguments.add_user(parser, "Only options of this user.")
        parser.add_argument(
            "--no-input",
            action="store_false",
            dest="interactive",
            help="Delete without asking.",
        )

    def run(self) -> None:
        """Delete the options or, in a dry run, count them."""
        if self.options.key is None and self.options.older_than is None:
            msg = "Give --key PATTERN, --older-than AGE, or both. --key '*' matches every key."
            raise CommandError(msg)
        selected = arguments.selected_options(self.options, using=self.write_db)
        tables = [self._narrowed(options) for options in selected]
        every_key = self.options.older_than is None and re.fullmatch(r"\*+", self.options.key)
        if every_key and self.options.interactive and not self.options.dry_run:
            self._confirm(total_of(tables))
        deleted = self._delete_matching(tables)
        self.report(number_of(deleted, "option"), "deleted", deleted=deleted)

    def _confirm(self, count: int) -> None:
        what = f"This deletes {number_of(count, 'option')}, whatever the key."
        if sys.stdin is None or not sys.stdin.isatty():
            msg = f"{what} Add --no-input to confirm it."
            raise CommandError(msg)
        question = f"{what} Type 'yes' to continue, or 'no' to cancel: "
        self.stderr.write(question, style_func=str, ending="")
        self.stderr.flush()
        if sys.stdin.readline().strip() != "yes":
            msg = "Nothing was deleted."
            raise CommandError(msg)

    def _narrowed(self, options: QuerySet[Any]) -> QuerySet[Any]:
        """Filter in the database as far as possible: on SQLite, startswith ignores case."""
        if self.options.older_than is not None:
            options = options.filter(updated_at__lt=timezone.now() - self.options.older_than)
        beginning = re.split(r"[*?[]", self.options.key or "")[0]
        return options.filter(key__startswith=beginning) if beginning else options

    def _delete_matching(self, tables: list[Any]) -> int:
        # An empty pattern, for example of an unset variable, matches nothing.
        pattern = "*" if self.options.key is None else self.options.key
        read = deleted = 0
        with self.progress("options found", partial(total_of, tables)) as update:
            for options in tables:
                for page in in_pages(options):
                    rows = [row for row in page if fnmatchcase(row[-1], pattern)]
                    deleted += len(rows) if self.options.dry_run else self._delete(options, rows)
                    read += len(page)
                    update(completed=read, found=deleted)
        return deleted

    def _delete(self, options: Any, rows: list[tuple[Any, ...]]) -> int:
        """Delete the rows owner by owner, except those that have changed since they were read."""
        owners = existing_owners((row[:-1] for row in rows), using=self.write_db)
        deleted = 0
        for pks, own in groupby(rows, key=lambda row: row[:-1]):
            # If the owner is missing, it was deleted together with its options.
            if pks in owners:
                for some in in_batches((row[-1] for row in own), conf.max_keys_per_call):
                    deleted += options.for_owner(*owners[pks]).delete_options(some, cause=CAUSE)
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
        """Add the age."""
        super().add_arguments(parser)
        arguments.add_age(parser, "Only webhooks that ended this long ago: 30d, 12h, …")

    def run(self) -> None:
        """Delete the webhooks or, in a dry run, count them."""
        ended_before = timezone.now() - (self.options.older_than or timedelta())
        ended = InboundWebhook.objects.using(self.write_db).filter(
            Q(expires_at__lte=ended_before) | Q(revoked_at__lte=ended_before)
        )
        deleted = 0
        if self.options.dry_run:
            deleted = ended.count()
        else:
            # All primary keys are read before the first webhook is deleted.
            for pks in in_batches(list(ended.values_list("pk", flat=True)), PAGE_SIZE):
                deleted += ended.filter(pk__in=pks).delete()[0]
        self.report(number_of(deleted, "webhook"), "deleted", deleted=deleted)
