"""Actions on selected options: delete and export."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asgiref.sync import sync_to_async
from django.contrib import admin
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
from django_user_options.exports import as_csv, as_json_lines, export_options
from django_user_options.keyset import in_batches, in_pages
from django_user_options.owners import delete_rows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from django.db.models import QuerySet
    from django.http import HttpRequest

_EXPORTS = ("export_as_json", "export_as_csv")
_LINES_AT_ONCE = 500
_DELETE_SELECTED = delete_selected.short_description  # type: ignore[attr-defined]


class OptionActions(BaseAdmin):
    """Deletes all of a selection or nothing, and exports selections of any size.

    An export is streamed in constant memory. Before it begins, the admin's log records who
    exported, without any values.
    """

    actions: Any = ("delete_selected", *_EXPORTS)
    unconfirmed_actions = _EXPORTS

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
