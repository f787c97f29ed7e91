"""An access log without secrets. A web server in production needs a rule like this one."""

from __future__ import annotations

import logging
import re

# The user id and the secret in the path of a webhook, and every query, as it can hold a token.
_SECRETS = re.compile(r"(?<=/rest/)/*[^/\s]+/+[^/\s]+|(?<=\?)\S+")


class HideSecrets(logging.Filter):
    """Replaces the secrets in the addresses of a record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record and keep it."""
        record.msg, record.args = _SECRETS.sub("***", record.getMessage()), ()
        return True
