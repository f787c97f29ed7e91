"""Fills a database with options, exports them, wipes them, imports them, and compares.

    createdb user_options_million
    DATABASE_URL=postgres://…/user_options_million python -m tests.management.million

It prints seconds and the peak of memory of each step. The database must be its own: it refuses
one that holds options.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import time
from itertools import islice, product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import django
from django.core.management import call_command

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import Model

KEYS_PER_OWNER = 20
APPLICATIONS = 5
# The unit of ru_maxrss is kilobytes, but bytes on a Mac.
_RSS_PER_MEGABYTE = 1024 * 1024 if sys.platform == "darwin" else 1024


def main() -> None:
    """Do it all and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--options", type=int, default=1_000_000)
    count: int = parser.parse_args().options
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    call_command("migrate", verbosity=0)
    _fill(count)
    before = _fingerprint()
    with TemporaryDirectory() as folder:
        file = Path(folder) / "options.jsonl"
        _run("export", f"user_options export > {file}")
        _say(f"file: {file.stat().st_size / 2**20:,.0f} MB")
        _wipe()
        _run("import", f"user_options import {file}")
    after = _fingerprint()
    equal = before == after
    _say(f"{'equal' if equal else 'NOT EQUAL'}: {before[0]:,} options, SHA-256 {before[1][:16]}…")
    sys.exit(not equal)


def _fill(count: int) -> None:
    from django_user_options.keyset import in_batches  # noqa: PLC0415
    from django_user_options.models import AppOption, AppUserOption  # noqa: PLC0415

    if AppOption.objects.exists() or AppUserOption.objects.exists():
        sys.exit("This database holds options already; give it one of its own.")
    start = time.monotonic()
    for batch in in_batches(_rows(count), 5_000):
        AppUserOption.objects.bulk_create(batch)
    _say(f"filled in {time.monotonic() - start:,.0f} s")


def _rows(count: int) -> Iterator[Model]:
    """Yield options of users, twenty for each of five applications, none like the next."""
    from django.contrib.auth import get_user_model  # noqa: PLC0415
    from oauth2_provider.models import get_application_model  # noqa: PLC0415

    user_model, application_model = get_user_model(), get_application_model()
    users = -(-count // (APPLICATIONS * KEYS_PER_OWNER))
    user_model.objects.bulk_create(
        [user_model(username=f"user{number}") for number in range(users)], batch_size=5_000
    )
    application_model.objects.bulk_create(
        [application_model(client_id=f"app{number}") for number in range(APPLICATIONS)]
    )
    # Owners' rows lie apart, as they do in a table that grew over years.
    keys = range(KEYS_PER_OWNER)
    every = product(keys, user_model.objects.all(), application_model.objects.all())
    return islice((_option(number, *place) for number, place in enumerate(every)), count)


def _option(number: int, key: int, user: Any, application: Any) -> Model:
    from django_user_options.fields import encode_json  # noqa: PLC0415
    from django_user_options.models import AppUserOption  # noqa: PLC0415

    text = encode_json(_value(number))
    owner = {"application": application, "user": user}
    return AppUserOption(**owner, key=f"settings.{key}", value=text, size=len(text.encode()))


def _value(number: int) -> Any:
    kinds = (
        {"theme": "тёмная", "columns": ["name", "date", str(number)], "zoom": number / 7},
        f"text {number} with “quotes” and a line\nbreak",
        number * 10**24 + 1,
        [-0.0, 1e16, None, number],
        number % 3 == 0,
    )
    return kinds[number % len(kinds)]


def _fingerprint() -> tuple[int, str]:
    """Return the number of options and a digest of all owners, keys and stored texts."""
    from django.db import connection  # noqa: PLC0415

    digest, count = hashlib.sha256(), 0
    key = connection.ops.quote_name("key")
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            f"SELECT application_id, user_id, {key}, value FROM django_user_options_appuseroption "
            f"ORDER BY application_id, user_id, {key}"
        )
        while rows := cursor.fetchmany(5_000):
            count += len(rows)
            digest.update(json.dumps(rows).encode())
    return count, digest.hexdigest()


def _wipe() -> None:
    from django_user_options.models import AppUserOption  # noqa: PLC0415

    AppUserOption.objects.all().delete()


def _run(step: str, command: str) -> None:
    """Run a command in a process of its own, and print the time and memory that it took."""
    start = time.monotonic()
    process = subprocess.Popen(f"exec {sys.executable} -m django {command}", shell=True)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"{step} failed"
    peak = usage.ru_maxrss / _RSS_PER_MEGABYTE
    _say(f"{step}: {time.monotonic() - start:,.0f} s, at most {peak:,.0f} MB")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
