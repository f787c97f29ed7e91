"""`manage.py demo`: a server to try the REST methods on."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError, call_command

from django_user_options.portal.developer.stubs import register_stubs
from example_project.application_server import SDK, ApplicationServer
from example_project.instructions import instructions
from example_project.records import issue_credentials, record_page
from example_project.samples import make_samples

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from django_user_options.portal.models import ApplicationPage

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
            "--app-port", type=int, help="Port of the application (default: the port after --port)."
        )
        parser.add_argument(
            "--app", metavar="URL", help="Open your own application in the portal, not the demo's."
        )
        parser.add_argument(
            "--sdk", type=Path, default=SDK, help="The browser build of @bitrix24/b24jssdk."
        )
        parser.add_argument(
            "--stubs",
            metavar="FILE",
            type=Path,
            help="Answer further REST methods from a JSON file of method → result.",
        )
        parser.add_argument(
            "--editable", action="store_true", help="Let the administrator edit options."
        )

    def handle(self, *_: Any, **options: Any) -> None:
        serves = not (options["credentials"] or options["no_serve"])
        if serves:
            _refuse_used(options["port"])
        if options["stubs"]:
            _register_stubs(options["stubs"])
        settings.USER_OPTIONS["ADMIN_EDITABLE"] = options["editable"]
        call_command("migrate", verbosity=0, interactive=False)
        origin = f"http://{HOST}:{options['port']}"
        issued = issue_credentials(origin)
        if options["credentials"]:
            self.stdout.write(json.dumps(issued, indent=2))
            return
        own = f"http://{HOST}:{options['app_port'] or options['port'] + 1}/"
        page = _record_page(options["app"] or own, options["app"] or f"{own}install.html")
        make_samples()
        self.stdout.write(instructions(issued, f"{origin}{page.get_absolute_url()}"))
        self.stdout.flush()
        if not serves:
            return
        if not options["app"]:
            _serve_application(own, origin, options["sdk"])
        call_command("runserver", f"{HOST}:{options['port']}", use_reloader=False)


def _register_stubs(file: Path) -> None:
    try:
        register_stubs(file)
    except (OSError, ValueError) as error:
        msg = f"{file}: {error}"
        raise CommandError(msg) from error


def _record_page(address: str, install_address: str) -> ApplicationPage:
    try:
        return record_page(address, install_address=install_address)
    except (ValidationError, ValueError) as error:
        msg = f"{address} is not the address of a web page; begin it with http:// or https://"
        raise CommandError(msg) from error


def _serve_application(address: str, portal: str, sdk: Path) -> None:
    try:
        ApplicationServer(address, portal=portal, sdk=sdk).start()
    except OSError as error:
        msg = f"{address} is taken by another program; choose another port with --app-port"
        raise CommandError(msg) from error


def _refuse_used(port: int) -> None:
    """Fail before anything else if another program listens on the port."""
    with socket.socket() as probe:
        if probe.connect_ex((HOST, port)) == 0:
            msg = f"Port {port} is in use. Choose another with --port."
            raise CommandError(msg)
