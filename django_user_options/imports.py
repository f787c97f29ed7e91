"""Importing options from the lines of JSON that an export wrote."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.auth import get_user_model
from oauth2_provider.models import get_application_model

from django_user_options.conf import conf
from django_user_options.exceptions import ImportLineError, UserOptionsError
from django_user_options.fields import decode_json
from django_user_options.keyset import PAGE_SIZE, in_batches
from django_user_options.owners import instances_by_name, owner_options
from django_user_options.validators import encode_options

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# By the first bytes of a file.
_COMPRESSIONS = {
    b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"PK\3\4": "zip",
    b"\x28\xb5\x2f\xfd": "zstd",
}  # fmt: skip
_NOT_EXPORTED = "this is not a JSON object; the file must be one that `export` wrote as JSON lines"


class ImportCounts(NamedTuple):
    """How many lines have been imported or skipped so far."""

    written: int
    skipped: int


class _Line(NamedTuple):
    number: int
    application: str
    user: str | None
    key: str
    value: Any


def import_options(
    lines: Iterable[bytes],
    *,
    using: str | None = None,
    skip_unknown: bool = False,
    cause: object = None,
) -> Iterator[ImportCounts]:
    """Write the options of the lines, in constant memory, and yield the counts so far.

    The lines are read in batches. Each owner's options in a batch are written by one call of
    `set_options()`: all or none. Nothing happens until the counts are read. Writing the same
    lines again changes only `updated_at`; the times in the lines are ignored.

    Args:
        lines: What `as_json_lines()` yields, encoded.
        using: The database; by default, the router chooses it.
        skip_unknown: Skip lines of applications and users that do not exist here.
        cause: The cause for receivers of `options_changed`.

    Raises:
        ImportLineError: A line is not in the export format, names an unknown owner, or exceeds
            a limit.
    """
    counts = ImportCounts(0, 0)
    for batch in in_batches(_parsed(lines), PAGE_SIZE):
        groups = list(_by_owner(batch, using=using, skip_unknown=skip_unknown))
        for options, own in groups:
            for call in in_batches(own, conf.max_keys_per_call):
                _write(options, call, cause)
        written = sum(len(own) for _, own in groups)
        counts = ImportCounts(counts.written + written, counts.skipped + len(batch) - written)
        yield counts


def _by_owner(
    lines: Sequence[_Line], *, using: str | None, skip_unknown: bool
) -> Iterator[tuple[Any, list[_Line]]]:
    """Yield the options of each owner, with the lines to write to them."""
    names = {line.user for line in lines if line.user is not None}
    users: dict[Any, Any] = {None: None, **instances_by_name(get_user_model(), names, using=using)}
    names = {line.application for line in lines}
    applications = instances_by_name(get_application_model(), names, using=using)
    groups = defaultdict(list)
    for line in lines:
        if line.application not in applications:
            problem = f"no application has the client id {line.application!r}"
        elif line.user not in users:
            problem = f"there is no user {line.user!r}, or more than one"
        else:
            groups[line.application, line.user].append(line)
            continue
        if not skip_unknown:
            raise ImportLineError(problem, line=line.number)
    for (application, user), own in groups.items():
        yield owner_options(applications[application], users[user], using=using), own


def _write(options: Any, lines: Sequence[_Line], cause: object) -> None:
    """Write the lines in one call; an error names the faulty line if known, or the first one."""
    try:
        options.set_options({line.key: line.value for line in lines}, cause=cause)
    except UserOptionsError as error:
        for line in lines:
            try:
                encode_options({line.key: line.value})
            except UserOptionsError as own:
                raise ImportLineError(str(own), line=line.number) from None
        raise ImportLineError(str(error), line=lines[0].number) from None


def _parsed(lines: Iterable[bytes]) -> Iterator[_Line]:
    for number, text in enumerate(lines, start=1):
        if text.strip():
            try:
                _check_format(text)
                yield _parse(number, text)
            except json.JSONDecodeError:
                raise ImportLineError(_NOT_EXPORTED, line=number) from None
            except ValueError as error:
                raise ImportLineError(str(error), line=number) from None


def _check_format(text: bytes) -> None:
    for start, name in _COMPRESSIONS.items():
        if text.startswith(start):
            msg = f"the file is compressed with {name}; decompress it first"
            raise ValueError(msg)
    # JSON never contains a 0. In UTF-16, every other byte of Latin text is one; in UTF-32, three of
    # four are.
    if b"\0" in text:
        encoding = "UTF-32" if b"\0\0\0" in text else "UTF-16"
        msg = f"the file is encoded in {encoding}; it must be in UTF-8"
        raise ValueError(msg)


def _parse(number: int, text: bytes) -> _Line:
    given = decode_json(text)
    if not isinstance(given, dict):
        raise ValueError(_NOT_EXPORTED)
    fields = _Line._fields[1:]
    if missing := [field for field in fields if field not in given]:
        msg = f"it has no {', no '.join(missing)}"
        raise ValueError(msg)
    line = _Line(number, *(given[field] for field in fields))
    names = line.application, line.key, "" if line.user is None else line.user
    if not all(isinstance(name, str) for name in names):
        msg = "application and key must be strings, and user must be a string or null"
        raise ValueError(msg)
    return line
