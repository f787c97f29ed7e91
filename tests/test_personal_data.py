"""What is kept about a person, and nobody else: summed up, exported and erased."""

from __future__ import annotations

import json
import logging
from io import BytesIO
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest
from django.utils import timezone
from django.utils.translation import override
from oauth2_provider.models import DeviceGrant, Grant, RefreshToken

from django_user_options.models import AppUserOption, InboundWebhook
from django_user_options.personal_data import Erased, as_zip, erase
from django_user_options.signals import options_deleted
from tests.receivers import connected

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def records(make_token: Callable[..., str]) -> Callable[..., str]:
    """Make an application keep something about a user, and return an access token."""

    def records(application: Any, user: Any) -> str:
        AppUserOption.objects.for_owner(application, user).set_options({"a": 1, "b": "<é>"})
        InboundWebhook.objects.issue(owner=user, application=application)
        token, soon = make_token(application, user), timezone.now()
        both = {"application": application, "user": user}
        pair = f"{application.pk} {user.pk}"
        RefreshToken.objects.create(token=f"refresh {token}", **both)
        Grant.objects.create(code=token, expires=soon, redirect_uri="http://127.0.0.1/", **both)
        DeviceGrant.objects.create(
            client_id=application.client_id,
            user=user,
            device_code=pair,
            user_code=pair,
            expires=soon,
        )
        return token

    return records


@pytest.mark.parametrize(
    ("also", "erased"),
    [
        ([], Erased(2, 0, 0)),
        (["webhooks"], Erased(2, 1, 0)),
        (["webhooks", "tokens"], Erased(2, 1, 4)),
    ],
)
@pytest.mark.parametrize("of", ["one application", "all applications"])
def test_erase_deletes_only_what_is_selected(
    records: Any, make_application: Any, make_user: Any, call: Any, also: Any, erased: Any, of: str
) -> None:
    notes, board, ann, bob = make_application(), make_application(), make_user(), make_user()
    tokens = {it: records(*it) for it in ((notes, ann), (board, ann), (notes, bob))}
    is_one = of == "one application"
    done = erase(ann, application=notes if is_one else None, also=also)
    assert done == (erased if is_one else Erased(*(2 * count for count in erased)))
    for (application, user), token in tokens.items():
        is_erased = user == ann and (application == notes or not is_one)
        owned = AppUserOption.objects.for_owner(application, user)
        assert owned.count() == (0 if is_erased else 2)
        answer = call("user.option.get", token=token)
        assert answer.status_code == (401 if is_erased and "tokens" in also else 200)


def test_receivers_and_the_log_hear_of_an_erasure_but_no_values(
    records: Any,
    application: Any,
    user: Any,
    administrator: Any,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Any,
) -> None:
    records(application, user)
    heard = []

    def hear(keys: Any, cause: Any, **_: Any) -> None:
        heard.append((keys, cause))

    with (
        connected(hear, options_deleted),
        caplog.at_level(logging.INFO),
        django_capture_on_commit_callbacks(execute=True),
    ):
        erase(user, application=application, cause=administrator)
        assert caplog.messages == []
    assert heard == [(["a", "b"], administrator)]
    assert caplog.messages == [
        f"Erased 2 options, 0 webhooks and 0 tokens of user {user.pk} "
        f"and application {application.pk}, by {administrator.pk}."
    ]


def test_the_archive_has_lines_to_import_and_a_page_to_read(
    records: Any, application: Any, user: Any
) -> None:
    records(application, user)
    with override("ru"):
        archive = ZipFile(BytesIO(as_zip(AppUserOption.objects.filter(user=user), "Ann & Bob")))
    lines = [json.loads(line) for line in archive.read("options.jsonl").splitlines()]
    assert [(line["user"], line["key"], line["value"]) for line in lines] == [
        ("ann", "a", 1),
        ("ann", "b", "<é>"),
    ]
    page = archive.read("options.html").decode()
    assert '<html lang="ru">' in page
    assert "<h1>Ann &amp; Bob</h1>" in page
    assert "<td>&quot;&lt;é&gt;&quot;</td>" in page
