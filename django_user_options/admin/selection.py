"""The rows that an action is for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import BadRequest, ValidationError

if TYPE_CHECKING:
    from django.http import HttpRequest


class CheckedSelection(admin.ModelAdmin):  # type: ignore[type-arg]
    """Answers 400 where Django would ask the database for what no column holds."""

    def response_action(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Run the action if each of the chosen rows is named by what may be a primary key."""
        try:
            for chosen in request.POST.getlist(ACTION_CHECKBOX_NAME):
                self.opts.pk.clean(chosen, None)
        except ValidationError as error:
            msg = "A chosen row is none: choose again in the list."
            raise BadRequest(msg) from error
        return super().response_action(request, *args, **kwargs)
