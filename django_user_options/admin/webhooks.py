"""Webhooks to issue and to revoke.

A webhook's secret is shown once, on the page that answers its creation, its digest nowhere.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.widgets import AdminTextInputWidget
from django.contrib.auth import get_user_model
from django.db import router
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from django_user_options.admin import pages
from django_user_options.admin.filters import ApplicationFilter, LinkFilteredAdmin
from django_user_options.admin.refusals import RefusingAdmin
from django_user_options.admin.selection import CheckedSelection
from django_user_options.conf import conf
from django_user_options.models import InboundWebhook
from django_user_options.owners import owners_must_exist
from django_user_options.webhooks import digest, new_secret

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

_SAMPLE_METHOD = "user.option.get"
# Of those that Django has, so that a host may add filters.
_LOOKUPS_OF_FILTERS = frozenset({"exact", "gte", "isempty", "isnull", "lt"})
_STATES = {"usable": _("usable"), "expired": _("expired"), "revoked": _("revoked")}


class WebhookStateFilter(admin.SimpleListFilter):
    """Keeps usable, expired or revoked webhooks."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the states."""
        return list(_STATES.items())

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Keep the webhooks in the chosen state."""
        state = self.value()
        return getattr(queryset, state)() if state in _STATES else queryset


class InboundWebhookForm(forms.ModelForm):  # type: ignore[type-arg]
    """Refuses what only a superuser may grant to `actor`, the user who fills it in."""

    actor: Any

    class Meta:
        """Scopes are one line; the history names a field by its label."""

        labels: ClassVar = {"allow_admin": _("Administrator rights")}
        widgets: ClassVar = {"scope": AdminTextInputWidget}

    def clean_owner(self) -> Any:
        """Refuse webhooks that act as somebody else."""
        owner = self.cleaned_data["owner"]
        if owner.pk != self.actor.pk:
            self._require_superuser(_("Only a superuser may issue a webhook for another user."))
        return owner

    def clean_application(self) -> Any:
        """Refuse webhooks into somebody else's application."""
        application = self.cleaned_data["application"]
        if application is not None and application.user_id != self.actor.pk:
            self._require_superuser(
                _("Only a superuser may issue a webhook for an application of another owner.")
            )
        return application

    def clean_allow_admin(self) -> bool:
        """Refuse administrator rights."""
        allowed: bool = self.cleaned_data["allow_admin"]
        if allowed:
            self._require_superuser(_("Only a superuser may grant administrator rights."))
        return allowed

    def clean_expires_at(self) -> Any:
        """Refuse the first and the last day there is: in other time zones they are none."""
        expires_at = self.cleaned_data["expires_at"]
        if expires_at is not None and not date.min < expires_at.date() < date.max:
            message = _("No date is that far away. Leave it empty for a webhook without an end.")
            raise forms.ValidationError(message, code="out_of_range")
        return expires_at

    def _require_superuser(self, otherwise: Any) -> None:
        if not _is_superuser(self.actor):
            raise forms.ValidationError(otherwise, code="superuser_required")


@admin.register(InboundWebhook)
class InboundWebhookAdmin(LinkFilteredAdmin, RefusingAdmin, CheckedSelection):
    """Issues webhooks, shows their secret once, and revokes them."""

    actions = ("revoke",)
    form = InboundWebhookForm
    list_display = ("__str__", "state", "owner", "application", "scope", "created_at")
    list_filter = (WebhookStateFilter, "allow_admin", "created_at", ApplicationFilter)
    list_select_related = ("owner", "application")
    ordering = ("-pk",)
    raw_id_fields = ("owner", "application")
    search_help_text = _("Part of a title or of the owner's name, or a whole client id.")
    show_full_result_count = False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Return what is chosen when issuing and, later on, what became of it."""
        chosen = ("title", "owner", "application", "scope", "allow_admin", "expires_at")
        return chosen if obj is None else (*chosen, "state", "created_at", "revoked_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Return whom and what an issued webhook stands for: holders of its secret rely on it."""
        if obj is None:
            return ()
        fixed = ("owner", "application", "scope", "state", "created_at", "revoked_at")
        if _is_superuser(request.user):
            return fixed
        # Nor may others give a longer life to what they could not have issued.
        actor, application = request.user.pk, obj.application
        own = obj.owner_id == actor and (application is None or application.user_id == actor)
        issuable = own and not obj.allow_admin
        return (*fixed, "allow_admin") if issuable else (*fixed, "allow_admin", "expires_at")

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Return the title, the client id and the name by which owners log in."""
        owner_name = f"owner__{get_user_model().USERNAME_FIELD}"
        return ("title", "application__client_id__exact", owner_name)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Refuse to filter by the digest, or in ways that an address may name but no filter does.

        Some of those are errors of the database: a number too large in a list, half a pattern.
        """
        _, relation, kind = lookup.rpartition("__")
        usual = not relation or kind in _LOOKUPS_OF_FILTERS
        secret = lookup.startswith("secret_digest")
        return usual and not secret and super().lookup_allowed(lookup, value, request)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Return a form class, made for this request, that knows who fills it in."""
        form: Any = super().get_form(request, *args, **kwargs)
        form.actor = request.user
        return form

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Propose a webhook of one's own that may call the option methods."""
        proposal: dict[str, Any] = {
            "owner": request.user.pk,
            "scope": " ".join(conf.required_scopes),
        }
        proposal |= super().get_changeform_initial_data(request)
        # The address may propose the rest; the two fields of a time take no text.
        proposal.pop("expires_at", None)
        return proposal

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Offer only to save, as the answer to a new webhook is the page with its secret."""
        context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Give a new webhook its secret, kept on the instance until the answer is made."""
        if change:
            # Whatever else the row holds may be new: its end, or another secret.
            obj.save(update_fields=form.changed_data)
            return
        obj.issued_secret = new_secret()
        obj.secret_digest = digest(obj.issued_secret)
        owners = filter(None, (obj.owner, obj.application))
        with owners_must_exist(owners, using=router.db_for_write(self.model)):
            super().save_model(request, obj, form, change)

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Issue a webhook; if whom it is for was deleted meanwhile, say so."""
        return self.refusing(request, super().add_view, *args, **kwargs)

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Answer with the secret itself: a message or the session would keep it."""
        context = {
            **pages.context_of(self, request),
            "title": _("The webhook has been issued"),
            "subtitle": str(obj),
            # As text: templates may write numbers with separators.
            "user_id": str(obj.owner_id),
            "secret": obj.issued_secret,
            "address": _address(request, obj),
            "sample_method": _SAMPLE_METHOD,
        }
        template = "admin/django_user_options/inboundwebhook/issued.html"
        return TemplateResponse(request, template, context, headers={"Cache-Control": "no-store"})

    @admin.display(description=_("state"))
    def state(self, webhook: InboundWebhook) -> Any:
        """Return whether the webhook still works, and why not."""
        return state_of(webhook)

    @admin.action(permissions=["change"], description=_("Revoke selected webhooks"))
    def revoke(self, request: HttpRequest, queryset: Any) -> None:
        """Revoke those that are not revoked yet, and log each."""
        revoked = list(queryset.filter(revoked_at=None))
        queryset.revoke()
        change = [{"changed": {"fields": ["revoked"]}}]
        actor: Any = request.user
        LogEntry.objects.log_actions(actor.pk, revoked, CHANGE, change)
        message = ngettext(
            "%(count)d webhook was revoked.", "%(count)d webhooks were revoked.", len(revoked)
        )
        self.message_user(request, message % {"count": len(revoked)}, messages.SUCCESS)


def state_of(webhook: InboundWebhook) -> Any:
    """Return whether a webhook still works, and why not, in words."""
    if webhook.revoked_at is not None:
        return _STATES["revoked"]
    expired = webhook.expires_at is not None and webhook.expires_at <= timezone.now()
    return _STATES["expired" if expired else "usable"]


def _is_superuser(user: Any) -> bool:
    # A host's user model may do without Django's permissions.
    return getattr(user, "is_superuser", False)


def _address(request: HttpRequest, webhook: Any) -> str | None:
    """Return the address that a method's name completes, unless the host serves no REST."""
    path = {
        "user_id": webhook.owner_id,
        "secret": webhook.issued_secret,
        "method": _SAMPLE_METHOD,
    }
    try:
        url = reverse("django_user_options:webhook-method", kwargs=path)
    except NoReverseMatch:
        return None
    return request.build_absolute_uri(url).removesuffix(_SAMPLE_METHOD)
