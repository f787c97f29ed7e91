"""Which callers are refused after how many calls or failures, for how long, at what cost."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest

from django_user_options.models import InboundWebhook
from django_user_options.rest import moving_windows, throttle
from tests.rest.token_endpoint.calls import by_form
from tests.rest.token_endpoint.test_clients import CountingHasher

if TYPE_CHECKING:
    from collections.abc import Callable

GET, WRONG = "user.option.get", "wrong"
TOO_MANY = {"error": "QUERY_LIMIT_EXCEEDED", "error_description": "Too many requests"}
HERE, NEXT_DOOR, ELSEWHERE = "2001:db8:0:1::1", "2001:db8:0:1::2", "2001:db8:0:2::1"


class Clock:
    """Stands still unless a test moves it."""

    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for module in (moving_windows, throttle):
        monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture
def limit(settings: Any) -> Callable[..., None]:
    def limit(**limits: str) -> None:
        settings.USER_OPTIONS = {**settings.USER_OPTIONS, **limits}

    settings.USER_OPTIONS = {}
    return limit


def test_a_call_beyond_the_limit_is_refused_and_learns_when_to_repeat(
    call: Any, token: str, clock: Clock, limit: Any, caplog: Any
) -> None:
    limit(CALL_LIMIT="2 per 30 seconds")
    assert call(GET, token=token).status_code == 200
    clock.now += 10
    assert call(GET, token=token).status_code == 200
    for waited in (0.0, 0.5, 19.4):
        clock.now += waited
        response = call(GET, token=token)
        assert (response.status_code, response.json()) == (503, TOO_MANY)
        assert int(response["Retry-After"]) == math.ceil(1_700_000_030 - clock.now)
    # An email to the admins for each of them would be a flood of its own.
    assert {record.levelname for record in caplog.records} == {"WARNING"}
    clock.now += 0.2
    assert call(GET, token=token).status_code == 200
    assert call(GET, token=token).status_code == 503


def test_credentials_of_one_application_and_user_share_the_limit(
    call: Any, token: str, make_token: Any, application: Any, user: Any, make_user: Any, limit: Any,
    make_application: Any,
) -> None:  # fmt: skip
    limit(CALL_LIMIT="1 per 1 hour")
    _, secret = InboundWebhook.objects.issue(owner=user, application=application)
    path = f"/rest/{user.pk}/{secret}/"
    assert call(GET, token=token).status_code == 200
    assert call(GET, token=make_token(application, user)).status_code == 503
    assert call(GET, prefix=path).status_code == 503
    assert call(GET, token=make_token(application, make_user())).status_code == 200
    assert call(GET, token=make_token(make_application(), user)).status_code == 200


@pytest.mark.usefixtures("clock")
def test_a_waiting_credential_costs_no_query(
    call: Any, token: str, limit: Any, django_assert_num_queries: Any
) -> None:
    limit(CALL_LIMIT="1 per 1 hour")
    assert [call(GET, token=token).status_code for _ in range(2)] == [200, 503]
    with django_assert_num_queries(0):
        assert call(GET, token=token).status_code == 503
    limit(CALL_LIMIT="")
    assert call(GET, token=token).status_code == 200


def test_a_batch_counts_as_many_calls_as_it_has_commands(call: Any, token: str, limit: Any) -> None:
    limit(CALL_LIMIT="4 per 1 hour")
    cmd = dict.fromkeys("abc", "server.time")
    assert not call("batch", {"cmd": cmd}, token=token).json()["result"]["result_error"]
    answer = call("batch", {"cmd": cmd}, token=token).json()["result"]
    assert list(answer["result"]) == ["a"]
    assert answer["result_error"] == {"b": TOO_MANY, "c": TOO_MANY}


def test_an_address_that_guesses_is_refused_but_never_a_right_credential(
    call: Any, token: str, clock: Clock, limit: Any
) -> None:
    limit(FAILURE_LIMIT="2 per 10 minutes")

    def guess(address: str, **how: Any) -> int:
        return int(call(GET, REMOTE_ADDR=address, **{"token": WRONG, **how}).status_code)

    assert [guess(HERE), guess(HERE, token=None, prefix="/rest/1/wrong/")] == [401, 401]
    assert [guess(HERE), guess(NEXT_DOOR), guess(ELSEWHERE)] == [503, 503, 401]
    # Somebody else may have the same address.
    assert guess(HERE, token=token) == 200
    assert guess(HERE, token=None) == 401
    clock.now += 600
    assert guess(HERE) == 401


def test_a_known_credential_is_not_a_guess(
    call: Any, token: str, make_token: Any, application: Any, make_user: Any, limit: Any
) -> None:
    limit(FAILURE_LIMIT="1 per 10 minutes")
    for _ in range(3):
        inactive = make_token(application, make_user(is_active=False))
        assert call(GET, token=inactive).json()["error"] == "INVALID_CREDENTIALS"


@pytest.mark.parametrize(
    ("peer", "proxies", "refused"),
    [
        pytest.param("10.0.0.2", None, False, id="perhaps a proxy"),
        pytest.param("10.0.0.2", 1, True, id="a known proxy"),
        pytest.param("8.8.8.8", None, True, id="no proxy of the project"),
        pytest.param("", None, False, id="a socket"),
    ],
)
@pytest.mark.django_db
def test_clients_of_a_proxy_that_the_project_does_not_mention_share_no_limit(
    call: Any, limit: Any, settings: Any, peer: str, proxies: Any, refused: bool
) -> None:
    limit(FAILURE_LIMIT="1 per 10 minutes")
    settings.REST_FRAMEWORK = {"NUM_PROXIES": proxies}
    extra = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": "198.51.100.1"}
    statuses = [call(GET, token=WRONG, **extra).status_code for _ in range(2)]
    assert statuses == [401, 503 if refused else 401]


@pytest.mark.usefixtures("clock")
def test_the_longer_of_two_limits_says_when_to_repeat(call: Any, user: Any, limit: Any) -> None:
    limit(FAILURE_LIMIT="1 per 10 minutes", CLIENT_FAILURE_LIMIT="1 per 20 minutes")
    first, second = (call(GET, prefix=f"/rest/{user.pk}/{WRONG}/") for _ in range(2))
    assert (first.status_code, second.status_code) == (401, 503)
    assert second["Retry-After"] == "1200"


def test_guesses_at_one_webhook_owner_are_limited_from_all_addresses(
    call: Any, application: Any, user: Any, limit: Any
) -> None:
    limit(CLIENT_FAILURE_LIMIT="2 per 10 minutes")
    _, secret = InboundWebhook.objects.issue(owner=user, application=application)

    def guess(secret: str, number: int) -> int:
        address = f"203.0.113.{number}"
        path = f"/rest/{user.pk}/{secret}/"
        return int(call(GET, prefix=path, REMOTE_ADDR=address).status_code)

    assert [guess(WRONG, number) for number in range(3)] == [401, 401, 503]
    assert guess(secret, 4) == 200


@pytest.mark.parametrize("named", [False, True], ids=["by address", "by client"])
def test_a_client_that_has_failed_too_often_is_refused_before_its_secret_is_hashed(
    client: Any, refresh: Any, limit: Any, settings: Any, toolkit: Any, application: Any,
    clock: Clock, named: bool,
) -> None:  # fmt: skip
    settings.PASSWORD_HASHERS = [
        *settings.PASSWORD_HASHERS,
        f"{CountingHasher.__module__}.CountingHasher",
    ]
    toolkit(CLIENT_SECRET_HASHER="counting", PKCE_REQUIRED=False)
    application.hash_client_secret = True
    application.save()
    limit(**{"CLIENT_FAILURE_LIMIT" if named else "FAILURE_LIMIT": "2 per 10 minutes"})
    wrong = {**refresh, "client_secret": WRONG}
    assert [by_form(client, wrong).status_code for _ in range(2)] == [401, 401]
    before = CountingHasher.hashed
    refused = by_form(client, refresh)
    assert (refused.status_code, json.loads(refused.content)) == (503, TOO_MANY)
    assert refused["Retry-After"] == "600"
    assert CountingHasher.hashed == before
    other = {"client_id": "another"} if named else {}
    answer = by_form(client, {**wrong, **other})
    assert answer.status_code == (401 if named else 503)
    clock.now += 600
    assert by_form(client, refresh).status_code == 200


def test_memory_keeps_the_latest_keys_only(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.setattr(moving_windows, "_MOST_KEYS", 2)
    windows, once = moving_windows.MovingWindows("memory://"), throttle._parsed("1 per 1 hour")
    assert [windows.hit(once, key) for key in "aba"] == [True, True, False]
    assert [windows.hit(once, key) for key in "cab"] == [True, False, True]
    for name in "abc":
        windows.let_wait(name, 10)
    assert list(windows.waiting) == ["b", "c"]
