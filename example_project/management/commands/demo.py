"""`manage.py demo`: a server to try the REST methods on."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command

from example_project.instructions import instructions
from example_project.records import issue_credentials
from example_project.samples import make_samples

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

        parser.add_argument(
            "--editable", action="store_true", help="Let the administrator edit options."
        )

    def handle(self, *_: Any, **options: Any) -> None:
        serves = not (options["credentials"] or options["no_serve"])
        if serves:
            _refuse_used(options["port"])
        if options["editable"]:
            settings.USER_OPTIONS["ADMIN_EDITABLE"] = True
        call_command("migrate", verbosity=0, interactive=False)
        issued = issue_credentials(f"http://{HOST}:{options['port']}")
        if options["credentials"]:
            self.stdout.write(json.dumps(issued, indent=2))
            return
        make_samples()
        self.stdout.write(instructions(issued))
        self.stdout.flush()
        if serves:
            call_command("runserver", f"{HOST}:{options['port']}", use_reloader=False)


def _refuse_used(port: int) -> None:
    """Say so before anything else if something listens at the port."""
    with socket.socket() as probe:
        if probe.connect_ex((HOST, port)) == 0:
            msg = f"Port {port} is in use. Choose another with --port."
            raise CommandError(msg)
