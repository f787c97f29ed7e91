"""A filter for logs that contain request paths.

A webhook's path contains its secret, and a query may contain a token. This package logs neither,
but Django does if a path misses the package's views: `Not Found: /…`.
"""

from __future__ import annotations

import logging
import re
from contextlib import suppress

# A secret is 32 or more hexadecimal digits. Each may be percent-encoded, even twice.
_DIGIT = "(?:[0-9a-f]|%(?:25)*(?:3[0-9]|[46][1-6]))"
# A client may have left spaces and quotes in the query, or percent-encoded its question mark.
_QUERY = r"(?:(?<=[?&])|(?<=%3F)|(?<=%253F))\S+?(?=[\"']?(?:\s|\Z))"
_SECRETS = re.compile(f"(?:uow_)?{_DIGIT}{{32,}}|{_QUERY}", re.IGNORECASE)


class HideSecrets(logging.Filter):
    """Replaces webhooks' secrets, and every query, by `***`."""

    def filter(self, record: logging.LogRecord) -> bool:
        with suppress(TypeError, ValueError):  # The handler reports bad arguments.
            record.msg, record.args = _SECRETS.sub("***", record.getMessage()), ()
        return True
