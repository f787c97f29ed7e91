"""`override_options`, which projects use in their own tests."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, transaction
from django.test import TestCase
from oauth2_provider.models import get_application_model

from django_user_options.exceptions import InvalidOptionError
from django_user_options.models import AppOption, AppUserOption
from django_user_options.test import override_options

BEFORE = {"theme": "light", "number": 1, "zero": -0.0, "null": None, "kept": {"b": 1, "a": [1e16]}}


@pytest.fixture
def options(application: Any, user: Any) -> Any:
    """The user's options, with some set before."""
    options = AppUserOption.objects.for_owner(application, user)
    options.set_options(BEFORE)
    return options


@pytest.fixture
def override(application: Any, user: Any) -> Any:
    return partial(override_options, application, user)


@pytest.mark.database
def test_options_hold_for_the_block_and_all_of_the_owners_are_restored(
    override: Any, options: Any
) -> None:
    # As text, in which 1, 1.0 and true differ.
    before = repr(options.as_mapping())
    untouched = options.values_list("pk", "updated_at").get(key="null")
    with override({"a b": 1, "theme": "blue"}, theme="dark", number=True, zero=0.0, user=2):
        changed = {"a b": 1, "theme": "dark", "number": True, "zero": 0.0, "user": 2}
        assert options.as_mapping() == BEFORE | changed
        options.set_options({"more": 1, "number": 1.0})
        options.delete_options(["theme", "kept"])
    assert repr(options.as_mapping()) == before
    # Rows that did not change are not written again.
    assert options.values_list("pk", "updated_at").get(key="null") == untouched


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_without_a_user_they_are_the_applications_own(application: Any) -> None:
    own = AppOption.objects.for_owner(application)
    with override_options(application, None, {"a-b": 1}, plan="free"):
        assert own.as_mapping() == {"a-b": 1, "plan": "free"}
    assert own.as_mapping() == {}


def test_blocks_nest_also_of_one_instance(override: Any, options: Any) -> None:
    dark = override(theme="dark")
    with dark:
        with override(theme="blue"), dark:
            assert options.get_option("theme") == "dark"
        assert options.get_option("theme") == "dark"
    assert options.as_mapping() == BEFORE


@pytest.mark.database
def test_an_error_in_the_block_is_raised_and_the_options_are_restored(
    override: Any, user: Any, options: Any
) -> None:
    with pytest.raises(ZeroDivisionError), override(theme="dark"):
        raise ZeroDivisionError
    with pytest.raises(IntegrityError), transaction.atomic(), override(theme="dark"):
        get_user_model().objects.create(username=user.username)
    invalid = override({"\0": 1}, theme="dark")
    with pytest.raises(InvalidOptionError):
        invalid.__enter__()
    assert options.as_mapping() == BEFORE


@pytest.mark.database
@pytest.mark.parametrize("fetched_again", [True, False])
def test_an_owner_deleted_in_the_block_stays_deleted(
    override: Any, user: Any, options: Any, *, fetched_again: bool
) -> None:
    with override(theme="dark"):
        (get_user_model().objects.get(pk=user.pk) if fetched_again else user).delete()
    connection.check_constraints()
    assert AppUserOption.objects.count() == 0


def test_limits_that_the_test_sets_do_not_keep_the_options_from_being_restored(
    override: Any, options: Any, settings: Any
) -> None:
    options.set_options({"large": "x" * 1000})
    before = options.as_mapping()
    limits = {"MAX_VALUE_BYTES": 10, "MAX_KEYS_PER_OWNER": 3, "MAX_KEYS_PER_CALL": 2}
    with override():
        settings.USER_OPTIONS = limits
        options.delete_options(["theme", "kept"])
        options.delete_options(["number", "zero"])
        options.set_options({"large": 1, "more": 1})
    assert options.as_mapping() == before
    assert limits == settings.USER_OPTIONS


@override_options("application", "user", theme="dark")
def test_a_decorator_takes_fixtures_by_name(application: Any, user: Any) -> None:
    assert AppUserOption.objects.for_owner(application, user).as_mapping() == {"theme": "dark"}


def test_a_decorated_function_can_be_called_again(application: Any, user: Any) -> None:
    options = AppUserOption.objects.for_owner(application, user)

    @override_options(lambda: application, lambda: user, depth=1)
    def test(times: int) -> Any:
        found = options.as_mapping()
        return test(times - 1) if times else found

    assert test(2) == {"depth": 1}
    assert options.as_mapping() == {}


class TestInATestCase(TestCase):
    user: Any
    application: Any

    @classmethod
    def setUpTestData(cls) -> None:
        cls.user = get_user_model().objects.create(username="ann")
        cls.application = get_application_model().objects.create(
            client_type="confidential", authorization_grant_type="password"
        )

    @override_options("application", "user", theme="dark")
    def test_a_decorator_takes_attributes_by_name(self) -> None:
        assert AppUserOption.objects.get().key == "theme"

    @override_options("application", "user", theme="dark")
    async def test_an_asynchronous_test_and_an_asynchronous_block(self) -> None:
        options = AppUserOption.objects.for_owner(self.application, self.user)
        async with override_options(self.application, self.user, zoom=1):
            assert await options.aas_mapping() == {"theme": "dark", "zoom": 1}
        assert await options.aas_mapping() == {"theme": "dark"}


def test_a_class_or_a_misspelled_owner_is_refused() -> None:
    misspelled = override_options("applicaton", theme="dark")
    with pytest.raises(TypeError, match="decorate each test"):
        misspelled(TestCase)
    for arguments in ((), (object(),)):
        with pytest.raises(TypeError, match="no argument 'applicaton'"):
            misspelled(print)(*arguments)
