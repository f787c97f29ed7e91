"""What holds in a project with a replica that lags; `test_clusters.py` runs this module.

The replica's replay is paused, so it lags for as long as a test wants.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from django.db import InternalError, connections
from django.test.utils import CaptureQueriesContext
from oauth2_provider.models import get_access_token_model, get_application_model

from django_user_options.exceptions import OptionLimitError
from django_user_options.models import AppUserOption, InboundWebhook
from tests.load.servers import wait_until
from tests.tokens import issue_refresh_token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def ask(alias: str, statement: str, *parameters: Any) -> Any:
    with connections[alias].cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchone()[0]


@pytest.fixture
def db(django_db_blocker: Any) -> Iterator[None]:
    """The two databases as they are: a transaction would hide from one what the other has."""
    with django_db_blocker.unblock():
        yield
        get_application_model().objects.using("default").all().delete()
        get_user_model().objects.using("default").all().delete()


@pytest.fixture
def catch_up(db: None) -> Callable[[], None]:
    """Let the replica apply all that the primary has committed."""

    def catch_up() -> None:
        written = ask("default", "SELECT pg_current_wal_lsn()::text")
        ask("replica", "SELECT pg_wal_replay_resume()::text")
        reached = "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn"
        wait_until(lambda: ask("replica", reached, written), "the replica to catch up")

    return catch_up


@pytest.fixture
def lag(catch_up: Callable[[], None]) -> Iterator[Callable[[], None]]:
    """Let the replica know everything up to now, and nothing more."""

    def lag() -> None:
        catch_up()
        ask("replica", "SELECT pg_wal_replay_pause()::text")
        state = "SELECT pg_get_wal_replay_pause_state() = 'paused'"
        wait_until(lambda: ask("replica", state), "the replay to pause")

    yield lag
    catch_up()


@pytest.fixture
def route(settings: Any) -> Callable[[str], None]:
    def route(name: str) -> None:
        settings.DATABASE_ROUTERS = [f"tests.load.routers.{name}"]

    return route


@pytest.fixture
def on_replica(db: None) -> Iterator[CaptureQueriesContext]:
    with CaptureQueriesContext(connections["replica"]) as queries:
        yield queries


@pytest.fixture
def options(application: Any, user: Any) -> Any:
    return AppUserOption.objects.for_owner(application, user)


def test_a_lagging_replica_knows_neither_new_tokens_nor_revoked_ones_nor_new_options(
    route: Any,
    lag: Any,
    catch_up: Any,
    call: Any,
    application: Any,
    user: Any,
    token: str,
    make_token: Any,
) -> None:
    route("ReplicaForAll")
    catch_up()
    call("user.option.set", {"options": {"theme": "light"}}, token=token)
    lag()
    call("user.option.set", {"options": {"theme": "dark"}}, token=token)
    new = make_token(application, user)
    assert call("user.option.get", token=new).json()["error"] == "NO_AUTH_FOUND"
    get_access_token_model().objects.using("default").get(token=token).delete()
    assert call("user.option.get", token=token).json()["result"] == {"theme": "light"}
    route("PrimaryForOptions")
    assert call("user.option.get", token=token).status_code == 401
    route("ReplicaForAll")
    catch_up()
    assert call("user.option.get", token=new).json()["result"] == {"theme": "dark"}


def test_a_lagging_replica_delays_no_new_token(
    route: Any,
    lag: Any,
    client: Any,
    call: Any,
    make_application: Any,
    make_token: Any,
    user: Any,
    settings: Any,
) -> None:
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "PKCE_REQUIRED": False}
    application = make_application(client_secret="confidential")
    sent = {
        "grant_type": "refresh_token",
        "client_id": application.client_id,
        "client_secret": "confidential",
        "refresh_token": issue_refresh_token(make_token(application, user)),
    }
    route("ReplicaForAll")
    lag()
    answer = client.post("/oauth/token/", sent)
    assert (answer.status_code, answer.json()["user_id"]) == (200, user.pk)


def test_using_reads_from_the_primary_despite_the_router(
    route: Any, lag: Any, options: Any
) -> None:
    route("ReplicaForAll")
    lag()
    options.set_options({"theme": "dark"})
    assert options.as_mapping() == {}
    assert options.using("default").as_mapping() == {"theme": "dark"}


def test_rest_reads_its_own_writes_where_the_router_sends_them_to_the_primary(
    route: Any,
    lag: Any,
    on_replica: Any,
    call: Any,
    application: Any,
    make_user: Any,
    make_token: Any,
) -> None:
    route("PrimaryForOptions")
    lag()
    asked = len(on_replica)
    administrator = make_user("new", is_superuser=True)
    token, other = make_token(application, administrator), make_user("other")
    for owner in (administrator, other):
        one = {"user_id": owner.pk}
        call("user.option.set", {**one, "options": {"theme": "dark", "zoom": 1}}, token=token)
        call("user.option.delete", {**one, "option": "zoom"}, token=token)
        assert call("user.option.get", one, token=token).json()["result"] == {"theme": "dark"}
    assert len(on_replica) == asked


def test_credentials_are_read_from_the_primary_where_only_options_may_lag(
    route: Any, lag: Any, call: Any, application: Any, user: Any, make_token: Any
) -> None:
    route("PrimaryForTokens")
    lag()
    _, secret = InboundWebhook.objects.issue(owner=user, application=application, scope="basic")
    headless = make_token(application, None)
    application.user = user
    application.save()
    for credential in (
        {"token": make_token(application, user)},
        {"token": headless},
        {"prefix": f"/rest/{user.pk}/{secret}/"},
    ):
        written = call("user.option.set", {"options": {"theme": "dark"}}, **credential)
        assert written.json()["result"] is True
        assert call("user.option.get", **credential).json()["result"] == {}


@pytest.mark.parametrize("router", ["ReplicaForAll", "PrimaryForTokens", "PrimaryForOptions"])
def test_the_limits_count_what_the_primary_has(
    route: Any, lag: Any, on_replica: Any, options: Any, settings: Any, router: str
) -> None:
    settings.USER_OPTIONS = {"MAX_KEYS_PER_OWNER": 2}
    route(router)
    lag()
    asked = len(on_replica)
    options.set_options({"a": 1, "b": 2})
    with pytest.raises(OptionLimitError):
        options.set_options({"c": 3})
    options.set_options({"a": 3})
    assert options.delete_options(["a", "b", "c"]) == 2
    assert len(on_replica) == asked


def test_a_router_must_allow_relations_between_the_two(
    route: Any, catch_up: Any, application: Any, user: Any
) -> None:
    route("NoRelations")
    catch_up()
    found = type(user).objects.get(pk=user.pk)
    with pytest.raises(ValueError, match="prevents this relation"):
        InboundWebhook.objects.issue(owner=found, application=application)
    route("ReplicaForAll")
    InboundWebhook.objects.issue(owner=found, application=application)


def test_a_server_that_has_become_read_only_is_unavailable(
    route: Any, options: Any, call: Any, token: str
) -> None:
    route("ReplicaMistaken")
    with pytest.raises(InternalError):
        options.set_options({"theme": "dark"})
    answer = call("user.option.set", {"options": {"theme": "dark"}}, token=token)
    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
