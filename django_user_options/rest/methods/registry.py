"""REST methods by name; a project registers its own as this package does."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django_user_options.rest.refusals import MethodNotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django_user_options.rest.methods.rest_method import RestMethod

_Method = TypeVar("_Method", bound="type[RestMethod]")


class MethodRegistry:
    """The REST methods that clients can call, by case-insensitive name."""

    def __init__(self) -> None:
        self._methods: dict[str, type[RestMethod]] = {}

    def register(self, method: _Method) -> _Method:
        """Add a method class and return it, as a decorator does.

        A second class of the same name replaces the first.
        """
        self._methods[method.name.lower()] = method
        return method

    def get(self, name: str) -> type[RestMethod]:
        """Return the class of a method.

        Raises:
            MethodNotFoundError: No method has this name.
        """
        method = self._methods.get(name.lower())
        if method is None:
            raise MethodNotFoundError
        return method

    def __iter__(self) -> Iterator[type[RestMethod]]:
        return iter(self._methods.values())


registry = MethodRegistry()
register = registry.register
