"""Digests of stored options, by which clients notice changes."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

from django.db.models.functions import SHA256

from django_user_options.fields import STORED_TEXT

_LENGTH = 22


def digest_of(text: str) -> str:
    """Return the digest of a JSON text: 22 characters of its SHA-256 in URL-safe Base64."""
    return shortened(sha256(text.encode()).digest())


def shortened(hashed: bytes) -> str:
    """Return the digest that belongs to a whole SHA-256."""
    return urlsafe_b64encode(hashed)[:_LENGTH].decode()


class _TextSHA256(SHA256):
    """Django's SHA256, but without the extension that it needs on PostgreSQL."""

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "encode(sha256(convert_to(%(expressions)s, 'UTF8')), 'hex')"
        return self.as_sql(compiler, connection, template=template, **context)


# The SHA-256 of the stored text, in hexadecimal digits.
STORED_SHA256 = _TextSHA256(STORED_TEXT)
