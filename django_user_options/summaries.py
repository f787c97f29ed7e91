"""What an owner keeps, without the values: keys with their digests, and totals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models.functions import Left
from django.utils.translation import gettext_noop as _

from django_user_options.digests import STORED_SHA256, digest_of, shortened
from django_user_options.exceptions import InvalidOptionError
from django_user_options.fields import encode_json
from django_user_options.validators import validate_key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.db.models import QuerySet


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
    rows = options.order_by().values_list("key", STORED_SHA256, "size", "updated_at")
    found = {key: facts for key, *facts in sorted(rows)}
    digest = digest_of(encode_json({key: hashed for key, (hashed, *rest) in found.items()}))
    if digest == unless:
        return None
    left = [key for key in found if key > after]
    page = {key: found[key] for key in left[:limit]}
    return KeyPage(
        {
            key: KeyFacts(shortened(bytes.fromhex(hashed)), *others)
            for key, (hashed, *others) in page.items()
        },
        digest,
        next=left[len(page) - 1] if len(page) < len(left) else None,
    )
