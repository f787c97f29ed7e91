"""What holds in a project with two databases, besides what holds in every project."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connections, transaction
from django.test.utils import CaptureQueriesContext

from django_user_options.exceptions import OptionLimitError
from django_user_options.models import AppUserOption

pytestmark = pytest.mark.django_db(databases=["default", "other"])


@pytest.fixture
def first_owner(application: Any, user: Any) -> tuple[Any, Any]:
    """The same application and user, in the database that the router does not choose."""
    copies = []
    for owner in (application, user):
        owner.save(using="default", force_insert=True)
        copies.append(type(owner).objects.using("default").get(pk=owner.pk))
    return copies[0], copies[1]


def test_the_routers_database_alone_is_used(
    application: Any, user: Any, call: Any, token: str
) -> None:
    with CaptureQueriesContext(connections["default"]) as on_default:
        options = AppUserOption.objects.for_owner(application, user)
        options.set_options({"theme": "dark", "zoom": 1})
        options.delete_options(["zoom"])
        assert options.as_mapping() == {"theme": "dark"}
        call("user.option.set", {"options": {"page": 3}}, token=token)
        assert call("user.option.get", {"option": "page"}, token=token).json()["result"] == 3
    assert on_default.captured_queries == []


@pytest.mark.parametrize("using_first", [True, False])
def test_using_wins_over_the_router(
    first_owner: Any, application: Any, user: Any, *, using_first: bool
) -> None:
    if using_first:
        options = AppUserOption.objects.using("default").for_owner(*first_owner)
    else:
        options = AppUserOption.objects.for_owner(*first_owner).using("default")
    with CaptureQueriesContext(connections["other"]) as on_other:
        options.set_options({"theme": "dark", "zoom": 1})
        options.delete_options(["zoom"])
        assert options.as_mapping() == {"theme": "dark"}
    assert on_other.captured_queries == []
    assert AppUserOption.objects.for_owner(application, user).as_mapping() == {}


def test_a_write_is_atomic_in_its_own_database(first_owner: Any, settings: Any) -> None:
    settings.USER_OPTIONS = {"MAX_KEYS_PER_OWNER": 1}
    options = AppUserOption.objects.using("default").for_owner(*first_owner)
    with pytest.raises(OptionLimitError):
        options.set_options({"theme": "dark", "zoom": 1})
    assert options.as_mapping() == {}
    with transaction.atomic(using="default"):
        options.set_options({"theme": "dark"})
        transaction.set_rollback(True, using="default")
    assert options.as_mapping() == {}
