"""What a caller may do; each class also works in the DRF views of a project.

There, they read `request.auth` as django-oauth-toolkit's `OAuth2Authentication` sets it. They run
no query, except for the owner of an application whose token has no user. They refuse other kinds of
credentials, so the classes combine with `&` and `|`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.module_loading import import_string
from rest_framework.permissions import BasePermission

from django_user_options.conf import conf
from django_user_options.rest.caller import Caller

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView


def is_active_superuser(user: Any) -> bool:
    """Return whether a user is an active superuser, the default rule for administrators."""
    return bool(user.is_active and getattr(user, "is_superuser", False))


class CallerPermission(BasePermission):
    """Base: answers one question about the caller; without a caller, the answer is no."""

    code: str

    def has_permission(self, request: Request, view: APIView) -> bool:
        caller = Caller.of(request)
        return caller is not None and self.allows(caller, view)

    def allows(self, caller: Caller, view: APIView) -> bool:
        """Return whether this caller may continue."""
        raise NotImplementedError


class HasApplication(CallerPermission):
    """The credential belongs to an application."""

    message = "Application context required"
    code = "application_required"

    def allows(self, caller: Caller, view: APIView) -> bool:
        return caller.application is not None


class HasUser(CallerPermission):
    """The credential acts as a user who has not been deactivated."""

    message = "User authorization required"
    code = "user_required"

    def allows(self, caller: Caller, view: APIView) -> bool:
        return caller.user is not None and caller.user.is_active


class MayCallMethod(CallerPermission):
    """The credential is not limited to other REST methods."""

    code = "method_refused"

    def allows(self, caller: Caller, view: Any) -> bool:
        return caller.may_call(view.name)


class HasRequiredScope(CallerPermission):
    """The credential holds every scope that a REST method or the view's `required_scopes` names.

    A view without that attribute requires the scopes of the setting `REQUIRED_SCOPES`.
    """

    code = "insufficient_scope"

    def allows(self, caller: Caller, view: APIView) -> bool:
        self.message = (
            f"The request requires higher privileges than provided by the {caller.credential} token"
        )
        needed = getattr(view, "needed_scopes", None)
        required = needed() if needed else getattr(view, "required_scopes", None)
        self.scopes = conf.required_scopes if required is None else required
        return caller.scopes.issuperset(self.scopes)


class IsAdministrator(CallerPermission):
    """The user is an administrator, and the credential carries those rights."""

    message = "Administrator authorization required"
    code = "administrator_required"

    def allows(self, caller: Caller, view: APIView) -> bool:
        return is_administrator(caller)


def is_administrator(caller: Caller) -> bool:
    """Return whether the caller's user is an administrator and the credential may act as one."""
    if not caller.may_administrate or caller.user is None:
        return False
    if conf.administrator_scope and conf.administrator_scope not in caller.scopes:
        return False
    return is_user_administrator(caller.user)


def is_user_administrator(user: Any) -> bool:
    """Return whether the project's rule `IS_ADMINISTRATOR` returns `True` for a user."""
    # Anything else may be a mistake, such as a coroutine or a pair of an answer and its reason.
    return import_string(conf.is_administrator)(user) is True


def may_use(application: Any, user: Any) -> bool:
    """Return whether `ACCESS_RULE` returns `True` for an application and a user, or is not set."""
    return not conf.access_rule or import_string(conf.access_rule)(application, user) is True
