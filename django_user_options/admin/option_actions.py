"""Actions on selected options: delete and export."""

from __future__ import annotations

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

from django_user_options.admin.base_admin import BaseAdmin
from django_user_options.admin.bounded_list import count_up_to_bound
from django_user_options.exports import as_csv, as_json_lines, export_options
from django_user_options.keyset import in_batches, in_pages
from django_user_options.owners import delete_rows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from django.db.models import QuerySet
    from django.http import HttpRequest

_EXPORTS = ("export_as_json", "export_as_csv")
_LINES_AT_ONCE = 500
# Fields of a confirmation besides the selected rows.
_OTHER_FIELDS = 10
_DELETE_SELECTED = delete_selected.short_description  # type: ignore[attr-defined]


class OptionActions(BaseAdmin):
    """Deletes all of a selection or nothing, and exports selections of any size.

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
        using = router.db_for_write(self.model)
        options = self.model._default_manager.using(using)  # noqa: SLF001
        with transaction.atomic(using=using):
            for page in in_pages(queryset):
                delete_rows(options, page, cause=request.user)

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
        lines = as_json_lines(export_options(queryset))
        return self._download(request, lines, "application/jsonl", gettext("Exported as JSON."))

    @admin.action(permissions=["view"], description=_("Export selected options as CSV"))
    def export_as_csv(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """Return a table in which spreadsheets run no cell as a formula."""
        lines = as_csv(export_options(queryset))
        return self._download(request, lines, "text/csv", gettext("Exported as CSV."))

    def _download(
        self, request: Any, lines: Iterator[str], content_type: str, message: str
    ) -> StreamingHttpResponse:
        # One entry for the table, not one per option.
        LogEntry.objects.create(
            user_id=request.user.pk,
            content_type=ContentType.objects.get_for_model(self.model),
            object_repr=str(self.opts.verbose_name_plural),
            action_flag=CHANGE,
            change_message=message,
        )
        suffix = content_type.rpartition("/")[2]
        name = f"{self.opts.model_name}s-{timezone.now():%Y-%m-%d}.{suffix}"
        # Each part is sent as a separate packet, so a part has many lines.
        parts = map("".join, in_batches(lines, _LINES_AT_ONCE))
        return StreamingHttpResponse(
            # Under ASGI, Django would collect a plain iterator before it sends anything.
            _awaited(parts) if isinstance(request, ASGIRequest) else parts,
            content_type=f"{content_type}; charset=utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "X-Content-Type-Options": "nosniff",
            },
        )


async def _awaited(parts: Iterator[str]) -> AsyncIterator[str]:
    following: Any = sync_to_async(next)
    while part := await following(parts, ""):
        yield part


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
