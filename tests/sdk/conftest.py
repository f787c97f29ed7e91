"""`portal`: this package served over TLS, for clients on the other side of a socket."""

from __future__ import annotations

import importlib
import json
import os
import socket
import ssl
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from django_user_options.models import InboundWebhook
from tests.npm import installed
from tests.sdk.server import serve
from tests.tokens import issue_refresh_token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.sdk.server import PortalServer

DOMAIN = "portal.test"
# The Python SDK refreshes tokens only at this name.
OAUTH_HOST = "oauth.bitrix24.tech"


@dataclass(frozen=True)
class Portal:
    """The project as its clients see it; `authority` is the file of the certificate to trust."""

    server: PortalServer
    authority: Path
    domain: str = DOMAIN
    oauth_host: str = OAUTH_HOST

    @property
    def paths(self) -> list[str]:
        """The paths that were asked for, in order."""
        return self.server.paths

    @property
    def origin(self) -> str:
        """The address that needs no name."""
        return f"https://127.0.0.1:{self.server.server_port}"

    def run_node(self, *arguments: Path, given: Any) -> Any:
        """Return what a script of Node that trusts the portal prints about its input."""
        finished = subprocess.run(
            ["node", *map(str, arguments)],
            input=json.dumps(given),
            env={**os.environ, "NODE_EXTRA_CA_CERTS": str(self.authority), "NO_PROXY": "*"},
            capture_output=True,
            check=False,
            text=True,
            timeout=60,
        )
        assert finished.returncode == 0, finished.stderr
        return json.loads(finished.stdout)


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    """Return the certificate to trust, and what the server speaks TLS with."""
    trustme = importlib.import_module("trustme")
    authority, trusted = trustme.CA(), tmp_path_factory.mktemp("tls") / "authority.pem"
    authority.cert_pem.write_to_path(trusted)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(DOMAIN, OAUTH_HOST, "127.0.0.1").configure_cert(context)
    return trusted, context


@pytest.fixture(scope="session")
def sdk_folder() -> Path:
    """Return the folder that the SDK for JavaScript is installed in."""
    return installed("@bitrix24/b24jssdk@2.2.0")


@pytest.fixture
def portal(
    transactional_db: None, settings: Any, tls: tuple[Path, ssl.SSLContext]
) -> Iterator[Portal]:
    authority, context = tls
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, DOMAIN, OAUTH_HOST]
    # The vendor's clients know nothing of PKCE.
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "PKCE_REQUIRED": False}
    with serve(context) as server:
        yield Portal(server, authority)


@pytest.fixture
def make_webhook() -> Callable[..., str]:
    """Return a webhook as its two parts in a path, the owner's id and the secret."""

    def make(owner: Any, application: Any, **fields: Any) -> str:
        fields = {"title": "SDK", "scope": "basic", **fields}
        _, secret = InboundWebhook.objects.issue(owner=owner, application=application, **fields)
        return f"{owner.pk}/{secret}"

    return make


@pytest.fixture
def sdk(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the SDK, which finds the portal under whatever name it asks for.

    Imported late: a run without `-m sdk` collects these tests where the SDK is not installed.
    """
    resolve = socket.getaddrinfo

    def getaddrinfo(_host: Any, _port: Any, *rest: Any, **options: Any) -> Any:
        return resolve(*portal.server.server_address, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(portal.authority))
    monkeypatch.setenv("NO_PROXY", "*")
    return importlib.import_module("b24pysdk")


@pytest.fixture
def make_credential(
    sdk: Any, portal: Portal, application: Any, make_token: Callable[..., str]
) -> Callable[..., Any]:
    """Return the SDK's object for an access token and its refresh token."""

    def make(user: Any, **fields: Any) -> Any:
        access_token = make_token(application, user, **fields)
        return sdk.BitrixToken(
            domain=portal.domain,
            auth_token=access_token,
            refresh_token=issue_refresh_token(access_token),
            bitrix_app=sdk.BitrixApp(
                client_id=application.client_id, client_secret=application.client_secret
            ),
        )

    return make


@pytest.fixture
def make_webhook_credential(
    sdk: Any, portal: Portal, user: Any, make_webhook: Callable[..., str]
) -> Callable[..., Any]:
    """Return the SDK's object for a webhook of `user`."""

    def make(application: Any) -> Any:
        webhook = make_webhook(user, application)
        return sdk.BitrixWebhook(domain=portal.domain, webhook_token=webhook)

    return make


@pytest.fixture
def by_oauth(make_credential: Callable[..., Any], user: Any) -> Any:
    return make_credential(user)


@pytest.fixture
def by_webhook(make_webhook_credential: Callable[..., Any], application: Any) -> Any:
    return make_webhook_credential(application)
