"""`manage.py demo`: a server to try the REST methods on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.core.management import BaseCommand, call_command

from example_project.instructions import instructions
from example_project.records import issue_credentials

if TYPE_CHECKING:
    from argparse import ArgumentParser

HOST = "127.0.0.1"


class Command(BaseCommand):
    """Prepares the database, prints commands to try, and serves."""

    help = "Migrate, create the demo's records, print commands to paste, and serve on 127.0.0.1."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--credentials", action="store_true", help="Print one JSON object and exit."
        )
        parser.add_argument(
            "--no-serve", action="store_true", help="Print the commands to paste and exit."
        )
        parser.add_argument(
            "--port", type=int, default=8000, help="Port to serve on (default: 8000)."
        )

    def handle(self, *_: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        issued = issue_credentials(f"http://{HOST}:{options['port']}")
        if options["credentials"]:
            self.stdout.write(json.dumps(issued, indent=2))
            return
        self.stdout.write(instructions(issued))
        self.stdout.flush()
        if not options["no_serve"]:
            call_command("runserver", f"{HOST}:{options['port']}", use_reloader=False)
