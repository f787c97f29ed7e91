"""The tokens of an application in a frame."""

from __future__ import annotations

import copy
import pickle
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from oauth2_provider.models import get_access_token_model, get_refresh_token_model

from django_user_options.portal.models import ApplicationVisit
from django_user_options.portal.token_pairs import live_pair

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def set_seconds_left(seconds: float) -> None:
    expires = timezone.now() + timedelta(seconds=seconds)
    get_access_token_model().objects.update(expires=expires)


def counts() -> tuple[int, int]:
    return get_access_token_model().objects.count(), get_refresh_token_model().objects.count()


def test_a_pair_is_shared_while_it_is_fresh(
    application: Any, user: Any, administrator: Any, django_assert_num_queries: Any
) -> None:
    _, first = live_pair(application, user)
    with django_assert_num_queries(6):  # two of them for the savepoint
        visit, again = live_pair(application, user)
    assert (again.access_text, again.refresh_text) == (first.access_text, first.refresh_text)
    assert (visit.user, visit.application, visit.first_run) == (user, application, True)
    assert 3590 < first.seconds_left <= 3600
    assert first.access.scope == "basic"
    _, other = live_pair(application, administrator)
    assert other.access_text != first.access_text


@pytest.mark.parametrize("seconds", [1799, -1])
def test_a_stale_token_is_replaced_but_keeps_working(
    application: Any, user: Any, call: Callable[..., Any], seconds: int
) -> None:
    _, first = live_pair(application, user)
    set_seconds_left(seconds)
    _, second = live_pair(application, user)
    assert second.refresh_text == first.refresh_text
    assert second.access_text != first.access_text
    assert call("profile", token=second.access_text).status_code == 200
    assert call("profile", token=first.access_text).status_code == (200 if seconds > 0 else 401)
    assert counts() == (2, 1)


def test_cleartokens_deletes_what_has_expired(application: Any, user: Any) -> None:
    for _ in range(3):
        live_pair(application, user)
        set_seconds_left(-1)
    _, last = live_pair(application, user)
    call_command("cleartokens")
    assert counts() == (1, 1)
    _, again = live_pair(application, user)
    assert again.access_text == last.access_text


def test_an_application_may_renew_its_tokens_itself(
    application: Any, user: Any, call: Callable[..., Any], client: Any
) -> None:
    """Afterwards, the refresh token of the pair is used up, and the next pair is a new one."""
    _, first = live_pair(application, user)
    form = {
        "grant_type": "refresh_token",
        "client_id": application.client_id,
        "client_secret": application.client_secret,
        "refresh_token": first.refresh_text,
    }
    renewed = client.post("/oauth/token/", form).json()
    _, second = live_pair(application, user)
    assert second.refresh_text not in (first.refresh_text, renewed["refresh_token"])
    for token in (first.access_text, renewed["access_token"], second.access_text):
        assert call("profile", token=token).status_code == 200


@pytest.mark.parametrize(
    ("settings_of_toolkit", "pairs"),
    [
        ({"COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True}, 2),
        ({"ACCESS_TOKEN_EXPIRE_SECONDS": 60}, 1),
        ({"SCOPES": {"basic": "", "more": ""}}, 1),
    ],
)
def test_settings_of_the_toolkit_apply(
    application: Any,
    user: Any,
    settings: Any,
    call: Callable[..., Any],
    settings_of_toolkit: dict[str, Any],
    pairs: int,
) -> None:
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, **settings_of_toolkit}
    found = [live_pair(application, user)[1] for _ in range(2)]
    assert counts() == (pairs, pairs)
    for pair in found:
        assert call("profile", token=pair.access_text).status_code == 200
        assert pair.seconds_left <= settings_of_toolkit.get("ACCESS_TOKEN_EXPIRE_SECONDS", 3600)
        assert pair.access.scope == " ".join(settings.OAUTH2_PROVIDER["SCOPES"])


def test_other_scopes_need_another_access_token(application: Any, user: Any, settings: Any) -> None:
    _, before = live_pair(application, user)
    scopes = {"basic": "", "more": ""}
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "SCOPES": scopes}
    _, after = live_pair(application, user)
    assert (before.access.scope, after.access.scope) == ("basic", "basic more")


def test_a_deleted_token_is_replaced(application: Any, user: Any) -> None:
    for model, expected in (
        (get_access_token_model(), (1, 1)),
        (get_refresh_token_model(), (2, 1)),
    ):
        live_pair(application, user)
        model.objects.all().delete()
        live_pair(application, user)
        assert counts() == expected
    assert ApplicationVisit.objects.count() == 1


def test_a_pair_shows_its_tokens_nowhere(application: Any, user: Any) -> None:
    visit, pair = live_pair(application, user)
    shown = f"{pair} {pair!r} {visit} {visit!r} {pair.access!r}"
    assert pair.access_text not in shown
    assert pair.refresh_text not in shown
    for attempt in (pickle.dumps, copy.copy):
        with pytest.raises(TypeError, match="not pickled"):
            attempt(pair)
