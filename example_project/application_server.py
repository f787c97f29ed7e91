"""A small application with a user interface, on an origin of its own."""

from __future__ import annotations

import threading
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

FOLDER = Path(__file__).resolve().parent
SDK = FOLDER / "node_modules/@bitrix24/b24jssdk/dist/umd/index.min.js"
_FILES = {f"/{path.name}": path for path in (FOLDER / "application").iterdir()}


class ApplicationServer(ThreadingHTTPServer):
    """Serves the application at an address for the portal at the origin `portal`."""

    def __init__(self, address: str, *, portal: str, sdk: Path) -> None:
        parts = urlsplit(address)
        super().__init__((parts.hostname, parts.port), _RequestHandler)
        self.portal = portal
        self.files = {**_FILES, "/": _FILES["/index.html"], "/b24jssdk.js": sdk}

    def start(self) -> None:
        """Serve in a thread that ends with the process."""
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _RequestHandler(SimpleHTTPRequestHandler):
    server: ApplicationServer

    def do_GET(self) -> None:
        file = self.server.files.get(urlsplit(self.path).path)
        if file is None or not file.is_file():
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        body = file.read_bytes()
        if file.suffix == ".html":
            body = Template(body.decode()).substitute(portal=self.server.portal).encode()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", f"{self.guess_type(file)}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    # The portal opens an application with a POST, whose form a page of files does not need.
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Log nothing, to keep the commands to paste in view."""
