"""Actions on selected options: delete and export."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.handlers.asgi import ASGIRequest
from django.db import router, transaction
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_user_options.admin.bounded_list import count_up_to_bound
from django_user_options.admin.option_form import owned_with, owner_of
from django_user_options.conf import conf
from django_user_options.exports import as_csv, as_json_lines, export_options
from django_user_options.keyset import in_batches

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from django_user_options.exports import ExportedOption
    from django_user_options.models import Option

_EXPORTS = ("export_as_json", "export_as_csv")
_LINES_AT_ONCE = 500
# Fields of a confirmation besides the selected rows.
_OTHER_FIELDS = 10
_DELETE_SELECTED = delete_selected.short_description  # type: ignore[attr-defined]


class OptionActions(admin.ModelAdmin):  # type: ignore[type-arg]
    """Deletes all of a selection or none of it, and exports selections of any size.

    An export is streamed in constant memory. Before it begins, the admin's log records who
    exported, without any values.
    """

    actions: Any = ("delete_selected", *_EXPORTS)

    @admin.action(permissions=["single_delete"], description=_DELETE_SELECTED)
    def delete_selected(self, request: HttpRequest, queryset: Any) -> Any:
        """Delete the selection as Django does, but with a permission that can be turned off."""
        return delete_selected(self, request, queryset)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        """Delete the selection, all or none."""
        with transaction.atomic(using=router.db_for_write(self.model)):
            for options in _by_owner(queryset):
                owned, keys = owned_with(options[0]), [option.key for option in options]
                for some in in_batches(keys, conf.max_keys_per_call):
                    owned.delete_options(some, cause=request.user)

    def response_action(
        self, request: HttpRequest, queryset: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Refuse to change all results if there are too many to count or to confirm."""
        across = request.POST.get("select_across") == "1"
        across = across and request.POST.get("action") not in _EXPORTS
        if across and (reason := _too_many(queryset)):
            self.message_user(request, reason, messages.WARNING)
            return None
        return super().response_action(request, queryset, *args, **kwargs)

    @admin.action(permissions=["view"], description=_("Export selected options as JSON"))
    def export_as_json(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        _log(request, queryset, gettext("Exported as JSON."))
        return _download(request, queryset, as_json_lines, "application/jsonl")

    @admin.action(permissions=["view"], description=_("Export selected options as CSV"))
    def export_as_csv(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """Return a table in which spreadsheets run no cell as a formula."""
        _log(request, queryset, gettext("Exported as CSV."))
        return _download(request, queryset, as_csv, "text/csv")


def _download(
    request: HttpRequest,
    queryset: QuerySet[Any],
    write: Callable[[Iterable[ExportedOption]], Iterator[str]],
    content_type: str,
) -> StreamingHttpResponse:
    kind, suffix = queryset.model._meta.model_name, content_type.rpartition("/")[2]  # noqa: SLF001
    name = f"{kind}s-{timezone.now():%Y-%m-%d}.{suffix}"
    # Each part is sent as a separate packet, so a part has many lines.
    parts = map("".join, in_batches(write(export_options(queryset)), _LINES_AT_ONCE))
    return StreamingHttpResponse(
        # Under ASGI, Django would collect a plain iterator before it sends anything.
        _awaited(parts) if isinstance(request, ASGIRequest) else parts,
        content_type=f"{content_type}; charset=utf-8",
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


async def _awaited(parts: Iterator[str]) -> AsyncIterator[str]:
    following: Any = sync_to_async(next)
    while part := await following(parts, ""):
        yield part


def _log(request: HttpRequest, queryset: QuerySet[Any], message: str) -> None:
    """Log the export as one entry for the table, not one per option."""
    actor: Any = request.user
    LogEntry.objects.create(
        user_id=actor.pk,
        content_type=ContentType.objects.get_for_model(queryset.model),
        object_repr=str(queryset.model._meta.verbose_name_plural),  # noqa: SLF001
        action_flag=CHANGE,
        change_message=message,
    )


def _too_many(found: Any) -> str:
    """Return why an action cannot be confirmed for all results, or an empty text if it can."""
    counted = count_up_to_bound(found.values("pk"))
    if counted.has_more:
        text = _("More than %(count)d options were found. Search or filter for fewer.")
        return text % {"count": counted.number}
    # Django's confirmation sends one field per row, and a few more.
    fields = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
    if fields is not None and counted.number > (most := fields - _OTHER_FIELDS):
        text = _("At most %(count)d options can be confirmed at once. Search or filter for fewer.")
        return text % {"count": most}
    return ""


def _by_owner(options: Iterable[Option]) -> Iterator[list[Option]]:
    """Yield the options of each owner; all writers lock owners and keys in the same order."""

    def owner(option: Option) -> list[str]:
        return [str(instance.pk) for instance in owner_of(option).values()]

    ordered = sorted(options, key=lambda option: (owner(option), option.key))
    for _owner, group in groupby(ordered, key=owner):
        yield list(group)
