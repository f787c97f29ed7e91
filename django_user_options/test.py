"""For a host's own tests: options that hold for one block or one test.

from django_user_options.test import override_options

def test_dark_page(client, application, user):
    with override_options(application, user, theme="dark"):
        assert b"dark" in client.get("/").content
"""

from __future__ import annotations

import functools
import inspect
import sys
from contextlib import ContextDecorator
from typing import TYPE_CHECKING, Any, Self, TypeAlias, TypeVar, cast

from asgiref.sync import sync_to_async
from django.db import connections, models, router
from django.test.utils import override_settings

from django_user_options.conf import DEFAULTS, KEY_LENGTH, conf
from django_user_options.fields import encode_json
from django_user_options.models import AppOption, AppUserOption
from django_user_options.owners import unfiltered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django_user_options.querysets import OptionQuerySet

    Owner: TypeAlias = models.Model | str | Callable[[], models.Model]

_NO_LIMITS = {
    **{name: sys.maxsize for name in DEFAULTS if name.startswith("MAX_")},
    "MAX_KEY_LENGTH": KEY_LENGTH,
}

_Test = TypeVar("_Test", bound="Callable[..., Any]")


class override_options(ContextDecorator):  # noqa: N801  as Django names `override_settings`
    """Sets options, and at the end puts all options of their owner back as they were.

    A context manager, also an asynchronous one, and a decorator of test functions and methods.
    Whatever the block itself stores or deletes for that owner is undone, too; without options
    it does that alone.

    Args:
        application: The application that the options belong to.
        user: The user they belong to; None for options of the application itself.
        options: Those whose keys are no Python names.
        named: The others.

    An owner that does not exist yet when a decorator is evaluated is given as a callable
    without arguments, or as a name: of a fixture that the test takes, or of an attribute of
    its test case.

    Raises:
        UserOptionsError: An option cannot be stored, as `set_options` says it.
    """

    def __init__(
        self,
        application: Owner,
        user: Owner | None = None,
        options: Mapping[str, Any] | None = None,
        /,
        **named: Any,
    ) -> None:
        self._owners = (application,) if user is None else (application, user)
        self._options = {**(options or {}), **named}
        # One for each block that this instance stands around.
        self._blocks: list[_Block] = []

    def __enter__(self) -> Self:
        """Set the options."""
        block = _Block([owner() if callable(owner) else owner for owner in self._owners])
        if self._options:
            block.owned.set_options(self._options)
        self._blocks.append(block)
        return self

    def __exit__(self, *_: object) -> None:
        """Put back what was there."""
        self._blocks.pop().restore()

    async def __aenter__(self) -> Self:
        """Set the options."""
        return await sync_to_async(self.__enter__)()

    async def __aexit__(self, *_: object) -> None:
        """Put back what was there."""
        await sync_to_async(self.__exit__)()

    def __call__(self, test: _Test) -> _Test:
        """Return the test with the options around each call of it.

        Raises:
            TypeError: It is a class.
        """
        if isinstance(test, type):
            msg = "override_options decorates functions and methods; decorate each test."
            raise TypeError(msg)
        if inspect.iscoroutinefunction(test):

            @functools.wraps(test)
            async def around(*args: Any, **kwargs: Any) -> Any:
                async with self._named_in(args, kwargs):
                    return await test(*args, **kwargs)
        else:

            @functools.wraps(test)
            def around(*args: Any, **kwargs: Any) -> Any:
                with self._named_in(args, kwargs):
                    return test(*args, **kwargs)

        return cast("_Test", around)

    def _named_in(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Self:
        """Return the same for one call, whose arguments know the owners given by name."""

        def found(owner: Owner) -> Any:
            if not isinstance(owner, str):
                return owner
            return kwargs[owner] if owner in kwargs else getattr(args[0], owner)

        application, user = (*map(found, self._owners), None)[:2]
        return type(self)(application, user, self._options)


class _Block:
    """The options of one owner, as they were when the block began."""

    def __init__(self, owners: list[Any]) -> None:
        model: Any = AppUserOption if len(owners) > 1 else AppOption
        self._owners = owners
        # Where writes go, which reads may lag behind.
        self._db = router.db_for_write(model)
        self.owned: OptionQuerySet[Any] = model.objects.using(self._db).for_owner(*owners)
        self._before = self.owned.as_mapping()

    def restore(self) -> None:
        # A transaction that has failed is rolled back to before the block, and takes no query.
        if connections[self._db].needs_rollback:
            return
        # The test may have set limits below what was there before.
        with override_settings(USER_OPTIONS={**conf.given, **_NO_LIMITS}):
            self._restore()

    def _restore(self) -> None:
        found = self.owned.as_mapping()
        if added := found.keys() - self._before.keys():
            self.owned.delete_options(added)
        changed = {k: v for k, v in self._before.items() if not self._is_as_before(k, found)}
        if changed and all(map(self._is_there, self._owners)):
            self.owned.set_options(changed)

    def _is_as_before(self, key: str, found: Mapping[str, Any]) -> bool:
        # 1, 1.0 and true are equal in Python.
        return key in found and encode_json(found[key]) == encode_json(self._before[key])

    def _is_there(self, owner: models.Model) -> bool:
        return unfiltered(type(owner), using=self._db).filter(pk=owner.pk).exists()
