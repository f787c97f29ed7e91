"""What the rules of the package forbid is told on the page that asked for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.db import router, transaction
from django.http import HttpResponseRedirect

from django_user_options.exceptions import UserOptionsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse


class RefusingAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Has views whose writes may be refused."""

    def refusing(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Return what the view answers, or the same page again with a message that says why not."""
        if request.method != "POST":
            return view(request, *args, **kwargs)
        try:
            # What was logged before the write is not to stay when the write is refused.
            with transaction.atomic(using=router.db_for_write(LogEntry)):
                return view(request, *args, **kwargs)
        except UserOptionsError as error:
            self.message_user(request, error.translated(), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
