"""What a REST method is: its name, its permissions, what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django_user_options.rest.permissions import HasApplication, HasRequiredScope, HasUser

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rest_framework.permissions import BasePermission

    from django_user_options.rest.caller import Caller


class RestMethod:
    """One method of the REST interface.

    A subclass sets `name`, decorates itself with `registry.register` and implements `run`.
    `run` may raise the errors of `django_user_options.exceptions` and DRF's `APIException`;
    anything else is answered as an internal error, and its text is not shown.

    Attributes:
        name: As clients write it, for instance `user.option.set`.
        permission_classes: DRF permissions, asked in this order before `run`.
        required_scopes: Scopes the credential must hold; None asks for `REQUIRED_SCOPES`.
    """

    name: ClassVar[str]
    permission_classes: ClassVar[Sequence[type[BasePermission]]] = (
        HasRequiredScope,
        HasApplication,
        HasUser,
    )
    required_scopes: ClassVar[Sequence[str] | None] = None

    def __init__(self, *, caller: Caller, parameters: Mapping[str, Any]) -> None:
        self.caller = caller
        self.parameters = parameters

    def run(self) -> Any:
        """Do what the method does and return its result, a JSON value."""
        raise NotImplementedError
