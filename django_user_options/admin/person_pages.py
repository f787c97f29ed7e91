"""The pages about a person: what applications keep about them, to export and to erase."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import get_access_token_model, get_application_model

from django_user_options.admin.base_admin import OWNER_PAGE, PERSON_PAGE, BaseAdmin
from django_user_options.admin.option_texts import preview, shown_key
from django_user_options.exceptions import UserOptionsError
from django_user_options.models import InboundWebhook
from django_user_options.personal_data import ErasureForm, as_zip, erase, holdings

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.urls import URLPattern

APPLICATIONS_SHOWN = 100
_OPTIONS_SHOWN = 3
_ERASE = "django_user_options.erase_person"


class PersonPages(BaseAdmin):
    """Adds the pages about people."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        export, erase = view(self.export_view), view(self.erase_view)
        return [
            path("person/<str:user>/", view(self.person_view), name=PERSON_PAGE),
            path("person/<str:user>/export/", export, name=f"{PERSON_PAGE}_export"),
            path("person/<str:user>/erase/", erase, name=f"{PERSON_PAGE}_erase"),
        ]

    def person_view(self, request: HttpRequest, user: str) -> HttpResponse:
        """Show what each application keeps about the person, with the newest options of each."""
        context = self._context(request, user)
        held, newest = context["held"], defaultdict(list)
        rank = Window(RowNumber(), partition_by="application_id", order_by=F("pk").desc())
        rows = context["options"].order_by().annotate(rank=rank).filter(rank__lte=_OPTIONS_SHOWN)
        for application, key, value in rows.values_list("application_id", "key", "value"):
            newest[application].append((shown_key(key), preview(value)))
        context["cards"] = [
            {
                "holding": it,
                "newest": newest[it.application.pk],
                "url": self.page_url(OWNER_PAGE, it.application, context["person"]),
            }
            for it in held[:APPLICATIONS_SHOWN]
        ]
        context["has_more"] = len(held) > APPLICATIONS_SHOWN
        context["user_url"] = self.change_url(request, context["person"])
        return self.page(request, "person", context)

    def export_view(self, request: HttpRequest, user: str) -> HttpResponse:
        """Return everything that applications keep about the person as one archive."""
        context = self._context(request, user)
        content = as_zip(context["options"], str(context["title"]))
        name = f"options-{timezone.now():%Y-%m-%d}.zip"
        _log(request, context["person"], CHANGE, gettext("Exported what applications keep."))
        return HttpResponse(
            content,
            "application/zip",
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "X-Content-Type-Options": "nosniff",
            },
        )

    def erase_view(self, request: HttpRequest, user: str) -> HttpResponse:
        """Ask for confirmation, erase, and show a receipt."""
        if not request.user.has_perm(_ERASE):
            raise PermissionDenied
        context = self._context(request, user)
        person, application = context["person"], None
        if only := request.GET.get("application"):
            application = self.get_owner(request, get_application_model(), only)
            context["held"] = [it for it in context["held"] if it.application == application]
        form = ErasureForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            also, actor = form.cleaned_data["also"], request.user
            try:
                erased = erase(person, application=application, also=also, cause=actor)
            except UserOptionsError as error:
                # Only the project's own SQL can have written such a key.
                self.message_user(request, error.translated(), messages.ERROR)
                return HttpResponseRedirect(request.get_full_path())
            receipt = gettext(
                "Erased from %(applications)s – options: %(options)d, webhooks: %(webhooks)d, "
                "tokens: %(tokens)d."
            ) % {**erased._asdict(), "applications": application or gettext("all applications")}
            _log(request, person, DELETION, receipt)
            context |= {"receipt": receipt, "moment": timezone.now()}
        context |= {"form": form, "back": "../"}
        context["title"] = _("Erase what applications keep about %(person)s") % {"person": person}
        return self.page(request, "erase", context)

    def _context(self, request: HttpRequest, user: str) -> dict[str, Any]:
        """Return what all pages about a person need."""
        options = self.visible_user_options(request)
        person = self.get_owner(request, get_user_model(), user)
        options = options.filter(user=person)
        tokens = self.visible(request, get_access_token_model())
        webhooks = self.visible(request, InboundWebhook)
        return {
            "title": _("What applications keep about %(person)s") % {"person": person},
            # A method, which the template calls, or a field of the project's user model.
            "subtitle": getattr(person, "get_full_name", ""),
            "person": person,
            "options": options,
            "held": holdings(
                options,
                applications=self.shown_owners(request, get_application_model()),
                tokens=None if tokens is None else tokens.filter(user=person),
                webhooks=None if webhooks is None else webhooks.filter(owner=person),
            ),
            "may_erase": request.user.has_perm(_ERASE),
        }


def _log(request: Any, person: Any, flag: int, message: str) -> None:
    LogEntry.objects.log_actions(request.user.pk, [person], flag, message)
