"""After a refresh, the previous access token works until it expires or is revoked."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.utils import timezone
from oauth2_provider.models import (
    clear_expired,
    get_access_token_model,
    get_refresh_token_model,
)

from tests.rest.token_endpoint.calls import assert_refused
from tests.tokens import issue_refresh_token

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.database


@pytest.fixture(autouse=True)
def _family(refresh: Any) -> None:
    # The toolkit gives one to every refresh token that it issues.
    get_refresh_token_model().objects.update(token_family=uuid4())


@pytest.fixture
def error_of(call: Any) -> Callable[[str], str | None]:
    return lambda token: call("user.option.get", token=token).json().get("error")


def expire(token: str) -> None:
    ended = timezone.now() - timedelta(hours=1)
    get_access_token_model().objects.filter(token=token).update(expires=ended)


@pytest.mark.parametrize("rotated", [True, False])
def test_every_generation_lives_until_it_expires(
    post: Any, refresh: Any, token: str, error_of: Any, toolkit: Any, rotated: bool
) -> None:
    toolkit(ROTATE_REFRESH_TOKEN=rotated)
    tokens = [token]
    for _ in range(3):
        answer = post(refresh).json()
        tokens.append(answer["access_token"])
        refresh["refresh_token"] = answer["refresh_token"]
    assert list(map(error_of, tokens)) == [None] * 4
    expire(token)
    assert list(map(error_of, tokens)) == ["expired_token", None, None, None]


def test_two_clients_that_share_a_pair_keep_working(
    post: Any, refresh: Any, token: str, error_of: Any, toolkit: Any
) -> None:
    toolkit(REFRESH_TOKEN_GRACE_PERIOD_SECONDS=60)
    first, second = post(refresh).json(), post(refresh).json()
    assert first["access_token"] == second["access_token"]
    assert first["refresh_token"] == second["refresh_token"]
    assert error_of(token) is error_of(first["access_token"]) is None


def test_reusing_a_refresh_token_ends_earlier_access_tokens(
    post: Any, refresh: Any, token: str, error_of: Any, toolkit: Any
) -> None:
    toolkit(REFRESH_TOKEN_REUSE_PROTECTION=True)
    first = post(refresh).json()
    second = post({**refresh, "refresh_token": first["refresh_token"]}).json()
    assert_refused(post({**refresh, "refresh_token": first["refresh_token"]}), 400, "invalid_grant")
    assert error_of(second["access_token"]) == "NO_AUTH_FOUND"
    # Toolkit 3.4.0 ends only those whose refresh tokens are not revoked yet.
    ended = "NO_AUTH_FOUND" if hasattr(get_refresh_token_model(), "revoke_family") else None
    assert error_of(first["access_token"]) == error_of(token) == ended


def test_expired_tokens_are_cleared(post: Any, refresh: Any, token: str) -> None:
    answer = post(refresh).json()
    expire(token)
    clear_expired()
    assert [kept.token for kept in get_access_token_model().objects.all()] == [
        answer["access_token"]
    ]


def test_hashed_tokens_within_a_grace_period_are_refused_a_second_time(
    post: Any, refresh: Any, toolkit: Any, error_of: Any
) -> None:
    toolkit(COMPLIANT_BCP_RFC9700_TOKEN_STORAGE=True, REFRESH_TOKEN_GRACE_PERIOD_SECONDS=60)
    answer = post(refresh).json()
    assert_refused(post(refresh), 400, "invalid_grant")
    assert error_of(answer["access_token"]) is None


def test_a_deactivated_user_is_refused_and_the_family_ends(
    post: Any, refresh: Any, token: str, user: Any, error_of: Any
) -> None:
    answer = post(refresh).json()
    refresh["refresh_token"] = answer["refresh_token"]
    user.is_active = False
    user.save()
    assert_refused(post(refresh), 400, "invalid_grant")
    user.is_active = True
    user.save()
    assert_refused(post(refresh), 400, "invalid_grant")
    assert error_of(answer["access_token"]) == error_of(token) == "NO_AUTH_FOUND"
    assert not get_refresh_token_model().objects.filter(revoked=None).exists()


def test_a_refresh_token_without_a_family_ends_alone(
    post: Any, refresh: Any, token: str, user: Any, application: Any, make_token: Any
) -> None:
    other = issue_refresh_token(make_token(application, user))
    get_refresh_token_model().objects.update(token_family=None)
    user.is_active = False
    user.save()
    assert_refused(post(refresh), 400, "invalid_grant")
    left = get_refresh_token_model().objects.get(revoked=None)
    assert left.token == other
    assert not get_access_token_model().objects.filter(token=token).exists()
