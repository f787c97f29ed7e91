"""The pages on which people see, download and erase what applications keep about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView, TemplateView, View
from oauth2_provider.models import get_access_token_model

from django_user_options.exceptions import UserOptionsError
from django_user_options.models import AppUserOption, InboundWebhook
from django_user_options.owners import unfiltered
from django_user_options.personal_data import ErasureForm, as_zip, erase, holdings

if TYPE_CHECKING:
    from django_user_options.personal_data import Holding

_FOLDER = "django_user_options/person"


@method_decorator(never_cache, name="dispatch")
class PersonalDataMixin(LoginRequiredMixin):
    """Provides what applications keep about the logged-in user, for the project's own pages."""

    request: HttpRequest

    def get_options(self) -> Any:
        """Return the person's options."""
        user_id: Any = self.request.user.pk
        return AppUserOption.objects.filter(user_id=user_id)

    def get_holdings(self) -> list[Holding]:
        """Return what each application holds, the largest first."""
        user_id = self.request.user.pk
        return holdings(
            self.get_options(),
            tokens=unfiltered(get_access_token_model()).filter(user_id=user_id),
            webhooks=InboundWebhook.objects.filter(owner_id=user_id),
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        parent: Any = super()
        return {"holdings": self.get_holdings(), **parent.get_context_data(**kwargs)}


class OverviewView(PersonalDataMixin, TemplateView):
    """Shows what each application keeps."""

    template_name = f"{_FOLDER}/overview.html"


class ExportView(PersonalDataMixin, View):
    """Downloads everything as one archive."""

    def get(self, request: HttpRequest) -> HttpResponse:
        content = as_zip(self.get_options(), str(request.user))
        disposition = 'attachment; filename="options.zip"'
        return HttpResponse(
            content, "application/zip", headers={"Content-Disposition": disposition}
        )


class ConfirmedErasureForm(ErasureForm):
    """Asks for the person's password."""

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise forms.ValidationError(_("This password is incorrect."), code="password")
        return password


@method_decorator([sensitive_post_parameters("password"), csrf_protect], name="dispatch")
class ErasureView(PersonalDataMixin, FormView):  # type: ignore[type-arg]
    """Erases what one application keeps, after a check that `form_class` makes."""

    form_class: Any = ConfirmedErasureForm
    template_name = f"{_FOLDER}/erase.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(holding=self._holding(), **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        user, held = self.request.user, self._holding()
        try:
            erased = erase(
                user, application=held.application, also=form.cleaned_data["also"], cause=user
            )
        except UserOptionsError as error:
            form.add_error(None, error.translated())
            return self.form_invalid(form)
        return self.render_to_response({"erased": erased, "holding": held})

    def _holding(self) -> Holding:
        held = {str(it.application.pk): it for it in self.get_holdings()}
        if self.kwargs["application"] not in held:
            raise Http404
        return held[self.kwargs["application"]]
