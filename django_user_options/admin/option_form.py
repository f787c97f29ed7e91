"""The form for an option, and its field for one JSON value.

The editor is plain text on purpose: JavaScript editors would save `1e16`, large integers and `-0.0`
as other numbers.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.db import router
from django.forms.fields import InvalidJSONInput
from django.utils.translation import gettext_lazy as _

from django_user_options.conf import conf
from django_user_options.exceptions import UserOptionsError
from django_user_options.fields import JSONFormField, encode_json
from django_user_options.statements import Store
from django_user_options.upserts import check_limits
from django_user_options.validators import encode_options, validate_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db import models


class OptionValueField(JSONFormField):
    """Shows a value as indented JSON, and explains errors in the JSON that is entered."""

    default_error_messages: ClassVar = {
        "required": _('Enter a JSON value. For an empty text, enter "".'),
        "syntax": _("This is not valid JSON (line %(line)d, column %(column)d)."),
        "invalid": _(
            "This JSON has a key twice in one object, a number that cannot be stored exactly, "
            "or too many levels."
        ),
    }

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except forms.ValidationError as error:
            if not isinstance(wrong := error.__cause__, json.JSONDecodeError):
                raise
            message = self.error_messages["syntax"]
            params = {"line": wrong.lineno, "column": wrong.colno}
            raise forms.ValidationError(message, code="syntax", params=params) from error

    def prepare_value(self, value: Any) -> Any:
        typed = isinstance(value, InvalidJSONInput)
        return value if typed else json.dumps(value, indent=2, ensure_ascii=False)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare the values and their types, not their spelling."""
        try:
            return encode_json(self.to_python(data)) != encode_json(initial)
        except (forms.ValidationError, ValueError):
            return True


class OptionForm(forms.ModelForm):  # type: ignore[type-arg]
    """Refuses options that break the rules of the package."""

    def clean_key(self) -> str:
        try:
            return validate_key(self.cleaned_data["key"], maximum=conf.max_key_length)
        except UserOptionsError as error:
            raise forms.ValidationError(error.translated(), code=error.code) from error

    def clean(self) -> Any:
        cleaned: Any = super().clean()
        if not self.errors and self.has_changed():
            # The form for an existing option asks only for its value.
            for name in ("key", *owner_roles(type(self.instance))):
                if name in cleaned:
                    setattr(self.instance, name, cleaned[name])
            try:
                texts = encode_options({self.instance.key: cleaned["value"]})
                model = type(self.instance)
                store = Store(model, owner_of(self.instance), router.db_for_write(model))
                check_limits(store, texts)
            except UserOptionsError as error:
                refusal = forms.ValidationError(error.translated(), code=error.code)
                self.add_error("value", refusal)
        return cleaned


def owner_roles(model: type[models.Model]) -> list[str]:
    """Return the names of an option's foreign keys to its owner."""
    (unique,) = model._meta.total_unique_constraints  # noqa: SLF001
    return [role for role in unique.fields if role != "key"]


def owner_of(option: models.Model) -> Mapping[str, Any]:
    """Return the application, and the user if there is one, by the names of the foreign keys."""
    return {role: getattr(option, role) for role in owner_roles(type(option))}


def owned_with(option: models.Model) -> Any:
    """Return the options of this option's owner, in the database for writing."""
    using = router.db_for_write(type(option))
    options: Any = type(option)._default_manager.using(using)  # noqa: SLF001
    return options.for_owner(**owner_of(option))
