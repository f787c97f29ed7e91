"""The search for leaks in every test finds them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.utils import timezone

from django_user_options.models import AppUserOption
from django_user_options.webhooks import new_secret
from tests.leaks import collected

if TYPE_CHECKING:
    from collections.abc import Callable

VALUE = "a value of more than sixteen letters"


def logged(text: str) -> None:
    logging.getLogger("any").warning("seen: %s", text)


def captured(text: str) -> None:
    variable = text
    try:
        raise ValueError
    except ValueError:
        logging.getLogger("any").exception("failed")
    assert variable


def mailed(text: str) -> None:
    mail.send_mail("subject", text, None, ["ann@example.org"])


def stored(text: str) -> None:
    Session.objects.create(session_key=hash(text), session_data=text, expire_date=timezone.now())


@pytest.fixture(autouse=True)
def no_leaks() -> None:
    """Let these tests leak."""


@pytest.fixture
def answered(client: Any) -> Callable[[str], None]:
    def answered(text: str) -> None:
        assert text in client.get("/admin/login/", {"next": text}).text

    return answered


@pytest.mark.parametrize("way", [logged, captured, mailed, stored, None])
def test_each_way_out_is_searched(
    way: Any, answered: Any, make_token: Any, application: Any, user: Any
) -> None:
    with collected() as traces:
        hidden = {make_token(application, user), new_secret()}
        AppUserOption.objects.for_owner(application, user).set_options({"a": VALUE, "b": "short"})
        for text in (*hidden, VALUE[:36]):
            (way or answered)(text)
    # What clients ask for may hold values.
    assert traces.found() == (hidden if way is None else hidden | {VALUE})
