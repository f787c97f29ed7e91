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
from tests.benchmarks.calls import Call, CallFailedError, Project
from tests.benchmarks.contenders import BULK_CREATE, FLOOR, PATHS_TO_GET_ALL, PATHS_TO_SET
from tests.benchmarks.measure import count_statements
from tests.load.owners import make_owner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.load.owners import Owner

OLD = {"theme": "light", "columns": ["name"]}
NEW = {"theme": "dark", "page": 3, "строка": {"текст": None}}

pytestmark = [pytest.mark.urls("tests.benchmarks.contenders"), pytest.mark.database]


@pytest.fixture
def owner(db: None) -> Owner:
    return make_owner()


@pytest.fixture
def project(db: None, settings: Any) -> Iterator[Project]:
    """The project as it is measured, but that calls leave the test's connection open."""
    settings.MIDDLEWARE = []
    signals = request_started, request_finished
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield Project()
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def set_options(project: Project, owner: Owner) -> Callable[..., Any]:
    def set_options(name: str, options: dict[str, Any], *, token: str = owner.token) -> Any:
        call = Call(PATHS_TO_SET[name], {"options": options}, token)
        return json.loads(project.answer(call.environ()))["result"]

    return set_options


@pytest.mark.parametrize("name", PATHS_TO_SET)
def test_a_contender_adds_replaces_and_keeps_for_the_owner_of_the_token_only(
    name: str, set_options: Any, owner: Owner
) -> None:
    assert set_options(name, OLD) is True
    assert set_options(name, NEW) is True
    set_options(name, {"theme": "other"}, token=make_owner(owner.application).token)
    stored = AppUserOption.objects.for_owner(owner.application, owner.user).as_mapping()
    assert stored == OLD | NEW


@pytest.mark.parametrize("name", PATHS_TO_SET)
def test_an_expired_token_is_refused_and_nothing_written(name: str, set_options: Any) -> None:
    get_access_token_model().objects.update(expires=timezone.now() - timedelta(seconds=1))
    with pytest.raises(CallFailedError):
        set_options(name, NEW)
    assert not AppUserOption.objects.exists()


@pytest.mark.parametrize("name", [FLOOR, BULK_CREATE])
def test_a_contender_sends_the_expected_number_of_statements(
    name: str, set_options: Any, project: Project, owner: Owner
) -> None:
    set_options(name, OLD)
    call = Call(PATHS_TO_SET[name], {"options": OLD}, owner.token)
    assert count_statements(project, call) == "2"


@pytest.mark.parametrize("name", PATHS_TO_GET_ALL)
def test_reading_all_answers_with_what_was_written(
    name: str, set_options: Any, project: Project, owner: Owner
) -> None:
    set_options(name, NEW)
    path, method = PATHS_TO_GET_ALL[name]
    answer = project.answer(Call(path, {}, owner.token, method).environ())
    assert json.loads(answer)["result"] == NEW
