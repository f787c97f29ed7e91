"""The form for a webhook: who may grant what, and how a webhook gets another secret."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import get_application_model
from oauth2_provider.scopes import get_scopes_backend

from django_user_options.conf import conf
from django_user_options.owners import unfiltered
from django_user_options.webhooks import validate_expiry

_OVERLAPS = (
    ("", _("Keep the secret")),
    ("0", _("New secret; the old one stops working now")),
    ("1", _("New secret; the old one works for another hour")),
    ("24", _("New secret; the old one works for another day")),
    ("168", _("New secret; the old one works for another week")),
)
_FOR_SUPERUSERS = {
    "owner": _("Only a superuser may issue a webhook for another user."),
    "application": _("Only a superuser may issue a webhook for an application of another owner."),
    "allow_admin": _("Only a superuser may grant administrator rights."),
}


class InboundWebhookForm(forms.ModelForm):  # type: ignore[type-arg]
    """Refuses rights that its user, `actor`, may not grant."""

    actor: Any
    without_application = forms.BooleanField(
        label=_("Without an application"),
        required=False,
        help_text=_("For your own methods only: the methods for options need an application."),
    )
    scope = forms.MultipleChoiceField(
        label=_("Scopes"), required=False, widget=forms.CheckboxSelectMultiple
    )
    new_secret = forms.TypedChoiceField(
        label=_("Secret"),
        required=False,
        choices=_OVERLAPS,
        coerce=lambda hours: timedelta(hours=int(hours)),
        empty_value=None,
        help_text=_("A new secret is shown after saving."),
    )

    class Meta:
        """The history uses the field's label."""

        labels: ClassVar = {"allow_admin": _("Administrator rights")}
        widgets: ClassVar = {
            "allowed_networks": AdminTextInputWidget,
            "allowed_methods": AdminTextInputWidget,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        if "scope" in fields:
            self._offer_scopes(fields["scope"])
        if is_superuser(self.actor):
            return
        for name in fields.keys() & _FOR_SUPERUSERS.keys():
            fields[name].help_text = f"{fields[name].help_text} {_FOR_SUPERUSERS[name]}".strip()
        if "owner" in fields:
            own = unfiltered(get_application_model()).filter(user=self.actor.pk)
            themselves = unfiltered(get_user_model()).filter(pk=self.actor.pk)
            for name, choices in (("owner", themselves), ("application", own)):
                fields[name].widget = forms.Select()
                fields[name].queryset = choices
                # The same message for an id that does not exist.
                fields[name].error_messages["invalid_choice"] = _FOR_SUPERUSERS[name]

    def _offer_scopes(self, field: Any) -> None:
        declared = get_scopes_backend().get_all_scopes()
        field.choices = [
            (scope, f"{scope} – {declared[scope]}" if scope in declared else scope)
            for scope in grantable_scopes(self.actor)
        ]
        if not _may_grant_any_scope(self.actor):
            field.help_text = _(
                "Other scopes need the permission “Can issue inbound webhooks with any scope”."
            )

    def clean_scope(self) -> str:
        return " ".join(self.cleaned_data["scope"])

    def clean_without_application(self) -> bool:
        """Ask for an application, since a webhook without one is rarely wanted."""
        without: bool = self.cleaned_data["without_application"]
        # If the choice was invalid, it is not here.
        if not without and self.cleaned_data.get("application", self) is None:
            message = _("Choose an application, or select this box.")
            raise forms.ValidationError(message, code="required")
        return without

    def clean_expires_at(self) -> Any:
        """Let an expired webhook keep its end, so that its other fields can be changed."""
        expires_at = self.cleaned_data["expires_at"]
        if "expires_at" in self.changed_data:
            validate_expiry(expires_at)
        return expires_at

    def clean_allow_admin(self) -> bool:
        allowed: bool = self.cleaned_data["allow_admin"]
        if allowed and not is_superuser(self.actor):
            raise forms.ValidationError(_FOR_SUPERUSERS["allow_admin"], code="superuser_required")
        return allowed


def is_superuser(user: Any) -> bool:
    """Return whether a user is a superuser; a project's user model may lack that field."""
    return getattr(user, "is_superuser", False)


def _may_grant_any_scope(actor: Any) -> bool:
    may: bool = actor.has_perm("django_user_options.grant_any_scope")
    return may


def grantable_scopes(actor: Any) -> list[str]:
    """Return the scopes that a user may give to a webhook."""
    may_any = _may_grant_any_scope(actor)
    declared = get_scopes_backend().get_all_scopes() if may_any else ()
    return list(dict.fromkeys([*conf.required_scopes, *declared]))


def may_issue(actor: Any, webhook: Any) -> bool:
    """Return whether a user could have issued a webhook with these rights."""
    if is_superuser(actor):
        return True
    application = webhook.application
    return (
        webhook.owner_id == actor.pk
        and (application is None or application.user_id == actor.pk)
        and not webhook.allow_admin
        and set(webhook.scope.split()).issubset(grantable_scopes(actor))
    )
