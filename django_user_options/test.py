"""For a project's tests: options that are set for one block or one test.

from django_user_options.test import override_options

def test_dark_page(client, application, user):
    with override_options(application, user, theme="dark"):
        assert b"dark" in client.get("/").content
"""

from __future__ import annotations

import functools
import inspect
import json
import sys
from typing import TYPE_CHECKING, Any, Self, TypeAlias, TypeVar, cast

from asgiref.sync import sync_to_async
from django.db import connections, models, router
from django.test.utils import override_settings

from django_user_options.conf import conf
from django_user_options.fields import STORED_TEXT
from django_user_options.models import AppOption, AppUserOption
from django_user_options.owners import existing_owners, owner_options

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Owner: TypeAlias = models.Model | str | Callable[[], models.Model]

_Test = TypeVar("_Test", bound="Callable[..., Any]")


class override_options:  # noqa: N801  as Django names `override_settings`
    """Set options, then restore all options of their owner.

    This is a context manager, also an asynchronous one, and a decorator for test functions and
    methods. Changes that the block itself makes for that owner are undone, too. Without options,
    nothing is set, but the owner's options are still restored.

    Args:
        application: The application that the options belong to.
        user: The user that they belong to; None for the application's own options.
        options: Options whose keys are not Python names.
        named: All other options.

    If an owner does not exist yet when a decorator is evaluated, pass a callable without arguments,
    or the name of a fixture that the test takes or of an attribute of its test case.

    Raises:
        UserOptionsError: An option cannot be stored; see `set_options`.
    """

    def __init__(
        self,
        application: Owner,
        user: Owner | None = None,
        options: Mapping[str, Any] | None = None,
        /,
        **named: Any,
    ) -> None:
        self._owners = application, user
        self._options = {**(options or {}), **named}
        # One instance may be entered several times.
        self._entered: list[tuple[Any, tuple[Any, ...], dict[str, str]]] = []

    def __enter__(self) -> Self:
        owners: list[Any] = [own() if callable(own) else own for own in self._owners]
        application, user = owners
        pks = (application.pk,) if user is None else (application.pk, user.pk)
        # A replica may lag behind, so options are read from the database for writing.
        db = router.db_for_write(AppOption if user is None else AppUserOption)
        owned = owner_options(application, user, using=db)
        # JSON texts, because 1, 1.0 and True are equal in Python.
        before = dict(owned.values_list("key", STORED_TEXT))
        if self._options:
            owned.set_options(self._options)
        self._entered.append((owned, pks, before))
        return self

    def __exit__(self, *error: object) -> None:
        owned, pks, before = self._entered.pop()
        if connections[owned.db].needs_rollback:
            # A failed transaction is rolled back as a whole and accepts no more queries.
            return
        # The test may have lowered the limits below the earlier totals. A limit that is off stays
        # off, because a quota costs statements.
        limits = {
            key.upper(): None if most is None else sys.maxsize for key, most in conf.limits.items()
        }
        with override_settings(USER_OPTIONS={**conf.given, **limits}):
            found = dict(owned.values_list("key", STORED_TEXT))
            if added := found.keys() - before.keys():
                owned.delete_options(added)
            changed = {key: json.loads(text) for key, text in before.items() - found.items()}
            if changed and existing_owners([pks], using=owned.db):
                owned.set_options(changed)

    async def __aenter__(self) -> Self:
        return await sync_to_async(self.__enter__)()

    async def __aexit__(self, *error: object) -> None:
        await sync_to_async(self.__exit__)(*error)

    def __call__(self, test: _Test) -> _Test:
        """Return the test, with the options set around each call."""
        if isinstance(test, type):
            msg = "override_options decorates functions and methods; decorate each test."
            raise TypeError(msg)

        @functools.wraps(test)
        def around(*args: Any, **kwargs: Any) -> Any:
            with self._for_call(args, kwargs):
                return test(*args, **kwargs)

        @functools.wraps(test)
        async def around_coroutine(*args: Any, **kwargs: Any) -> Any:
            async with self._for_call(args, kwargs):
                return await test(*args, **kwargs)

        return cast("_Test", around_coroutine if inspect.iscoroutinefunction(test) else around)

    def _for_call(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> override_options:
        """Replace owners' names with fixtures of the call or attributes of its test case."""
        owners: list[Any] = []
        for owner in self._owners:
            if not isinstance(owner, str):
                owners.append(owner)
            elif owner in kwargs:
                owners.append(kwargs[owner])
            elif args and hasattr(args[0], owner):
                owners.append(getattr(args[0], owner))
            else:
                msg = (
                    f"The test has no argument {owner!r}, and its test case has no such attribute."
                )
                raise TypeError(msg)
        application, user = owners
        return override_options(application, user, self._options)
