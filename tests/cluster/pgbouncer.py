"""Writers behind PgBouncer in transaction mode: is anything lost, and which settings work?

    python -m tests.cluster.pgbouncer [--short]

Needs PostgreSQL and PgBouncer on the machine; starts both and removes them. Ends with 1 where
something was lost, or where a setting that the README recommends failed.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

from tests.cluster.load import as_markdown, prepare_host, writers
from tests.cluster.postgresql import PgBouncer, pooled_server
from tests.cluster.servers import workplace

if TYPE_CHECKING:
    from collections.abc import Callable

WAYS = ["queryset"] * 12 + ["rest"] * 4
RECOMMENDED = ("", "server_side_binding=true", "pool=true")
DISCOURAGED = "prepare_threshold=0&server_side_binding=true"


def write_through(
    pooler: PgBouncer, options: str, issued: dict[str, str], *, seconds: float
) -> dict[str, str]:
    """Let writers write with these options of Django's, and return the figures."""
    from django_user_options.models import AppUserOption

    AppUserOption.objects.all().delete()
    with writers([f"{pooler.url()}?{options}"], WAYS, issued) as load:
        time.sleep(seconds)
    stored = dict(AppUserOption.objects.values_list("key", "value"))
    return load.table() | {"lost": str(len(load.losses(stored)))}


def cursor_of_the_server_survives() -> bool:
    """Return whether `iterator` works with Django's defaults while others use the pool."""
    import psycopg
    from django.db import DatabaseError, transaction

    from django_user_options.models import AppUserOption

    rows = AppUserOption.objects.order_by("pk").iterator(chunk_size=1)
    try:
        next(rows)
        with transaction.atomic(using="node2"):
            # It takes the connection in which the cursor was opened.
            AppUserOption.objects.using("node2").exists()
            next(rows)
    except (DatabaseError, psycopg.Error):
        return False
    return True


def prepared_statements_survive() -> bool:
    """Return whether two clients may prepare statements, each under names of its own."""
    from django.db import DatabaseError

    from django_user_options.models import AppUserOption

    try:
        for alias in ("node3", "node4"):
            AppUserOption.objects.using(alias).filter(key="theme").exists()
    except DatabaseError:
        return False
    return True


def run(*, short: bool, tell: Callable[[str], object]) -> bool:
    """Run it all, tell the figures, and return whether all went as the README promises."""
    fine = True
    with workplace() as folder, pooled_server(folder) as pooler:
        clients = [pooler.url()] * 2 + [f"{pooler.url()}?{DISCOURAGED}"] * 2
        issued = prepare_host(clients)
        for options in RECOMMENDED[:1] if short else RECOMMENDED:
            figures = write_through(pooler, options, issued, seconds=3 if short else 30)
            tell(f"\n{options or 'Django as it comes'}:\n\n{as_markdown(figures)}")
            fine &= figures["lost"] == "0" and figures["refused"] == "0"
        found = {
            "cursors of the server": cursor_of_the_server_survives(),
            "prepared statements": prepared_statements_survive(),
        }
    tell("\n".join(f"\n{what}: {'work' if works else 'break'}" for what, works in found.items()))
    return fine


def main(arguments: list[str]) -> int:
    """Read the command line and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.cluster.pgbouncer")
    parser.add_argument(
        "--short", action="store_true", help="Django as it comes, for a few seconds"
    )
    given = parser.parse_args(arguments)
    return 0 if run(short=given.short, tell=print) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
