"""The tests' project on a real socket, behind TLS."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import WSGIRequestHandler, WSGIServer
from django.db import connections

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator


class PortalServer(WSGIServer):
    """Serves one request after the other and notes each one's path.

    One thread is what a database in memory can take: the test's own thread, which shares its
    connection, waits meanwhile for the answer.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        self.context = context
        self.paths: list[str] = []
        super().__init__(("127.0.0.1", 0), _RequestHandler)
        self.set_app(WSGIHandler())

    def setup_environ(self) -> None:
        super().setup_environ()
        self.base_environ["HTTPS"] = "on"

    def get_request(self) -> Any:
        connection, address = super().get_request()
        connection.settimeout(10)
        return self.context.wrap_socket(connection, server_side=True), address


class _RequestHandler(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        self.server.paths.append(urlsplit(self.path).path)


@contextmanager
def serve(context: ssl.SSLContext) -> Iterator[PortalServer]:
    """Serve Django's application on a free port of 127.0.0.1."""
    shared = {
        connection.alias: connection for connection in connections.all() if _shared(connection)
    }
    for connection in shared.values():
        connection.inc_thread_sharing()
    with PortalServer(context) as server:
        thread = threading.Thread(target=_run, args=(server, shared))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
    for connection in shared.values():
        connection.dec_thread_sharing()


def _shared(connection: Any) -> bool:
    return connection.vendor == "sqlite" and connection.is_in_memory_db()


def _run(server: PortalServer, shared: dict[str, Any]) -> None:
    for alias, connection in shared.items():
        connections[alias] = connection
    try:
        server.serve_forever(poll_interval=0.01)
    finally:
        connections.close_all()
