"""The actions that export a selection of options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asgiref.sync import sync_to_async
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.handlers.asgi import ASGIRequest
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_user_options.exports import as_csv, as_json_lines, export_options
from django_user_options.keyset import in_batches

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from django_user_options.exports import ExportedOption

_LINES_AT_ONCE = 500


class ExportActions:
    """Adds two actions to the admin of options; to inherit before `ModelAdmin`.

    The answer is streamed in constant memory, however many options are selected. The admin's log
    notes who exported, before the first of them leaves, and no values.
    """

    actions: Any = ("export_as_json", "export_as_csv")

    @admin.action(permissions=["view"], description=_("Export selected options as JSON"))
    def export_as_json(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """Answer with lines of JSON, which `manage.py user_options import` reads."""
        _log(request, queryset, gettext("Exported as JSON."))
        return _download(request, queryset, as_json_lines, "application/jsonl", "jsonl")

    @admin.action(permissions=["view"], description=_("Export selected options as CSV"))
    def export_as_csv(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """Answer with a table for spreadsheets, in which no cell runs."""
        _log(request, queryset, gettext("Exported as CSV."))
        return _download(request, queryset, as_csv, "text/csv", "csv")


def _download(
    request: HttpRequest,
    queryset: QuerySet[Any],
    write: Callable[[Iterable[ExportedOption]], Iterator[str]],
    content_type: str,
    suffix: str,
) -> StreamingHttpResponse:
    name = f"{queryset.model._meta.model_name}s-{timezone.now():%Y-%m-%d}.{suffix}"  # noqa: SLF001
    # A line alone would be a packet of its own.
    parts = map("".join, in_batches(write(export_options(queryset)), _LINES_AT_ONCE))
    return StreamingHttpResponse(
        # Under ASGI Django would first gather all that a plain iterator yields.
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
    """Note the export as one entry of no object: one of each would be as many rows again."""
    actor: Any = request.user
    LogEntry.objects.create(
        user_id=actor.pk,
        content_type=ContentType.objects.get_for_model(queryset.model),
        object_repr=str(queryset.model._meta.verbose_name_plural),  # noqa: SLF001
        action_flag=CHANGE,
        change_message=message,
    )
