"""An access log without secrets; a host's web server needs a rule like this one."""

from __future__ import annotations

import logging
import re

# The user id and the secret of a webhook's path, and every query: it may hold a token.
_SECRETS = re.compile(r"(?<=/rest/)/*[^/\s]+/+[^/\s]+|(?<=\?)\S+")


class HideSecrets(logging.Filter):
    """Shortens the addresses in a record to what anyone may read."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record and keep it."""
        record.msg, record.args = _SECRETS.sub("***", record.getMessage()), ()
        return True
