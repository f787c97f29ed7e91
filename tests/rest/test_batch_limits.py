"""What one batch may take: results in all, what references put together, and seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from oauth2_provider.models import get_access_token_model

from django_user_options.models import AppUserOption, InboundWebhook
from django_user_options.rest.methods import RestMethod, batch_results, registry
from django_user_options.rest.methods import batch as batch_module
from tests.contract.table import over

if TYPE_CHECKING:
    from collections.abc import Callable


def too_much(current: int) -> dict[str, Any]:
    description = "cmd: the results of one batch may have at most 20 bytes together"
    return over("max_batch_result_bytes", 20, current, description)


TOO_LARGE = {"error": "INVALID_REQUEST", "error_description": "Request body is too large"}
TOO_SLOW = {
    "error": "OPERATION_TIME_LIMIT",
    "error_description": "Method is blocked due to operation time limit.",
}
UNKNOWN = {"error": "NO_AUTH_FOUND", "error_description": "Wrong authorization data"}
LONG, SET = "user.option.get?option=long", "user.option.set?options[a]=1"


@pytest.fixture
def options(application: Any, user: Any) -> Any:
    return AppUserOption.objects.for_owner(application, user)


@pytest.fixture
def batch(call: Any, token: str) -> Any:
    def run(cmd: dict[str, str], **more: Any) -> Any:
        return call("batch", {"cmd": cmd}, **{"token": token, **more}).json()["result"]

    return run


@pytest.fixture
def narrow(settings: Any) -> None:
    settings.USER_OPTIONS = {"MAX_BATCH_RESULT_BYTES": 20}


@pytest.fixture
def acting(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Register the method `test.act`, which takes some seconds and does something.

    Otherwise the clock stands still.
    """
    now = [1000.0]
    for module in (batch_module, batch_results):
        monkeypatch.setattr(module, "monotonic", lambda: now[0])
    monkeypatch.setattr(registry, "_methods", dict(registry._methods))

    def register(seconds: float, act: Callable[[], Any] = lambda: None) -> None:
        class Act(RestMethod):
            name = "test.act"

            def run(self) -> Any:
                now[0] += seconds
                act()
                return self.parameters

        registry.register(Act)

    return register


@pytest.mark.usefixtures("narrow")
def test_nothing_runs_after_a_result_that_passes_the_limit(batch: Any, options: Any) -> None:
    options.set_options({"long": "x" * 15})
    result = batch({"first": LONG, "second": LONG, "third": SET, "fourth": "server.time"})
    assert result["result"] == {"first": "x" * 15}
    assert result["result_error"] == dict.fromkeys(["second", "third", "fourth"], too_much(34))
    assert options.get_option("a") is None


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize(("length", "stored"), [(16, "1"), (18, None)], ids=["little", "nothing"])
def test_a_write_is_acknowledged_unless_nothing_is_left(
    length: int, stored: Any, batch: Any, options: Any
) -> None:
    options.set_options({"long": "x" * length})
    result = batch({"get": LONG, "set": SET})
    assert result["result"] == {"get": "x" * length, **({"set": True} if stored else {})}
    assert result["result_error"] == ([] if stored else {"set": too_much(20)})
    assert options.get_option("a") == stored


@pytest.mark.usefixtures("narrow")
def test_the_answer_to_a_write_is_never_withheld(batch: Any, options: Any) -> None:
    result = batch({"update": "user.option.update?set[a]=1", "set": SET})
    assert list(result["result"]) == ["update"]
    assert list(result["result_error"]) == ["set"]


def test_results_of_xml_are_measured_as_xml(
    call: Any, token: str, options: Any, settings: Any
) -> None:
    settings.USER_OPTIONS = {"MAX_BATCH_RESULT_BYTES": 100_000}
    options.set_options({"long": [1] * 1_000})
    cmd = {"cmd": dict.fromkeys(map(str, range(20)), LONG)}
    assert not call("batch", cmd, token=token).json()["result"]["result_error"]
    document = call("batch.xml", cmd, token=token).content
    assert b"<error>ArgumentOutOfRangeException</error>" in document
    assert len(document) < 120_000


@pytest.mark.parametrize("limit", ["default", None])
@pytest.mark.parametrize("reference", ["$result[all][long]", "and $result[all][long] inside"])
def test_references_of_one_command_cannot_exceed_the_body_limit(
    batch: Any, options: Any, reference: str, limit: Any, settings: Any
) -> None:
    if limit is None:
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = None
    options.set_options({"long": "x" * 60_000})
    many = "&".join(f"options[k{number}]={reference}" for number in range(100))
    result = batch({"all": "user.option.get", "set": f"user.option.set?{many}"})
    assert result["result_error"] == {"set": TOO_LARGE}
    assert list(options.as_mapping()) == ["long"]


@pytest.mark.parametrize("missing", [0, 1])
def test_all_commands_with_references_may_fill_one_body_exactly(
    batch: Any, options: Any, settings: Any, missing: int
) -> None:
    options.set_options({"long": "x" * 500})
    copies = {f"c{n}": f"user.option.set?options[{n}]=$result[long]" for n in range(3)}
    commands = {"long": LONG, **copies, "last": SET}
    # The value counts with its quotes.
    most = sum(map(len, commands.values())) + 3 * 502
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = most - missing
    refused = {"c2": TOO_LARGE, "last": TOO_LARGE} if missing else []
    assert batch(commands)["result_error"] == refused
    left = {"long", "0", "1"} if missing else {"long", "0", "1", "2", "a"}
    assert set(options.as_mapping()) == left


def test_references_are_replaced_in_lists_and_objects(batch: Any, options: Any) -> None:
    options.set_options({"key": "theme", "theme": "dark"})
    result = batch(
        {
            "key": "user.option.get?option=key",
            "some": "user.option.get?option[]=$result[key]&option[]=no-$result[key]",
            "set": "user.option.set?options[a][b][]=$result[some]",
        }
    )
    assert result["result"]["some"] == {"theme": "dark"}
    assert options.get_option("a") == {"b": [{"theme": "dark"}]}


def test_nothing_runs_once_the_seconds_are_over(batch: Any, options: Any, acting: Any) -> None:
    acting(seconds=10)
    result = batch({"one": "test.act", "two": "test.act", "three": "test.act", "set": SET})
    assert list(result["result"]) == ["one", "two"]
    assert result["result_error"] == {"three": TOO_SLOW, "set": TOO_SLOW}
    assert options.get_option("a") is None


def test_commands_do_not_see_the_credentials(batch: Any, token: str, acting: Any) -> None:
    acting(seconds=0)
    query = f"auth={token}&access_token={token}&a=1"
    assert batch({"act": f"test.act?{query}"})["result"] == {"act": {"a": "1"}}


@pytest.mark.parametrize(
    ("seconds", "error"), [(0.9, None), (1, UNKNOWN)], ids=["within a second", "after one"]
)
def test_a_token_that_is_revoked_during_a_batch_stops_it(
    seconds: float, error: Any, batch: Any, options: Any, acting: Any
) -> None:
    acting(seconds, get_access_token_model().objects.all().delete)
    result = batch({"act": "test.act", "set": SET, "last": "server.time"})
    expected = [] if error is None else {"set": error, "last": error}
    assert result["result_error"] == expected
    assert options.get_option("a") == (None if error else "1")


def test_a_webhook_that_is_revoked_during_a_batch_stops_it(
    batch: Any, application: Any, user: Any, acting: Any
) -> None:
    webhook, secret = InboundWebhook.objects.issue(owner=user, application=application)
    acting(1, lambda: InboundWebhook.objects.filter(pk=webhook.pk).revoke())
    result = batch({"act": "test.act", "set": SET}, token=None, prefix=f"/rest/{user.pk}/{secret}/")
    assert list(result["result"]) == ["act"]
    assert result["result_error"] == {"set": UNKNOWN}


@pytest.mark.parametrize(
    ("change", "error"),
    [({"is_superuser": False}, "AccessException"), ({"is_active": False}, "INVALID_CREDENTIALS")],
    ids=["demoted", "deactivated"],
)
def test_a_user_who_loses_rights_during_a_batch_loses_them_at_once(
    change: Any, error: str, batch: Any, make_token: Any, application: Any, administrator: Any,
    acting: Any,
) -> None:  # fmt: skip
    token = make_token(application, administrator)
    acting(1, lambda: get_user_model().objects.filter(pk=administrator.pk).update(**change))
    write = "app.option.set?options[a]=1"
    result = batch({"before": write, "act": "test.act", "after": write}, token=token)
    assert result["result"]["before"] is True
    assert result["result_error"]["after"]["error"] == error
