"""`override_options`, which hosts use in their own tests."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, transaction
from django.test import TestCase, TransactionTestCase
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


def stored(options: Any) -> str:
    """Return what is stored with its types: 1, 1.0 and true differ."""
    return repr(options.as_mapping())


@pytest.mark.database
def test_options_hold_for_the_block_and_all_of_the_owner_s_are_put_back(
    override: Any, options: Any
) -> None:
    before = stored(options)
    untouched = options.values_list("pk", "updated_at").get(key="null")
    with override({"a b": 1, "theme": "blue"}, theme="dark", number=True, zero=0.0, user=2):
        changed = {"a b": 1, "theme": "dark", "number": True, "zero": 0.0, "user": 2}
        assert options.as_mapping() == BEFORE | changed
        options.set_options({"more": 1, "number": 1.0})
        options.delete_options(["theme", "kept"])
    assert stored(options) == before
    # Rows that did not change are not written again.
    assert options.values_list("pk", "updated_at").get(key="null") == untouched
    with override():
        options.set_options({"more": 1})
    assert stored(options) == before


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
def test_an_error_of_the_block_comes_through_and_the_options_are_put_back(
    override: Any, user: Any, options: Any
) -> None:
    with pytest.raises(ZeroDivisionError), override(theme="dark"):
        raise ZeroDivisionError
    assert options.as_mapping() == BEFORE
    with pytest.raises(IntegrityError), transaction.atomic(), override(theme="dark"):
        get_user_model().objects.create(username=user.username)
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


def test_limits_that_the_test_sets_do_not_keep_the_options_from_being_put_back(
    override: Any, options: Any, settings: Any
) -> None:
    options.set_options({"large": "x" * 1000})
    before = stored(options)
    limits = {"MAX_VALUE_BYTES": 10, "MAX_KEYS_PER_OWNER": 3, "MAX_KEYS_PER_CALL": 2}
    with override():
        settings.USER_OPTIONS = limits
        options.delete_options(["theme", "kept"])
        options.delete_options(["number", "zero"])
        options.set_options({"large": 1, "more": 1})
    assert stored(options) == before
    assert limits == settings.USER_OPTIONS


@pytest.mark.parametrize("given", [{"a": float("nan")}, {"\0": 1}])
def test_what_cannot_be_stored_is_refused_and_changes_nothing(
    given: Any, override: Any, options: Any
) -> None:
    with pytest.raises(InvalidOptionError), ExitStack() as stack:
        stack.enter_context(override({**given, "theme": "dark"}))
    assert options.as_mapping() == BEFORE


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
    assert test(times=0) == {"depth": 1}


def test_a_class_is_not_decorated() -> None:
    with pytest.raises(TypeError, match="decorate each test"):
        override_options("application", theme="dark")(TestCase)


class Owners:
    """Owners as a host's test case has them."""

    user: Any
    application: Any

    @classmethod
    def make_owners(cls, target: Any) -> None:
        target.user = get_user_model().objects.create(username="ann")
        target.application = get_application_model().objects.create(
            client_type="confidential", authorization_grant_type="password"
        )

    def stored(self) -> Any:
        return AppUserOption.objects.for_owner(self.application, self.user).as_mapping()


class TestInATestCase(Owners, TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.make_owners(cls)

    @override_options("application", "user", theme="dark")
    def test_a_decorator_takes_attributes_by_name(self) -> None:
        assert self.stored() == {"theme": "dark"}

    @override_options("application", "user", theme="dark")
    async def test_an_asynchronous_test_is_decorated(self) -> None:
        options = AppUserOption.objects.for_owner(self.application, self.user)
        assert [option.key async for option in options] == ["theme"]

    async def test_an_asynchronous_block(self) -> None:
        options = AppUserOption.objects.for_owner(self.application, self.user)
        async with override_options(self.application, self.user, theme="dark"):
            assert await options.acount() == 1
        assert await options.acount() == 0


@pytest.mark.database
class TestInATransactionTestCase(Owners, TransactionTestCase):
    def setUp(self) -> None:
        self.make_owners(self)

    def test_a_block_outside_of_a_transaction_is_put_back(self) -> None:
        with override_options(self.application, self.user, theme="dark"):
            assert self.stored() == {"theme": "dark"}
        assert self.stored() == {}


@pytest.mark.parametrize("arguments", [(), (object(),)], ids=["function", "method"])
def test_a_misspelt_owner_is_named(arguments: Any) -> None:
    test = override_options("applicaton", theme="dark")(lambda *_: None)
    with pytest.raises(TypeError, match="no argument 'applicaton'"):
        test(*arguments)
