"""The form for an option, and its field for one JSON value.

The editor is plain text on purpose: editors written in JavaScript read numbers as that
language does and would save `1e16`, large integers and `-0.0` as other numbers.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget
from django.db import router
from django.utils.translation import gettext_lazy as _

from django_user_options.conf import conf
from django_user_options.exceptions import UserOptionsError
from django_user_options.fields import encode_json
from django_user_options.upserts import check_limits
from django_user_options.validators import encode_options, validate_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db import models


class _TypedText(str):
    """What was typed into the field, to be shown again as it is."""

    __slots__ = ()


class OptionValueField(forms.CharField):
    """Any JSON value, typed as text, refused if it could not be stored exactly."""

    default_error_messages: ClassVar = {
        "required": _('Type a JSON value. An empty text, for instance, is "".'),
        "syntax": _("This is not valid JSON (line %(line)d, column %(column)d)."),
        "unreadable": _("This JSON has a number that is too large, or is nested too deeply."),
        "duplicate": _("The key %(key)s appears twice in one object."),
        "inexact": _("The number %(number)s cannot be stored exactly."),
    }

    def __init__(self, **kwargs: Any) -> None:
        attributes = {"class": "vLargeTextField uo-editor", "spellcheck": "false", "rows": 12}
        kwargs |= {"initial": _TypedText(), "widget": AdminTextareaWidget(attrs=attributes)}
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        """Return the value that the text stands for."""
        if not value or not value.strip():
            self._refuse("required")
        try:
            return json.loads(value, parse_float=self._exact_float, object_pairs_hook=self._object)
        except json.JSONDecodeError as error:
            self._refuse("syntax", line=error.lineno, column=error.colno)
        except (ValueError, ArithmeticError, RecursionError):
            self._refuse("unreadable")

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Keep what was typed."""
        return data if data is None else _TypedText(data)

    def prepare_value(self, value: Any) -> Any:
        """Return typed text as it is, and a stored value as indented JSON."""
        if isinstance(value, _TypedText):
            return value
        return json.dumps(value, indent=2, ensure_ascii=False)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare the values, types included, and not the way they are typed."""
        try:
            return encode_json(self.to_python(data)) != encode_json(initial)
        except (forms.ValidationError, ValueError):
            return True

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                self._refuse("duplicate", key=json.dumps(key, ensure_ascii=False))
            found[key] = value
        return found

    def _exact_float(self, text: str) -> float:
        number = float(text)
        if Decimal(text) != Decimal(repr(number)):
            self._refuse("inexact", number=text)
        return number

    def _refuse(self, code: str, **params: Any) -> NoReturn:
        raise forms.ValidationError(self.error_messages[code], code=code, params=params)


class OptionForm(forms.ModelForm):  # type: ignore[type-arg]
    """Refuses what the rules of the package would refuse to write."""

    def clean_key(self) -> str:
        """Refuse what may not be a key."""
        try:
            return validate_key(self.cleaned_data["key"], maximum=conf.max_key_length)
        except UserOptionsError as error:
            raise forms.ValidationError(error.translated(), code=error.code) from error

    def clean(self) -> Any:
        """Refuse a value that may not be stored or does not fit into its owner's limits."""
        cleaned: Any = super().clean()
        if not self.errors and self.has_changed():
            # A form of an existing option asks for its value only.
            for name in ("key", *owner_roles(type(self.instance))):
                if name in cleaned:
                    setattr(self.instance, name, cleaned[name])
            try:
                texts = encode_options({self.instance.key: cleaned["value"]})
                check_limits(owned_with(self.instance), texts)
            except UserOptionsError as error:
                refusal = forms.ValidationError(error.translated(), code=error.code)
                self.add_error("value", refusal)
        return cleaned


def owner_roles(model: type[models.Model]) -> list[str]:
    """Return the names of the links to an option's owner."""
    (unique,) = model._meta.total_unique_constraints  # noqa: SLF001
    return [role for role in unique.fields if role != "key"]


def owner_of(option: models.Model) -> Mapping[str, Any]:
    """Return the application, and the user if there is one, by the names of the links."""
    return {role: getattr(option, role) for role in owner_roles(type(option))}


def owned_with(option: models.Model) -> Any:
    """Return the options of this option's owner, from where they are written."""
    using = router.db_for_write(type(option))
    options: Any = type(option)._default_manager.using(using)  # noqa: SLF001
    return options.for_owner(**owner_of(option))
