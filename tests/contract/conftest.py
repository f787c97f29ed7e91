"""The server of the contract: this process, or the one that USER_OPTIONS_SERVER describes.

The variable holds what `python example_project/manage.py demo --credentials` prints. Tests
that need settings or records of their own are left out then.
"""

from __future__ import annotations

import json
import logging
import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone
from hypothesis import settings as hypothesis_settings

from tests.contract.server import ADMINISTRATOR, APPLICATION, HEADLESS, USER, Server
from tests.contract.transport import ORIGIN, in_process, over_a_socket
from tests.tokens import issue_webhook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RUNNING = json.loads(os.environ.get("USER_OPTIONS_SERVER", "null"))
LONG_AGO = timezone.now() - timedelta(days=365)
STORES = (USER, ADMINISTRATOR, HEADLESS, APPLICATION)

hypothesis_settings.register_profile(
    "contract", deadline=None, derandomize=True, max_examples=25, database=None
)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "in_process: needs settings or records that a running server cannot give"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if RUNNING:
        left_out = [item for item in items if item.get_closest_marker("in_process")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def running_server() -> Iterator[Server]:
    """A running server, whose options are put back at the end."""
    server = Server(over_a_socket, RUNNING)
    found = {store: server.stored(store) for store in STORES}
    yield server
    for store, options in found.items():
        server.clear(store)
        server.store(options, store)


# Two definitions, as pytest-django prepares a database only where fixtures ask for it by name.
if RUNNING:

    @pytest.fixture
    def target(running_server: Server) -> Server:
        for store in STORES:
            running_server.clear(store)
        return running_server

else:

    @pytest.fixture
    def target(issued: dict[str, Any]) -> Server:
        return Server(in_process, issued)


@pytest.fixture
def server(target: Server, caplog: pytest.LogCaptureFixture) -> Iterator[Server]:
    """A server on which nothing is stored, and whose logs must keep every secret."""
    caplog.set_level(logging.INFO)
    yield target
    logs = "\n".join(map(caplog.handler.format, caplog.get_records("call")))
    assert [secret for secret in target.secrets if secret in logs] == []


@pytest.fixture
def issued(
    make_user: Callable[..., Any],
    make_application: Callable[..., Any],
    make_token: Callable[..., str],
) -> dict[str, Any]:
    """What the demo issues, and some that it does not."""
    user = make_user("demo-user")
    administrator = make_user("demo-admin", is_superuser=True, is_staff=True)
    inactive = make_user("demo-inactive", is_active=False)
    application = make_application(client_id="demo-notes", user=user, client_secret="confidential")
    headless = {"authorization_grant_type": "client-credentials"}
    worker = make_application(client_id="demo-worker", user=user, **headless)
    admin_worker = make_application(user=administrator, **headless)
    ownerless = make_application(user=None, **headless)
    retired = make_application(user=inactive, **headless)
    return {
        "url": f"{ORIGIN}/rest/",
        "client_id": application.client_id,
        "client_secret": "confidential",
        "access_token": make_token(application, user),
        "admin_access_token": make_token(application, administrator),
        "expired_access_token": make_token(application, user, lifetime=timedelta(hours=-1)),
        "headless_access_token": make_token(worker, None),
        "no_scope_access_token": make_token(application, user, scope=""),
        "webhook": _webhook(user, application),
        "webhook_without_application": _webhook(user, None),
        "user_id": user.pk,
        "admin_user_id": administrator.pk,
        # These a running server has not issued.
        "other_scope_access_token": make_token(application, user, scope="other"),
        "inactive_access_token": make_token(application, inactive),
        "inactive_headless_access_token": make_token(retired, None),
        "admin_headless_access_token": make_token(admin_worker, None),
        "ownerless_access_token": make_token(ownerless, None),
        "no_application_access_token": make_token(None, user),
        "inactive_webhook": _webhook(inactive, application),
        "plain_administrator_webhook": _webhook(administrator, application),
        "trusted_administrator_webhook": _webhook(administrator, application, allow_admin=True),
        "trusted_user_webhook": _webhook(user, application, allow_admin=True),
        "no_scope_webhook": _webhook(user, application, scope=""),
        "expired_webhook": _webhook(user, application, expires_at=LONG_AGO),
        "revoked_webhook": _webhook(user, application, revoked_at=LONG_AGO),
        "swapped_webhook": _webhook(user, application, claimed=administrator),
    }


def _webhook(owner: Any, application: Any, *, claimed: Any = None, **fields: Any) -> str:
    """Return the address of a new webhook, with the user id that it claims to be of."""
    fields = {"scope": "basic", **fields}
    _, secret = issue_webhook(owner=owner, application=application, **fields)
    return f"{ORIGIN}/rest/{(claimed or owner).pk}/{secret}/"
