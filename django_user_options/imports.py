"""Options from the lines of JSON that an export wrote, through the one way into the tables."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.auth import get_user_model
from oauth2_provider.models import get_application_model

from django_user_options.conf import conf
from django_user_options.exceptions import ImportLineError, UserOptionsError
from django_user_options.keyset import PAGE_SIZE, in_batches
from django_user_options.owners import instances_by_name, owner_options
from django_user_options.validators import encode_options

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from django.db.models import Model


class ImportCounts(NamedTuple):
    """How many lines have been dealt with so far."""

    written: int
    skipped: int


class _Line(NamedTuple):
    number: int
    application: str
    user: str | None
    key: str
    value: Any


class _Owners(NamedTuple):
    """The owners whom some lines name, as far as they exist; none of the maps is asked twice."""

    applications: dict[str, Model]
    users: dict[str, Model]

    def unknown(self, line: _Line) -> str:
        if line.application not in self.applications:
            return f"no application has the client id {line.application!r}"
        if line.user is not None and line.user not in self.users:
            return f"there is no user {line.user!r}, or more than one"
        return ""

    def options(self, line: _Line, using: str | None) -> Any:
        user = None if line.user is None else self.users[line.user]
        return owner_options(self.applications[line.application], user, using=using)


def import_options(
    lines: Iterable[bytes],
    *,
    using: str | None = None,
    skip_unknown: bool = False,
    cause: object = None,
) -> Iterator[ImportCounts]:
    """Write the options of the lines, in constant memory, and yield how far it has come.

    Each owner's options among some hundred lines are one call of `set_options()`: all or none
    of them are written. Nothing happens until the counts are read. Writing the same lines again
    changes nothing but `updated_at`; the times in the lines are not taken over.

    Args:
        lines: What `as_json_lines()` yields, encoded.
        using: The database; without it the router chooses.
        skip_unknown: Skip the lines of applications and users that do not exist here.
        cause: What receivers of `options_changed` are told.

    Raises:
        ImportLineError: A line is none of an export, names an unknown owner, or passes a limit.
    """
    counts = ImportCounts(0, 0)
    for some in in_batches(_parsed(lines), PAGE_SIZE):
        owners = _Owners(
            instances_by_name(
                get_application_model(), {line.application for line in some}, using=using
            ),
            instances_by_name(
                get_user_model(), {line.user for line in some if line.user is not None}, using=using
            ),
        )
        known = [line for line in some if _is_known(line, owners, skip_unknown=skip_unknown)]
        by_owner = defaultdict(list)
        for line in known:
            by_owner[line.application, line.user].append(line)
        for own in by_owner.values():
            options = owners.options(own[0], using)
            for call in in_batches(own, conf.max_keys_per_call):
                _write(options, call, cause)
        skipped = len(some) - len(known)
        counts = ImportCounts(counts.written + len(known), counts.skipped + skipped)
        yield counts


def _is_known(line: _Line, owners: _Owners, *, skip_unknown: bool) -> bool:
    unknown = owners.unknown(line)
    if unknown and not skip_unknown:
        raise ImportLineError(unknown, line=line.number)
    return not unknown


def _write(options: Any, lines: Sequence[_Line], cause: object) -> None:
    try:
        options.set_options({line.key: line.value for line in lines}, cause=cause)
    except UserOptionsError as error:
        raise _at_its_line(error, lines) from None


def _at_its_line(error: UserOptionsError, lines: Sequence[_Line]) -> ImportLineError:
    """Return the error with the line at fault, or the first where it is that of them all."""
    for line in lines:
        try:
            encode_options({line.key: line.value})
        except UserOptionsError as own:
            return ImportLineError(str(own), line=line.number)
    return ImportLineError(str(error), line=lines[0].number)


def _parsed(lines: Iterable[bytes]) -> Iterator[_Line]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _parse(number, line)


def _parse(number: int, text: bytes) -> _Line:
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        msg = "this is no JSON object; is the file one that `export` wrote as JSON lines?"
        raise ImportLineError(msg, line=number)
    fields = _Line._fields[1:]
    missing = [field for field in fields if field not in given]
    if missing:
        msg = f"it has no {', no '.join(missing)}"
        raise ImportLineError(msg, line=number)
    line = _Line(number, *(given[field] for field in fields))
    names = [line.application, line.key, *([] if line.user is None else [line.user])]
    if not all(isinstance(name, str) for name in names):
        msg = "application and key must be strings, and user a string or null"
        raise ImportLineError(msg, line=number)
    return line
