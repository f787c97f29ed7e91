"""Deleting by pattern and age touches what it names, owner by owner, and nothing else."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_user_options.models import AppOption, AppUserOption, InboundWebhook
from tests.management.conftest import Terminal
from tests.races import once_before
from tests.tokens import issue_webhook

DAY = timedelta(days=1)


def age(options: Any, days: int) -> None:
    options.update(updated_at=timezone.now() - days * DAY)


@pytest.mark.database
@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("draft.*", ["Draft.a", "draft", "my.draft.a"]),
        ("draft.[b-z]", ["Draft.a", "draft", "draft.a", "my.draft.a"]),
        ("*", []),
        ("?raft.a", ["draft", "draft.b", "my.draft.a"]),
        ("draft%", ["Draft.a", "draft", "draft.a", "draft.b", "my.draft.a"]),
        ("", ["Draft.a", "draft", "draft.a", "draft.b", "my.draft.a"]),
    ],
)
def test_patterns_work_as_in_the_shell_and_are_case_sensitive(
    run: Any, own: Any, options: Any, pattern: str, left: list[str]
) -> None:
    keys = ["Draft.a", "draft", "draft.a", "draft.b", "my.draft.a"]
    for store in (own, options):
        store.set_options(dict.fromkeys(keys, 1))
    found = 2 * (len(keys) - len(left))
    words = ("purge", "options", "--key", pattern, "--no-input")
    assert run(*words, "--dry-run") == f"Dry run: {found} options would be deleted.\n"
    assert sorted(own.as_mapping()) == keys
    assert run(*words) == f"{found} options deleted.\n"
    assert sorted(own.as_mapping()) == sorted(options.as_mapping()) == left


def test_age_counts_from_the_last_change(run: Any, run_json: Any, options: Any) -> None:
    options.set_options({"old": 1, "older": 2, "new": 3})
    age(options.filter(key__startswith="old"), 10)
    age(options.filter(key="older"), 40)
    words = ("purge", "options", "--older-than")
    assert run_json(*words, "9d", "--dry-run") == {"deleted": 2, "dry_run": True}
    assert run(*words, "5w", "--key", "n*") == "0 options deleted.\n"
    assert run(*words, "5w") == "1 option deleted.\n"
    assert set(options.as_mapping()) == {"old", "new"}


def test_a_purge_can_be_limited_to_an_application_or_a_user(
    run: Any, own: Any, options: Any, make_application: Any, make_user: Any
) -> None:
    own.set_options({"a": 1})
    options.set_options({"a": 1})
    application = options.get().application
    bob = AppUserOption.objects.for_owner(application, make_user("bob"))
    other = AppOption.objects.for_owner(make_application(client_id="tasks"))
    for store in (bob, other):
        store.set_options({"a": 1})
    words = ("purge", "options", "--key", "*", "--no-input")
    assert run(*words, "--user", "bob")[0] == "1"
    assert run(*words, "--application", "notes")[0] == "2"
    assert [own.count(), options.count(), bob.count(), other.count()] == [0, 0, 0, 1]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--user", "ann"], "Give --key PATTERN"),
        (["--key", "\udcff*"], "not valid text in the encoding of your locale"),
    ],
    ids=["nothing chosen", "bytes"],
)
def test_a_purge_must_say_what_it_deletes(
    run: Any, options: Any, words: list[str], message: str
) -> None:
    options.set_options({"a": 1})
    with pytest.raises(CommandError, match=message):
        run("purge", "options", *words)
    assert options.exists()


@pytest.mark.parametrize(
    "choice", [("--key", "**"), ("--older-than", "0d"), ("--older-than", "0w", "--key", "*")]
)
def test_a_purge_of_every_key_and_age_asks_first(
    options: Any, monkeypatch: pytest.MonkeyPatch, choice: tuple[str, ...]
) -> None:
    options.set_options({"a": 1, "b": 2})
    words = ("user_options", "purge", "options", *choice)
    for answer in ("y\n", ""):
        monkeypatch.setattr("sys.stdin", Terminal(answer))
        err = io.StringIO()
        with pytest.raises(CommandError, match="Nothing was deleted"):
            call_command(*words, stderr=err)
        assert err.getvalue().startswith("This deletes 2 options, whatever the key. Type 'yes'")
    for nobody in (None, io.StringIO("yes\n")):
        monkeypatch.setattr("sys.stdin", nobody)
        with pytest.raises(CommandError, match=r"2 options, .* Add --no-input"):
            call_command(*words)
    assert options.count() == 2
    monkeypatch.setattr("sys.stdin", Terminal("yes\n"))
    out = io.StringIO()
    call_command(*words, stdout=out, stderr=io.StringIO())
    assert out.getvalue() == "2 options deleted.\n"
    assert not options.exists()


@pytest.mark.database
def test_a_purge_respects_the_call_limit_and_deletes_overlong_keys(
    run: Any, options: Any, settings: Any
) -> None:
    options.set_options(dict.fromkeys(["a", "b", "c", "d", "k" * 255], 1))
    settings.USER_OPTIONS = {"MAX_KEY_LENGTH": 4, "MAX_KEYS_PER_CALL": 2}
    words = ("purge", "options", "--key", "*", "--user", "ann", "--no-input")
    with CaptureQueriesContext(connection) as queries:
        assert run(*words) == "5 options deleted.\n"
    assert sum(query["sql"].startswith("DELETE") for query in queries) == 3


@pytest.mark.database
def test_an_option_changed_meanwhile_stays(run: Any, options: Any) -> None:
    options.set_options({"a": 1, "b": 2})
    age(options, 10)
    # Between the reading of the page and the deletion.
    with once_before(lambda: age(options.filter(key="a"), 0), "DELETE"):
        run("purge", "options", "--older-than", "1d")
    assert options.as_mapping() == {"a": 1}


@pytest.mark.database
def test_an_owner_deleted_meanwhile_is_not_an_error(run: Any, options: Any, user: Any) -> None:
    options.set_options({"a": 1})
    with once_before(user.delete, "client_id"):
        assert run("purge", "options", "--key", "?") == "0 options deleted.\n"


def test_progress_is_shown_only_on_terminals_and_not_when_quiet(options: Any) -> None:
    options.set_options({"a": 1, "b": 2})
    words = ("purge", "options", "--key", "a*", "--dry-run", "--no-color")
    for err, verbosity, shown in (
        (Terminal(), 1, ["1 options found", "100%"]),
        (Terminal(), 0, []),
        (io.StringIO(), 1, []),
    ):
        out = io.StringIO()
        call_command("user_options", *words, verbosity=verbosity, stdout=out, stderr=err)
        assert bool(err.getvalue()) is bool(shown)
        assert all(text in err.getvalue() for text in shown)
        assert bool(out.getvalue()) is bool(verbosity)


def test_ended_webhooks_are_purged_and_usable_ones_stay(run: Any, run_json: Any, user: Any) -> None:
    now, issue = timezone.now(), issue_webhook
    kept = {issue(owner=user)[0], issue(owner=user, expires_at=now + DAY)[0]}
    recent = {
        issue(owner=user, expires_at=now - DAY)[0],
        issue(owner=user, revoked_at=now - DAY)[0],
    }
    issue(owner=user, expires_at=now - 40 * DAY)
    issue(owner=user, revoked_at=now - 40 * DAY)
    words = ("purge", "webhooks")
    assert run_json(*words, "--dry-run") == {"deleted": 4, "dry_run": True}
    assert run(*words, "--older-than", "30d") == "2 webhooks deleted.\n"
    assert set(InboundWebhook.objects.all()) == kept | recent
    assert run(*words) == "2 webhooks deleted.\n"
    assert run(*words) == "0 webhooks deleted.\n"
    assert set(InboundWebhook.objects.all()) == kept
