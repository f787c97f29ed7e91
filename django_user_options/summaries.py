"""What an owner keeps, without the values: totals, digests, and keys."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Count, Sum
from django.db.models.functions import SHA256, Left, NullIf
from django.utils.translation import gettext_noop as _

from django_user_options.conf import conf
from django_user_options.exceptions import InvalidOptionError
from django_user_options.fields import STORED_TEXT, JSONText, encode_json
from django_user_options.validators import byte_size, validate_key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.db.models import QuerySet


class Totals(NamedTuple):
    """A number of keys, and the total size of their values in bytes."""

    keys: int
    size: int

    @classmethod
    def allowed(cls) -> Totals:
        """Return the most that the settings allow one owner to keep."""
        return cls(conf.max_keys_per_owner, conf.max_bytes_per_owner)

    @classmethod
    def of(cls, texts: Mapping[str, JSONText]) -> Totals:
        """Return the totals of the JSON texts."""
        return cls(len(texts), sum(map(byte_size, texts.values())))

    @classmethod
    def kept(cls, options: QuerySet[Any]) -> Totals:
        """Return the totals of stored options, in one query."""
        # A row of size 0 is only a lock.
        return cls(**options.aggregate(keys=Count(NullIf("size", 0)), size=Sum("size", default=0)))


class Usage(NamedTuple):
    """What an owner keeps, and the limits as in `conf.limits`."""

    keys: int
    bytes: int
    limits: Mapping[str, int | None]


class KeyFacts(NamedTuple):
    """What is known about a key without its value; `size` is in bytes."""

    digest: str
    size: int
    updated_at: datetime


class KeyPage(NamedTuple):
    """Keys in the order of their characters' code points.

    Attributes:
        keys: The facts about each key of the page.
        digest: One digest of all matching keys and their values, on this page or not.
        next: The last key of the page if more keys follow, else None.
    """

    keys: dict[str, KeyFacts]
    digest: str
    next: str | None


class _TextSHA256(SHA256):
    """Django's SHA256, but without the extension that it needs on PostgreSQL."""

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "encode(sha256(convert_to(%(expressions)s, 'UTF8')), 'hex')"
        return self.as_sql(compiler, connection, template=template, **context)


def digest_of(text: str) -> str:
    """Return the digest of a JSON text: 22 characters of its SHA-256 in URL-safe Base64."""
    return _shortened(sha256(text.encode()).digest())


def _shortened(hashed: bytes) -> str:
    return urlsafe_b64encode(hashed)[:22].decode()


def read_keys(
    options: QuerySet[Any], prefix: str, *, after: str, limit: int | None, unless: str | None
) -> KeyPage | None:
    """Return a page of one owner's keys, in one query that transfers no values.

    All matching keys are read, because the digest covers them, and sorted here, because databases
    sort texts differently.

    Raises what `OptionQuerySet.keys` raises for its arguments.
    """
    if prefix != "":
        # Not by LIKE, which ignores case on SQLite.
        beginning = Left("key", len(validate_key(prefix, argument="prefix")))
        options = options.alias(beginning=beginning).filter(beginning=prefix)
    if after != "":
        validate_key(after, argument="after")
    if limit is not None and (type(limit) is not int or limit < 1):
        msg = _("limit must be a whole number of 1 or more")
        raise InvalidOptionError(msg, argument="limit")
    hashed = _TextSHA256(STORED_TEXT)
    rows = sorted(options.order_by().values_list("key", hashed, "size", "updated_at"))
    digest = digest_of(encode_json({key: hexadecimal for key, hexadecimal, *_ in rows}))
    if digest == unless:
        return None
    left = [row for row in rows if row[0] > after]
    page = left[:limit]
    facts = {
        key: KeyFacts(_shortened(bytes.fromhex(hexadecimal)), *others)
        for key, hexadecimal, *others in page
    }
    return KeyPage(facts, digest, next=page[-1][0] if len(page) < len(left) else None)
