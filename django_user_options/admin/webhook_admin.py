"""Issuing, rotating and revoking webhooks.

A webhook's secret is shown once, on a page after saving. The secret is created for that page, so it
is never stored in between. Its digest is never shown.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import router
from django.db.models import Q
from django.http import HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import smart_split, unescape_string_literal
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_variables
from oauth2_provider.models import get_application_model

from django_user_options.admin.base_admin import BaseAdmin, short_date
from django_user_options.admin.owner_fields import ApplicationFilter
from django_user_options.admin.webhook_form import InboundWebhookForm, is_superuser, may_issue
from django_user_options.conf import conf
from django_user_options.models import InboundWebhook
from django_user_options.owners import owners_like, owners_must_exist
from django_user_options.webhooks import (
    default_expiry,
    digest,
    new_secret,
    report_webhook,
    webhook_path,
)

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

_ISSUED_PAGE = "django_user_options_inboundwebhook_issued"
_REVOKE = _("Revoke selected webhooks")
_RESTRICTIONS = ("allowed_networks", "allowed_methods", "expires_at")
_HISTORY = ("created_at", "revoked_at", "last_used_at", "last_used_from", "old_secret_expires_at")
# The lookups of Django's own filters, so that a project may add some.
_LOOKUPS_OF_FILTERS = frozenset({"exact", "gte", "isempty", "isnull", "lt"})
# How long before its end a webhook needs attention, and how long after its creation an unused one.
SOON = timedelta(days=30)
_STATES = {"usable": _("usable"), "expired": _("expired"), "revoked": _("revoked")}


class WebhookStateFilter(admin.SimpleListFilter):
    """Keeps usable, expired or revoked webhooks."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(_STATES.items())

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        state = self.value()
        return getattr(queryset, state)() if state in _STATES else queryset


@admin.register(InboundWebhook)
class InboundWebhookAdmin(BaseAdmin):
    """Issues webhooks, gives them another secret, shows it once, and revokes them."""

    actions = ("revoke",)
    form = InboundWebhookForm
    list_display = (
        "__str__",
        "state",
        "owner",
        "application",
        "scope",
        "created",
        "last_used",
    )
    list_filter = (WebhookStateFilter, "allow_admin", "created_at", ApplicationFilter)
    list_select_related = ("owner", "application")
    ordering = ("-pk",)
    raw_id_fields = ("owner", "application")
    # Not empty, so that the search form is shown; `get_search_results` does the search.
    search_fields = ("title",)
    search_help_text = _("Part of a title or of the owner's name, or a whole client id.")
    show_full_result_count = False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.issued_view)
        return [path("<int:pk>/issued/", view, name=_ISSUED_PAGE), *super().get_urls()]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        rights = ("scope", "allow_admin", *_RESTRICTIONS)
        if obj is None:
            return ("title", "owner", "application", "without_application", *rights)
        secret = ("new_secret",) if self._may_rotate(request, obj) else ()
        return ("title", "owner", "application", *rights, *secret, "state", *_HISTORY)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Return the fields of an issued webhook that holders of its secret rely on."""
        if obj is None:
            return ()
        fixed = ("owner", "application", "scope", "state", *_HISTORY)
        if is_superuser(request.user):
            return fixed
        # Other users may not extend a webhook that they could not have issued.
        own = may_issue(request.user, obj)
        return (*fixed, "allow_admin", *(() if own else _RESTRICTIONS))

    def _may_rotate(self, request: HttpRequest, webhook: InboundWebhook) -> bool:
        may_change = self.has_change_permission(request, webhook)
        return may_change and may_issue(request.user, webhook) and webhook.state == "usable"

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        for word in smart_split(search_term):
            term = unescape_string_literal(word) if word[0] == word[-1] in "\"'" else word
            owners = self.users_like(request, term)
            applications = owners_like(get_application_model(), term, client_id="exact")
            queryset = queryset.filter(
                Q(title__icontains=term)
                | self.owned_by(request, "owner", owners)
                | self.owned_by(request, "application", applications)
            )
        return queryset, False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Refuse filters by the digest, and lookups that no filter uses.

        Some lookups are database errors: a list with a number that is too large, or half a pattern.
        """
        _, relation, kind = lookup.rpartition("__")
        usual = not relation or kind in _LOOKUPS_OF_FILTERS
        secret = "secret_digest" in lookup
        return usual and not secret and super().lookup_allowed(lookup, value, request)

    def get_form(self, request: HttpRequest, obj: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Return a form class for this request that knows its user."""
        form: Any = super().get_form(request, obj, *args, **kwargs)
        form.actor = request.user
        # Django keeps declared fields, and a browser can send what a page does not show.
        for name in {"new_secret", "without_application"}.difference(self.get_fields(request, obj)):
            del form.base_fields[name]
        return form

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Suggest a webhook for the current user that may call the option methods."""
        own: dict[str, Any] = {"owner": request.user.pk, "scope": " ".join(conf.required_scopes)}
        proposal = own | super().get_changeform_initial_data(request)
        # The URL may suggest anything but the expiry, whose two fields do not accept text.
        return {**proposal, "scope": proposal["scope"].split(), "expires_at": default_expiry()}

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Offer only "Save", because the page with the secret comes next."""
        context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Issue a webhook whose secret nobody knows yet, or save only the changed fields."""
        overlap = timedelta()
        if change:
            # The row's expiry or secret may have changed meanwhile.
            obj.save(update_fields=set(form.changed_data) - {"new_secret"})
            overlap = form.cleaned_data.get("new_secret")
        else:
            obj.secret_digest = digest(new_secret())
            owners = filter(None, (obj.owner, obj.application))
            with owners_must_exist(owners, using=router.db_for_write(self.model)):
                super().save_model(request, obj, form, change)
            report_webhook("webhook_issued", obj, cause=request.user)
        promise = None if overlap is None else (obj.secret_digest, overlap.total_seconds())
        request.session[_session_key(obj.pk)] = promise

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Redirect to the page with the secret, which only this session may open, only once."""
        issued = reverse(f"admin:{_ISSUED_PAGE}", args=[obj.pk], current_app=self.admin_site.name)
        return HttpResponseRedirect(issued)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        if request.session.get(_session_key(obj.pk)):
            return self.response_add(request, obj)
        return super().response_change(request, obj)

    @sensitive_variables("secret", "rest_path", "context")
    def issued_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give the webhook its new secret, and show it."""
        before, seconds = request.session.pop(_session_key(pk), None) or (None, 0)
        webhook: Any = self.get_queryset(request).using(router.db_for_write(self.model))
        # If two requests arrive at once, only one finds the old digest.
        unseen = webhook.filter(pk=pk, secret_digest=before)
        secret = unseen.rotate(overlap=timedelta(seconds=seconds), cause=request.user)
        if secret is None:
            text = _("The secret of a webhook is shown only once. Issue another webhook if needed.")
            self.message_user(request, text, messages.WARNING)
            listed = "admin:django_user_options_inboundwebhook_changelist"
            return HttpResponseRedirect(reverse(listed, current_app=self.admin_site.name))
        issued: Any = webhook.get(pk=pk)
        rest_path = webhook_path(issued, secret)
        context = {
            "title": _("The webhook has a new secret"),
            "subtitle": str(issued),
            # As text, because templates may write numbers with separators.
            "user_id": str(issued.owner_id),
            "secret": secret,
            "address": rest_path and request.build_absolute_uri(rest_path),
            "sample_method": "user.option.get",
            "stores": issued.application_id is not None,
        }
        return self.page(request, "inboundwebhook/issued", context)

    @admin.display(description=_("state"))
    def state(self, webhook: InboundWebhook) -> Any:
        return state_of(webhook)

    @admin.display(description=_("created"), ordering="created_at")
    def created(self, webhook: InboundWebhook) -> Any:
        return short_date(webhook.created_at)

    @admin.display(description=_("last used"), ordering="last_used_at")
    def last_used(self, webhook: InboundWebhook) -> Any:
        return short_date(webhook.last_used_at)

    @admin.action(permissions=["change"], description=_REVOKE)
    def revoke(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Ask for confirmation; then revoke the webhooks that are not revoked yet, and log each."""
        remaining = queryset.filter(revoked_at=None)
        if request.POST.get("post") is None and (rows := webhook_rows(self, request, remaining)):
            context = {"title": _REVOKE, "rows": rows, "back": request.get_full_path()}
            return self.page(request, "inboundwebhook/revoke", context)
        revoked = list(remaining)
        queryset.revoke(cause=request.user)
        change = [{"changed": {"fields": ["revoked"]}}]
        actor: Any = request.user
        LogEntry.objects.log_actions(actor.pk, revoked, CHANGE, change)
        message = ngettext(
            "%(count)d webhook was revoked.", "%(count)d webhooks were revoked.", len(revoked)
        )
        self.message_user(request, message % {"count": len(revoked)}, messages.SUCCESS)
        return None


def state_of(webhook: InboundWebhook) -> Any:
    """Return in words and by color whether a webhook still works or why it does not."""
    name, now = webhook.state, timezone.now()
    look, text = "error", _STATES[name]
    if name == "usable":
        if not getattr(webhook.owner, "is_active", True):
            text = _("owner inactive")
        elif webhook.expires_at is not None and webhook.expires_at <= now + SOON:
            look, text = "warning", _("ends soon")
        elif webhook.last_used_at is None and webhook.created_at <= now - SOON:
            look, text = "warning", _("never used")
        else:
            look = "success"
    return format_html('<span class="uo-state uo-{}">{}</span>', look, text)


def webhook_rows(model_admin: BaseAdmin, request: HttpRequest, webhooks: Any) -> list[Any]:
    """Return webhooks, without their digests, with their states and URLs."""
    return [
        {"webhook": it, "state": state_of(it), "url": model_admin.change_url(request, it)}
        for it in webhooks.select_related("owner").defer("secret_digest", "old_secret_digest")
    ]


def _session_key(pk: int) -> str:
    return f"django_user_options.issued.{pk}"
