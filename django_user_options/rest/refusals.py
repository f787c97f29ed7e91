"""Why a call was refused before or beside the option stores."""

from __future__ import annotations


class CallRefusedError(Exception):
    """Base of the refusals; `rest.envelope` knows how each one looks on the wire.

    Attributes:
        code: Selects the row of the envelope's table.
    """

    code: str


class InvalidRequestError(CallRefusedError):
    """The request cannot be read, or contradicts itself; the message says how."""

    code = "invalid_request"


class BodyTooLargeError(CallRefusedError):
    """The body is larger than the host's `DATA_UPLOAD_MAX_MEMORY_SIZE`."""

    code = "body_too_large"


class VerbNotAllowedError(CallRefusedError):
    """The HTTP verb is none of those that run a method."""

    code = "verb_not_allowed"


class HttpsRequiredError(CallRefusedError):
    """The host takes calls over HTTPS only."""

    code = "https_required"


class MethodNotFoundError(CallRefusedError):
    """No REST method has this name."""

    code = "method_not_found"


class NoCredentialsError(CallRefusedError):
    """There is no token or webhook, or none that is known."""

    code = "no_credentials"


class ExpiredTokenError(CallRefusedError):
    """The access token is known and has expired."""

    code = "expired_token"


class InactiveUserError(CallRefusedError):
    """The user behind the credentials has been deactivated."""

    code = "inactive_user"


class NestedBatchError(CallRefusedError):
    """A batch stands inside a batch."""

    code = "batch_nested"


class BatchTooLongError(CallRefusedError):
    """The command is beyond those that one batch may have."""

    code = "batch_length"


class BatchTimeError(CallRefusedError):
    """The commands of the batch so far took longer than one batch may take."""

    code = "batch_time"


class PermissionRefusedError(CallRefusedError):
    """A permission class said no; code and message are those that it names."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
