"""Why a call is refused before it reaches the options."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import PermissionDenied


class CallRefusedError(Exception):
    """Base of the refusals; `rest.dialects` defines how each one looks on the wire.

    Attributes:
        code: Selects the row of the dialect's table of errors.
    """

    code: str


class InvalidRequestError(CallRefusedError):
    """The request cannot be read or contradicts itself; the message says how."""

    code = "invalid_request"


class BodyTooLargeError(CallRefusedError):
    """The body is larger than the project's `DATA_UPLOAD_MAX_MEMORY_SIZE`."""

    code = "body_too_large"


class VerbNotAllowedError(CallRefusedError):
    """The HTTP verb does not run a method."""

    code = "verb_not_allowed"


class HttpsRequiredError(CallRefusedError):
    """The project accepts calls over HTTPS only."""

    code = "https_required"


class MethodNotFoundError(CallRefusedError):
    """No REST method has this name."""

    code = "method_not_found"


class NoCredentialsError(CallRefusedError):
    """The request has no valid token or webhook."""

    code = "no_credentials"


class UnknownTokenError(NoCredentialsError):
    """The access token was never issued, or it was revoked."""

    code = "unknown_token"


class UnknownWebhookError(NoCredentialsError):
    """No usable webhook has this user id and this secret."""

    code = "unknown_webhook"


class KnownCredentialError(CallRefusedError):
    """The credential is known, but may not be used.

    Args:
        facts: What the security log says about it: all or some of `Caller.facts`.
    """

    def __init__(self, **facts: Any) -> None:
        super().__init__()
        self.facts = facts


class ExpiredTokenError(KnownCredentialError):
    """The access token is known and has expired."""

    code = "expired_token"


class InactiveUserError(KnownCredentialError):
    """The user behind the credentials has been deactivated."""

    code = "inactive_user"


class AddressRefusedError(KnownCredentialError):
    """The webhook may not be called from the client's address."""

    code = "address_refused"


class NoAccessError(KnownCredentialError):
    """The project's `ACCESS_RULE` refuses the user or the application."""

    code = "user_access_error"


class NestedBatchError(CallRefusedError):
    """A batch contains a batch."""

    code = "batch_nested"


class BatchTooLongError(CallRefusedError):
    """The batch has more commands than allowed; this one is beyond the limit."""

    code = "batch_length"


class BatchTimeError(CallRefusedError):
    """The batch has already taken longer than allowed."""

    code = "batch_time"


class PermissionRefusedError(CallRefusedError):
    """A permission refused; code and message are its own, or else DRF's.

    Attributes:
        scopes: The scopes that the call needs, if one is missing.
    """

    def __init__(self, permission: Any) -> None:
        message = getattr(permission, "message", None) or PermissionDenied.default_detail
        super().__init__(str(message))
        self.code = getattr(permission, "code", None) or PermissionDenied.default_code
        self.scopes = getattr(permission, "scopes", ())
