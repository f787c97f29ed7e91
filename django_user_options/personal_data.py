"""Counts, exports and erases what applications keep about one person."""

from __future__ import annotations

import logging
from collections import defaultdict
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile

from django import forms
from django.db import router, transaction
from django.db.models import Count, Max, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import (
    get_access_token_model,
    get_application_model,
    get_device_grant_model,
    get_grant_model,
    get_id_token_model,
    get_refresh_token_model,
)

from django_user_options.exports import as_html, as_json_lines, export_options
from django_user_options.keyset import in_pages
from django_user_options.models import AppUserOption, InboundWebhook
from django_user_options.owners import delete_counted, delete_rows, options_of, unfiltered

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from django.db.models import QuerySet

logger = logging.getLogger("django_user_options")

# Those from which others are made come first.
_TOKEN_MODELS = (
    get_device_grant_model,
    get_grant_model,
    get_refresh_token_model,
    get_access_token_model,
    get_id_token_model,
)


class ErasureForm(forms.Form):
    """Asks what to delete besides options."""

    also = forms.MultipleChoiceField(
        label=_("Delete as well"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[
            ("webhooks", _("inbound webhooks")),
            ("tokens", _("access tokens and everything that new ones can be made from")),
        ],
    )


class Holding(NamedTuple):
    """What one application keeps about the person, and which credentials can reach it."""

    application: Any
    keys: int = 0
    size: int = 0
    updated_at: datetime | None = None
    tokens: int | None = None
    webhooks: int | None = None


class Erased(NamedTuple):
    """How many records were deleted."""

    options: int
    webhooks: int
    tokens: int


def holdings(
    options: Any, *, applications: Any = None, tokens: Any = None, webhooks: Any = None
) -> list[Holding]:
    """Return what each application holds, the largest first, in at most four queries.

    Args:
        options: The person's options.
        applications: The applications to name; by default, all.
        tokens: The person's access tokens, of which live ones are counted; by default, none.
        webhooks: The person's webhooks, of which usable ones are counted; by default, none.
    """
    totals = {"keys": Count("pk"), "size": Sum("size"), "updated_at": Max("updated_at")}
    counted = [(options, totals)]
    if tokens is not None:
        counted.append((tokens.filter(expires__gt=timezone.now()), {"tokens": Count("pk")}))
    if webhooks is not None:
        counted.append((webhooks.usable(), {"webhooks": Count("pk")}))
    found: dict[Any, dict[str, Any]] = defaultdict(dict)
    for rows, figures in counted:
        of_applications = rows.exclude(application=None).order_by().values("application_id")
        for row in of_applications.annotate(**figures):
            found[row.pop("application_id")] |= row
    if applications is None:
        applications = unfiltered(get_application_model(), using=options.db)
    named = applications.in_bulk(list(found))
    counted_as_none = {name: 0 for _rows, figures in counted[1:] for name in figures}
    held = [Holding(named[pk], **counted_as_none | found[pk]) for pk in named]
    return sorted(held, key=lambda it: (-it.size, str(it.application)))


def as_zip(options: QuerySet[Any], title: str) -> bytes:
    """Return a ZIP archive of the person's options: lines of JSON, and a page to read."""
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, parts in (
            ("options.jsonl", as_json_lines(export_options(options))),
            ("options.html", as_html(export_options(options), title)),
        ):
            with archive.open(name, "w") as member:
                for part in parts:
                    member.write(part.encode())
    return file.getvalue()


def erase(
    user: Any,
    *,
    application: Any = None,
    also: Collection[str] = (),
    cause: object = None,
    using: str | None = None,
) -> Erased:
    """Delete what applications keep about a person, and write a line to the log.

    Credentials go first, so that nothing is written again. If this fails midway, what is gone stays
    gone; call it again.

    Args:
        user: The person.
        application: The only application whose records are deleted.
        also: What to delete besides options: `webhooks`, `tokens` (of every kind), or both.
        cause: Who or what caused it, for receivers of `options_deleted`.
        using: The database; by default, the one for writing.
    """
    using = using or router.db_for_write(AppUserOption)
    (options,) = options_of(application=application, user=user, using=using)
    webhooks = tokens = 0
    if "webhooks" in also:
        webhooks = _delete(
            InboundWebhook.objects.using(using).filter(owner_id=user.pk), application
        )
    if "tokens" in also:
        for get_model in _TOKEN_MODELS:
            owned = unfiltered(get_model(), using=using).filter(user_id=user.pk)
            tokens += _delete(owned, application)
    deleted = sum(delete_rows(options, page, cause=cause) for page in in_pages(options))
    erased = Erased(deleted, webhooks, tokens)
    report = partial(
        logger.info,
        "Erased %d options, %d webhooks and %d tokens of user %s and %s, by %s.",
        *erased,
        user.pk,
        "all applications" if application is None else f"application {application.pk}",
        getattr(cause, "pk", cause),
    )
    transaction.on_commit(report, using=using)
    return erased


def _delete(rows: Any, application: Any) -> int:
    """Delete the rows, or only those of an application, and return their number."""
    if application is not None:
        # Device grants name the application by its client id.
        by_id = {"client_id": application.client_id}
        rows = rows.filter(
            **({"application": application} if hasattr(rows.model, "application") else by_id)
        )
    return delete_counted(rows)
