"""What receivers learn: after the commit, which keys, of which owner, and why."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, transaction
from django.db.models.signals import post_delete, pre_delete
from django.test.utils import CaptureQueriesContext

from django_user_options.exceptions import OptionConflictError, OptionLimitError
from django_user_options.models import AppOption, AppUserOption, InboundWebhook
from django_user_options.rest.caller import Caller
from django_user_options.signals import options_changed, options_deleted
from tests.races import once_before
from tests.receivers import connected

if TYPE_CHECKING:
    from collections.abc import Iterator


pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "s3cret"


@pytest.fixture
def heard() -> Iterator[list[dict[str, Any]]]:
    """What was sent, each with its signal."""
    received: list[dict[str, Any]] = []

    def receive(**sent: Any) -> None:
        received.append(sent)

    with connected(receive, options_changed, options_deleted):
        yield received


@pytest.fixture
def options(application: Any, user: Any) -> Any:
    return AppUserOption.objects.for_owner(application, user)


def test_a_write_names_its_keys_and_never_a_value(
    options: Any, application: Any, user: Any, heard: Any
) -> None:
    options.set_options({"zoom": SECRET, "theme": SECRET}, cause="a test")
    assert heard == [
        {
            "signal": options_changed,
            "sender": AppUserOption,
            "application": application,
            "user": user,
            "keys": ["theme", "zoom"],
            "cause": "a test",
            "using": "default",
        }
    ]


def test_a_delete_names_the_keys_that_were_there_and_the_application_alone(
    application: Any, heard: Any
) -> None:
    options = AppOption.objects.for_owner(application)
    options.set_options({"a": 1, "b": 1, "c": 1})
    assert options.delete_options(["b", "unknown", "a", "a"], cause="a test") == 2
    assert options.delete_options(["unknown"]) == 0
    assert [(sent["signal"], sent["sender"], sent["user"]) for sent in heard] == [
        (options_changed, AppOption, None),
        (options_deleted, AppOption, None),
    ]
    assert (heard[1]["keys"], heard[1]["cause"]) == (["a", "b"], "a test")


@pytest.mark.database
def test_the_commit_of_the_project_comes_first_and_a_change_that_fails_is_silent(
    options: Any, heard: Any, settings: Any
) -> None:
    with transaction.atomic():
        options.set_options({"a": 1, "b": 1})
        options.delete_options(["b"])
        assert heard == []
    assert [sent["signal"] for sent in heard] == [options_changed, options_deleted]
    heard.clear()
    with transaction.atomic():
        options.set_options({"a": 2, "b": 1})
        options.delete_options(["a"])
        transaction.set_rollback(True)
    settings.USER_OPTIONS = {"MAX_KEYS_PER_OWNER": 1}
    with pytest.raises(OptionLimitError):
        options.set_options({"a": 2, "b": 1})
    with pytest.raises(OptionConflictError):
        options.update_options({"a": 2}, if_={"a": None})
    options.update_options(remove=["unknown"])
    assert heard == []
    assert options.as_mapping() == {"a": 1}


@pytest.mark.database
def test_an_update_names_what_was_written_and_what_had_existed(options: Any, heard: Any) -> None:
    rows = []

    def receive(instance: Any, **_: Any) -> None:
        rows.append(instance.value)

    options.set_options({"a": 1, "b": 2})
    heard.clear()
    with connected(receive, pre_delete, post_delete):
        options.update_options({"c": 1}, remove=["b", "x"], increment={"a": 1}, if_={"y": None})
    # Rows that were only locks are no rows of options.
    assert rows == [2, 2]
    assert [(sent["signal"], sent["keys"]) for sent in heard] == [
        (options_changed, ["a", "c"]),
        (options_deleted, ["b"]),
    ]


def test_a_receivers_error_is_logged_and_the_write_is_kept(options: Any, caplog: Any) -> None:
    def fail(**_: Any) -> None:
        raise RuntimeError

    with connected(fail, options_changed), caplog.at_level(logging.ERROR):
        options.set_options({"a": SECRET})
    assert options.as_mapping() == {"a": SECRET}
    assert len(caplog.records) == 1
    assert SECRET not in caplog.text


def test_a_rest_call_is_caused_by_its_credential(
    application: Any, user: Any, token: str, call: Any, heard: Any
) -> None:
    webhook, secret = InboundWebhook.objects.issue(owner=user, application=application)
    call("user.option.set", {"options": {"a": SECRET}}, token=token)
    call("user.option.delete", {"option": "a"}, prefix=f"/rest/{user.pk}/{secret}/")
    assert [sent["keys"] for sent in heard] == [["a"], ["a"]]
    by_token, by_webhook = (sent["cause"] for sent in heard)
    for cause in (by_token, by_webhook):
        assert isinstance(cause, Caller)
        assert (cause.application, cause.user) == (application, user)
        assert token not in repr(cause)
        assert secret not in repr(cause)
    assert by_token.credential == "access"
    assert by_token.credential_id is not None
    assert (by_webhook.credential, by_webhook.credential_id) == ("webhook", webhook.pk)


@pytest.mark.database
def test_a_key_that_is_written_before_the_delete_runs_stays(options: Any, heard: Any) -> None:
    options.set_options({"theme": "dark"})
    heard.clear()
    with once_before(lambda: options.set_options({"zoom": 1}), "DELETE"):
        assert options.delete_options(["theme", "zoom"]) == 1
    assert options.as_mapping() == {"zoom": 1}
    sent_keys = {sent["signal"]: sent["keys"] for sent in heard}
    assert sent_keys == {options_deleted: ["theme"], options_changed: ["zoom"]}


@pytest.mark.database
@pytest.mark.parametrize("signal", [pre_delete, post_delete])
def test_with_a_receiver_of_djangos_signals_rows_are_locked_before_they_are_deleted(
    options: Any, signal: Any
) -> None:
    def receive(**_: Any) -> None:
        """Note what is deleted, as an audit log does, of whichever model."""

    options.set_options({"theme": "dark"})
    with connected(receive, signal), CaptureQueriesContext(connection) as queries:
        options.delete_options(["theme"])
    locks = [query["sql"] for query in queries if "FOR UPDATE" in query["sql"]]
    assert len(locks) == connection.features.has_select_for_update
