"""Every contender does the work that it is measured at."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.utils import timezone
from oauth2_provider.models import get_access_token_model

from django_user_options.models import AppUserOption
from tests.benchmarks.calls import Call, CallFailedError, Host
from tests.benchmarks.contenders import (
    BLOB,
    BULK_CREATE,
    FLOOR,
    FLOOR_IN_ONE,
    OURS,
    UPDATE_OR_CREATE,
    paths_to_set,
)
from tests.benchmarks.contenders.blob import DOCUMENT
from tests.benchmarks.measure import count_statements
from tests.load.owners import make_application, make_owner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.load.owners import Owner

OLD = {"theme": "light", "columns": ["name"]}
NEW = {"theme": "dark", "page": 3, "строка": {"текст": None}}
STATEMENTS = {FLOOR: 2, FLOOR_IN_ONE: 1, BULK_CREATE: 2, BLOB: 3}
PATHS_TO_GET_ALL = {
    FLOOR: ("/floor/get-all", "POST"),
    OURS: ("/rest/user.option.get", "POST"),
    BULK_CREATE: ("/bulk-create/", "GET"),
}

pytestmark = [pytest.mark.urls("tests.benchmarks.urls"), pytest.mark.database]


@pytest.fixture(params=paths_to_set())
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def owner(db: None) -> Owner:
    return make_owner(make_application())


@pytest.fixture
def host(db: None, settings: Any) -> Iterator[Host]:
    """The host as it is measured, but that calls leave the test's connection open."""
    settings.MIDDLEWARE = []
    signals = request_started, request_finished
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield Host()
    for signal in signals:
        signal.connect(close_old_connections)


def set_call(name: str, owner: Owner, options: dict[str, Any]) -> Call:
    return Call(paths_to_set()[name], {"options": options}, owner.token)


def stored(name: str, owner: Owner) -> Any:
    rows = AppUserOption.objects.for_owner(owner.application, owner.user).as_mapping()
    return rows[DOCUMENT] if name == BLOB else rows


def test_a_contender_adds_replaces_and_keeps(name: str, host: Host, owner: Owner) -> None:
    for options in (OLD, NEW):
        answer = json.loads(host.answer(set_call(name, owner, options).environ()))
        assert answer["result"] is True
    assert stored(name, owner) == OLD | NEW


def test_a_contender_writes_for_the_owner_of_the_token_only(
    name: str, host: Host, owner: Owner
) -> None:
    other = make_owner(owner.application)
    host.answer(set_call(name, owner, OLD).environ())
    host.answer(set_call(name, other, NEW).environ())
    assert stored(name, owner) == OLD


def test_an_expired_token_is_refused_and_nothing_written(
    name: str, host: Host, owner: Owner
) -> None:
    get_access_token_model().objects.update(expires=timezone.now() - timedelta(seconds=1))
    with pytest.raises(CallFailedError):
        host.answer(set_call(name, owner, NEW).environ())
    assert not AppUserOption.objects.exists()


@pytest.mark.parametrize("name", [name for name in paths_to_set() if name in STATEMENTS])
def test_a_contender_sends_as_many_statements_as_it_is_known_for(
    name: str, host: Host, owner: Owner
) -> None:
    host.answer(set_call(name, owner, OLD).environ())
    assert count_statements(host, set_call(name, owner, OLD)) == str(STATEMENTS[name])


def test_update_or_create_sends_a_select_and_an_update_for_each_key(
    host: Host, owner: Owner
) -> None:
    host.answer(set_call(UPDATE_OR_CREATE, owner, OLD).environ())
    # Two statements and a savepoint's two for each of the two keys, the token, a transaction.
    assert count_statements(host, set_call(UPDATE_OR_CREATE, owner, OLD)) == "5 + 6"


@pytest.mark.parametrize(("path", "method"), PATHS_TO_GET_ALL.values(), ids=PATHS_TO_GET_ALL)
def test_reading_all_answers_with_what_was_written(
    path: str, method: str, host: Host, owner: Owner
) -> None:
    host.answer(set_call(FLOOR, owner, NEW).environ())
    answer = host.answer(Call(path, {}, owner.token, method).environ())
    assert json.loads(answer)["result"] == NEW


def test_the_blob_is_read_as_it_was_written(host: Host, owner: Owner) -> None:
    host.answer(set_call(BLOB, owner, NEW).environ())
    answer = host.answer(Call("/blob/", {}, owner.token, "GET").environ())
    assert json.loads(answer)["result"] == NEW


@pytest.mark.parametrize("path", ["/floor/get", "/rest/user.option.get"])
def test_reading_one_answers_with_its_value(path: str, host: Host, owner: Owner) -> None:
    host.answer(set_call(FLOOR, owner, NEW).environ())
    answer = host.answer(Call(path, {"option": "строка"}, owner.token).environ())
    assert json.loads(answer)["result"] == NEW["строка"]


def test_an_answer_other_than_200_is_a_failed_call(host: Host, owner: Owner) -> None:
    with pytest.raises(CallFailedError):
        host.answer(Call("/rest/user.option.set", {"options": {}}, owner.token).environ())
