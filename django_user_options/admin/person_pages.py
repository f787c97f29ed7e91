"""The pages about a person: what applications keep about them, to export and to erase."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.http import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import get_access_token_model, get_application_model

from django_user_options.admin import base_admin
from django_user_options.admin.base_admin import change_url, page_url
from django_user_options.admin.owner_fields import get_owner, shown_owners, visible
from django_user_options.admin.shown_values import preview, shown_key
from django_user_options.exceptions import UserOptionsError
from django_user_options.models import AppUserOption, InboundWebhook
from django_user_options.personal_data import Erased, ErasureForm, as_zip, erase, holdings

if TYPE_CHECKING:
    from django.http import HttpRequest

APPLICATIONS_SHOWN = 100
_OPTIONS_SHOWN = 3
_ERASE = "django_user_options.erase_person"


def person_page(model_admin: Any, request: HttpRequest, user: str) -> HttpResponse:
    """Show what each application keeps about the person."""
    context = _context(model_admin, request, user)
    site, person = model_admin.admin_site, context["person"]
    held = context["held"]
    newest = _newest_options(context["options"])
    context["cards"] = [
        {
            "holding": it,
            "newest": newest.get(it.application.pk, ()),
            "url": page_url(site, base_admin.OWNER_PAGE, it.application, person),
        }
        for it in held[:APPLICATIONS_SHOWN]
    ]
    context["has_more"] = len(held) > APPLICATIONS_SHOWN
    context["user_url"] = change_url(request, site, person)
    return TemplateResponse(request, "admin/django_user_options/person.html", context)


def export_page(model_admin: Any, request: HttpRequest, user: str) -> HttpResponse:
    """Return everything that applications keep about the person as one archive."""
    context = _context(model_admin, request, user)
    content = as_zip(context["options"], str(context["title"]))
    _log(request, context["person"], CHANGE, gettext("Exported what applications keep."))
    return HttpResponse(
        content,
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="options-{timezone.now():%Y-%m-%d}.zip"',
            "Content-Type": "application/zip",
            "X-Content-Type-Options": "nosniff",
        },
    )


def erase_page(model_admin: Any, request: HttpRequest, user: str) -> HttpResponse:
    """Ask for confirmation, erase, and show a receipt."""
    if not request.user.has_perm(_ERASE):
        raise PermissionDenied
    context = _context(model_admin, request, user)
    application, only = None, request.GET.get("application")
    if only:
        application = get_owner(
            request, model_admin.admin_site, get_application_model(), unquote(only)
        )
        context["held"] = [it for it in context["held"] if it.application == application]
    form = ErasureForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        also, actor = form.cleaned_data["also"], request.user
        try:
            erased = erase(context["person"], application=application, also=also, cause=actor)
        except UserOptionsError as error:
            # A key that only SQL of the project's own can have written.
            model_admin.message_user(request, error.translated(), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
        receipt = _receipt(erased, application)
        _log(request, context["person"], DELETION, receipt)
        context |= {"receipt": receipt, "moment": timezone.now()}
    context["form"] = form
    context["title"] = _("Erase what applications keep about %(person)s") % {
        "person": context["person"]
    }
    return TemplateResponse(request, "admin/django_user_options/erase.html", context)


def _context(model_admin: Any, request: HttpRequest, user: str) -> dict[str, Any]:
    """Return what all pages about a person need."""
    site = model_admin.admin_site
    options = visible(request, site, AppUserOption)
    if options is None:
        raise PermissionDenied
    person = get_owner(request, site, get_user_model(), unquote(user))
    options = options.filter(user=person)
    tokens = visible(request, site, get_access_token_model())
    webhooks = visible(request, site, InboundWebhook)
    held = holdings(
        options,
        applications=shown_owners(request, site, get_application_model()),
        tokens=None if tokens is None else tokens.filter(user=person),
        webhooks=None if webhooks is None else webhooks.filter(owner=person),
    )
    return {
        **model_admin.page_context(request),
        "title": _("What applications keep about %(person)s") % {"person": person},
        # A method, or a field of the project's; templates call what can be called.
        "subtitle": getattr(person, "get_full_name", ""),
        "person": person,
        "options": options,
        "held": held,
        "may_erase": request.user.has_perm(_ERASE),
    }


def _newest_options(options: Any) -> dict[Any, list[tuple[str, str]]]:
    """Return the newest keys of each application and the beginnings of their values."""
    rank = Window(RowNumber(), partition_by="application_id", order_by=F("pk").desc())
    found: dict[Any, list[tuple[str, str]]] = {}
    rows = options.order_by().annotate(rank=rank).filter(rank__lte=_OPTIONS_SHOWN)
    for application, key, value in rows.values_list("application_id", "key", "value"):
        found.setdefault(application, []).append((shown_key(key), preview(value)))
    return found


def _receipt(erased: Erased, application: Any) -> str:
    """Return in words what was erased."""
    return gettext(
        "Erased from %(applications)s – options: %(options)d, webhooks: %(webhooks)d, "
        "tokens: %(tokens)d."
    ) % {
        **erased._asdict(),
        "applications": gettext("all applications") if application is None else application,
    }


def _log(request: HttpRequest, person: Any, flag: int, message: str) -> None:
    actor: Any = request.user
    LogEntry.objects.create(
        user_id=actor.pk,
        content_type=ContentType.objects.get_for_model(person),
        object_id=person.pk,
        object_repr=str(person)[:200],
        action_flag=flag,
        change_message=message,
    )
