"""What a REST method is: its name, its permissions, what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django_user_options.rest.permissions import HasRequiredScope
from django_user_options.rest.refusals import PermissionRefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rest_framework.permissions import BasePermission
    from rest_framework.request import Request

    from django_user_options.rest.caller import Caller
    from django_user_options.rest.parsers import Parameters


class RestMethod:
    """One method of the REST interface.

    A subclass sets `name`, is decorated with `register` and implements `run`. What `run`
    raises is answered in the envelope: the errors of `django_user_options.exceptions` and
    DRF's `APIException` as what they are, anything else as an internal error without its text.

    Attributes:
        name: As clients write it, for instance `user.option.set`.
        required_scopes: Scopes the credential must hold; None asks for `REQUIRED_SCOPES`.
        permission_classes: DRF permissions, asked in this order after the scopes and before
            `run`; they get the method as their `view`.
        parameters_schema: For OpenAPI only, what the parameters are: a serializer, or whatever
            else drf-spectacular's `extend_schema` takes as a request.
        result_schema: The same for the result, as a response.
        request: The request of the call; in a batch that of the whole batch.
        caller: The application and the user behind the credential.
        parameters: What the client sent, the body over the query.
        body: The part of it that did not stand in the query.
    """

    name: ClassVar[str]
    required_scopes: ClassVar[Sequence[str] | None] = None
    permission_classes: ClassVar[Sequence[type[BasePermission]]] = ()
    parameters_schema: ClassVar[Any] = None
    result_schema: ClassVar[Any] = None

    def __init__(self, *, request: Request, caller: Caller, parameters: Parameters) -> None:
        self.request = request
        self.caller = caller
        self.parameters: Mapping[str, Any] = parameters.merged
        self.body = parameters.body

    def check_permissions(self) -> None:
        """Ask for the scopes, then every permission.

        Raises:
            PermissionRefusedError: One says no; its `code` and `message` are taken over.
        """
        asked: Sequence[type[BasePermission]] = (HasRequiredScope, *self.permission_classes)
        for permission_class in asked:
            permission = permission_class()
            if not permission.has_permission(self.request, self):  # type: ignore[arg-type]
                raise PermissionRefusedError(permission)

    def run(self) -> Any:
        """Do what the method does and return its result, a JSON value or the text of one."""
        raise NotImplementedError
