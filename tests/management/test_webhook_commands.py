"""Webhooks from the command line: their secrets are seen once, and stop working at once."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from django_user_options.models import InboundWebhook
from django_user_options.webhooks import digest
from tests.races import deleted_before_insert
from tests.tokens import issue_webhook

# The URLs of a project that does not include the REST methods.
urlpatterns: list[Any] = []
HOUR = timedelta(hours=1)
METHOD = "user.option.get"


@pytest.fixture
def issued(user: Any, application: Any) -> tuple[InboundWebhook, str]:
    return InboundWebhook.objects.issue(owner=user, application=application)


def test_an_issued_webhook_works_at_the_address_shown(
    call: Any, application: Any, user: Any
) -> None:
    out, err = io.StringIO(), io.StringIO()
    words = ("webhook", "create", "--user", "ann", "--application", "notes")
    call_command("user_options", *words, stdout=out, stderr=err)
    (address,) = [line.split()[1] for line in out.getvalue().splitlines() if "https" in line]
    prefix = address.removeprefix("https://YOUR-HOST").removesuffix("METHOD")
    assert call(METHOD, prefix=prefix).json()["result"] == {}
    # The secret goes to standard output alone: on its own, and in the address.
    assert out.getvalue().count(prefix.split("/")[-2]) == 2
    assert err.getvalue() == ""


def test_a_webhook_has_the_given_fields(run_json: Any, application: Any, user: Any) -> None:
    given = ["--title", "Nightly", "--scope", "one two", "--allow-admin", "--expires-in", "2h"]
    given += ["--network", "10.0.0.0/8", "--network", "::1", "--method", METHOD, "--method", "a.b"]
    answer = run_json("webhook", "create", "--user-id", f"{user.pk}", *given)
    webhook = InboundWebhook.objects.get()
    assert answer == {
        "id": webhook.pk,
        "secret": answer["secret"],
        "path": f"/rest/{user.pk}/{answer['secret']}/",
        "dry_run": False,
    }
    assert webhook.secret_digest == digest(answer["secret"])
    assert (webhook.title, webhook.scope, webhook.allow_admin) == ("Nightly", "one two", True)
    assert (webhook.owner, webhook.application) == (user, None)
    assert webhook.allowed_networks == "10.0.0.0/8 ::1"
    assert webhook.allowed_methods == f"{METHOD} a.b"
    assert HOUR < webhook.expires_at - timezone.now() < 2 * HOUR


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("gone", ["ann", "notes"])
def test_no_secret_is_shown_if_the_owner_is_deleted_meanwhile(
    user: Any, application: Any, gone: str
) -> None:
    out = io.StringIO()
    words = ("webhook", "create", "--user", "ann", "--application", "notes")
    owner = user if gone == "ann" else application
    with (
        deleted_before_insert(owner, InboundWebhook),
        pytest.raises(CommandError, match="the application or the user no longer exists"),
    ):
        call_command("user_options", *words, stdout=out)
    assert out.getvalue() == ""
    assert not InboundWebhook.objects.exists()


@pytest.mark.urls(__name__)
def test_without_rest_urls_the_secret_is_still_printed(run: Any, run_json: Any, user: Any) -> None:
    answer = run("webhook", "create", "--user", "ann")
    assert "secret   " in answer
    assert "address" not in answer
    webhook = InboundWebhook.objects.get()
    assert (webhook.scope, webhook.expires_at, webhook.allow_admin) == ("basic", None, False)
    assert run_json("webhook", "create", "--user", "ann")["path"] is None


@pytest.mark.parametrize("verb", ["create", "rotate"])
def test_a_dry_run_issues_no_secret(run: Any, run_json: Any, issued: Any, verb: str) -> None:
    words = ["--user", "ann"] if verb == "create" else [f"{issued[0].pk}"]
    text = "Dry run: a secret would be issued.\n"
    assert run("webhook", verb, *words, "--dry-run") == text
    answer = run_json("webhook", verb, *words, "--dry-run")
    assert answer == {"id": None, "secret": None, "path": None, "dry_run": True}
    assert list(InboundWebhook.objects.values_list("secret_digest")) == [(digest(issued[1]),)]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        *[([f"--expires-in={age}"], "such as 30m, 12h, 90d") for age in ("-1d", "999999d", "１d")],
        (["--expires-in", "0d"], "would expire at once; use 1m or more"),
        (["--title", "\udcff"], "not valid text in the encoding of your locale"),
        (["--title", "x" * 256, "--dry-run"], "at most 255 characters"),
        (["--network", "home"], "“home” is not a network"),
    ],
    ids=range(7),
)
def test_an_invalid_webhook_is_refused(run: Any, user: Any, words: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        run("webhook", "create", "--user", "ann", *words)
    assert not InboundWebhook.objects.exists()


@pytest.mark.parametrize(("words", "status"), [([], 401), (["--overlap", "1d"], 200)])
def test_rotating_ends_the_old_secret_at_once_or_after_the_overlap(
    run_json: Any, call: Any, issued: Any, user: Any, words: list[str], status: int
) -> None:
    webhook, old = issued
    new = run_json("webhook", "rotate", f"{webhook.pk}", *words)["secret"]
    assert call(METHOD, prefix=f"/rest/{user.pk}/{old}/").status_code == status
    assert call(METHOD, prefix=f"/rest/{user.pk}/{new}/").status_code == 200


def test_only_a_usable_webhook_gets_a_new_secret(run: Any, issued: Any) -> None:
    webhook, secret = issued
    InboundWebhook.objects.update(expires_at=timezone.now() - HOUR)
    for number in (f"{webhook.pk}", "999999"):
        with pytest.raises(CommandError, match=f"no usable webhook {number}"):
            run("webhook", "rotate", number)
    assert InboundWebhook.objects.get().secret_digest == digest(secret)


def test_webhooks_are_revoked_by_number_or_owner(
    run: Any, run_json: Any, call: Any, issued: Any, make_user: Any
) -> None:
    webhook, secret = issued
    InboundWebhook.objects.issue(owner=make_user("bob"))
    InboundWebhook.objects.issue(owner=webhook.owner)
    words = ("webhook", "revoke")
    answer = "Dry run: 1 webhook would be revoked.\n"
    assert run(*words, f"{webhook.pk}", "--dry-run") == answer
    assert run(*words, "--user", "ann", "--application", "notes", "--dry-run") == answer
    assert call(METHOD, prefix=f"/rest/{webhook.owner_id}/{secret}/").status_code == 200
    assert run_json(*words, f"{webhook.pk}") == {"revoked": 1, "dry_run": False}
    assert call(METHOD, prefix=f"/rest/{webhook.owner_id}/{secret}/").status_code == 401
    assert run(*words, f"{webhook.pk}") == "0 webhooks revoked.\n"
    assert run(*words, "--user", "ann") == "1 webhook revoked.\n"
    assert InboundWebhook.objects.usable().get().owner.get_username() == "bob"


@pytest.mark.database
def test_an_unknown_number_or_none_revokes_nothing(run: Any, issued: Any, make_user: Any) -> None:
    other, _ = InboundWebhook.objects.issue(owner=make_user("bob"))
    for unknown in ("999999", "9" * 25):
        with pytest.raises(CommandError, match=rf"no such webhook: {unknown}\."):
            run("webhook", "revoke", f"{issued[0].pk}", unknown)
    with pytest.raises(CommandError, match=rf"no such webhook: {other.pk}\."):
        run("webhook", "revoke", f"{other.pk}", "--user", "ann")
    with pytest.raises(CommandError, match="Give numbers, --user or --application"):
        run("webhook", "revoke")
    assert InboundWebhook.objects.usable().count() == 2


def test_webhooks_are_listed_with_their_states_but_no_secrets(
    run: Any, run_json: Any, issued: Any, user: Any
) -> None:
    past = timezone.now() - HOUR
    title = "\x1b[31mred\x9b0m"
    expired, _ = issue_webhook(owner=user, expires_at=past, title=title)
    revoked, _ = issue_webhook(owner=user, revoked_at=past, expires_at=past)
    rows = run_json("webhook", "list")
    assert [(row["id"], row["state"]) for row in rows] == [
        (revoked.pk, "revoked"),
        (expired.pk, "expired"),
        (issued[0].pk, "usable"),
    ]
    assert (rows[1]["title"], rows[1]["user"], rows[1]["client_id"]) == (title, "ann", None)
    assert (rows[2]["client_id"], rows[2]["application_name"]) == ("notes", "Field notes")
    InboundWebhook.objects.record_use(issued[0], "192.0.2.1")
    used = run_json("webhook", "list", "--state", "usable")[0]
    assert used["last_used_from"] == "192.0.2.1"
    assert used.keys() >= {"last_used_at", "allowed_networks", "old_secret_expires_at"}
    assert [row["id"] for row in run_json("webhook", "list", "--state", "expired")] == [expired.pk]
    assert len(run_json("webhook", "list", "--application", "notes", "--user", "ann")) == 1
    text = run("webhook", "list")
    assert not any(hidden in text for hidden in (issued[1], issued[0].secret_digest))
    assert text.replace("\n", "").replace("\t", "").isprintable()
    none = ("--application", "notes", "--state", "revoked")
    assert run("webhook", "list", *none) == "No webhooks match.\n"
