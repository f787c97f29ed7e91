"""The base class of REST methods, and their registry."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.utils.translation import gettext_lazy as _

from django_user_options.conf import conf
from django_user_options.rest.permissions import HasRequiredScope, MayCallMethod
from django_user_options.rest.refusals import MethodNotFoundError, PermissionRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import TypeAlias

    from rest_framework.permissions import BasePermission
    from rest_framework.request import Request

    from django_user_options.rest.caller import Caller
    from django_user_options.rest.parsers import Parameters

    Errors: TypeAlias = Sequence[Exception | Callable[[], Exception]]

_Method = TypeVar("_Method", bound="type[RestMethod]")

# Schemas that methods share.
TEXT: Mapping[str, Any] = {"type": "string"}
BOOLEAN: Mapping[str, Any] = {"type": "boolean"}
# The part `time` of an answer, for examples.
TIME_EXAMPLE = {
    "start": 1722001311.94644,
    "finish": 1722001311.98622,
    "duration": 0.03978,
    "processing": 0.00004,
    "date_start": "2024-07-26T13:41:51+00:00",
    "date_finish": "2024-07-26T13:41:51+00:00",
    "operating_reset_at": 1722001911,
    "operating": 0,
}


def object_schema(**properties: Any) -> dict[str, Any]:
    """Return the schema of an object that has all of the properties."""
    return {"type": "object", "properties": properties, "required": list(properties)}


class RestMethod:
    """One method of the REST interface.

    A subclass sets `name`, is decorated with `register`, and implements `run`. The attributes from
    `tag` to `paginated` describe the method in an OpenAPI schema and change nothing else. Schemas
    and the example may be class methods if they depend on settings.

    Attributes:
        name: The name that clients write, for example `user.option.set`.
        required_scopes: Scopes that the credential must hold; None means `REQUIRED_SCOPES`.
        permission_classes: REST framework permissions, checked in this order after the scopes
            and before `run`. The method is their `view`.
        tag: The heading under which the method is listed.
        summary: One line; by default the first paragraph of the class's own docstring.
        description: More text; by default the rest of that docstring.
        parameters_schema: The parameters as a JSON object: a serializer, a JSON schema, or anything
            else that drf-spectacular's `extend_schema` accepts as a request.
        result_schema: The result, likewise, as a response.
        result_example: An example of the result.
        errors: The exceptions that this class raises, besides those of its bases and of the
            permissions, as instances or as callables that return one. None if they are not known.
        paginated: Whether `run` returns a `Page`.
        writes: Whether `run` changes data; a batch never withholds the result then.
        request: The request of the call; in a batch, the request of the whole batch.
        caller: The application and the user behind the credential.
        parameters: The parameters that the client sent; the body overrides the query.
        body: The parameters from the body alone.
    """

    name: ClassVar[str]
    required_scopes: ClassVar[Sequence[str] | None] = None
    permission_classes: ClassVar[Sequence[type[BasePermission]]] = ()
    tag: ClassVar[Any] = _("Methods of this server")
    summary: ClassVar[Any] = ""
    description: ClassVar[Any] = ""
    parameters_schema: ClassVar[Any] = None
    result_schema: ClassVar[Any] = None
    result_example: ClassVar[Any] = None
    errors: ClassVar[Errors | None] = None
    paginated: ClassVar[bool] = False
    writes: ClassVar[bool] = False

    def __init__(self, *, request: Request, caller: Caller, parameters: Parameters) -> None:
        self.request = request
        self.caller = caller
        self.parameters: Mapping[str, Any] = parameters.merged
        self.body = parameters.body

    @classmethod
    def needed_scopes(cls) -> Sequence[str]:
        """Return the scopes that the credential must hold."""
        return conf.required_scopes if cls.required_scopes is None else cls.required_scopes

    @classmethod
    def is_available_to(cls, caller: Caller) -> bool:
        """Return whether a credential holds the scopes and is not limited to other methods."""
        return caller.scopes.issuperset(cls.needed_scopes()) and caller.may_call(cls.name)

    def check_permissions(self) -> None:
        """Check the scopes and the webhook's methods, then every permission.

        Raises:
            PermissionRefusedError: A scope is missing or a permission refuses; the error has its
                `code` and `message`.
        """
        always: Sequence[type[BasePermission]] = (HasRequiredScope, MayCallMethod)
        for permission_class in (*always, *self.permission_classes):
            permission = permission_class()
            if not permission.has_permission(self.request, self):  # type: ignore[arg-type]
                raise PermissionRefusedError(permission)

    def run(self) -> Any:
        """Do the work and return the result: a JSON value, its JSON text, or a `Page`.

        Errors of `django_user_options.exceptions` and REST framework's `APIException` reach the
        client as they are. Any other exception is logged, and answered as an internal error
        without its text.
        """
        raise NotImplementedError


class MethodRegistry:
    """The REST methods that clients can call, by case-insensitive name."""

    def __init__(self) -> None:
        self._methods: dict[str, type[RestMethod]] = {}

    def register(self, method: _Method) -> _Method:
        """Add a method class and return it, as a decorator.

        A second class with the same name replaces the first.
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

    def describe(self, name: str) -> str:
        """Return the method's own name for a log, or a similar one, but never what a client chose.

        Clients must not see the similar name: they could list the methods without a credential.
        """
        method = self._methods.get(name.lower())
        if method is not None:
            return method.name
        similar = get_close_matches(name[:100].lower(), self._methods, n=1)
        return f"no method; did the client mean {similar[0]}?" if similar else "no method"

    def __iter__(self) -> Iterator[type[RestMethod]]:
        return iter(self._methods.values())


registry = MethodRegistry()
register = registry.register
