"""The form that writes an option, and its field for one JSON value.

The editor is plain text on purpose: editors written in JavaScript read numbers as that
language does and would save `1e16`, large integers and `-0.0` as other numbers.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AutocompleteSelect
from django.db import router
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from django_user_options.conf import conf
from django_user_options.exceptions import OwnerGoneError, UserOptionsError
from django_user_options.fields import encode_json
from django_user_options.owners import owners_must_exist
from django_user_options.validators import validate_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db import models


# What Python's `json` says of a text, for the catalogue.
_PROBLEMS = (
    gettext_noop("Expecting value"),
    gettext_noop("Expecting property name enclosed in double quotes"),
    gettext_noop("Expecting ':' delimiter"),
    gettext_noop("Expecting ',' delimiter"),
    gettext_noop("Illegal trailing comma before end of array"),
    gettext_noop("Illegal trailing comma before end of object"),
    gettext_noop("Unterminated string starting at"),
    gettext_noop("Invalid control character at"),
    gettext_noop("Invalid \\escape"),
    gettext_noop("Invalid \\uXXXX escape"),
    gettext_noop("Extra data"),
)


class _TypedText(str):
    """What was typed into the field, to be shown again as it is."""

    __slots__ = ()


class OptionValueField(forms.CharField):
    """Any JSON value, typed as text, refused where it could not come back as it stands."""

    default_error_messages: ClassVar = {
        "required": _("Type a JSON value: for an empty text, for instance, two quotes."),
        "syntax": _("This is no JSON: %(problem)s (line %(line)d, column %(column)d)."),
        "unreadable": _("This JSON has a number that is too large, or is nested too deeply."),
        "duplicate": _("The key %(key)s stands twice in one object."),
        "inexact": _("The number %(number)s cannot be kept as it stands."),
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
            where = {"line": error.lineno, "column": error.colno}
            self._refuse("syntax", problem=gettext(error.msg), **where)
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


class OwnerSelect(AutocompleteSelect):
    """Django's field that completes what is typed, for whatever an address or a form may say."""

    def optgroups(self, name: str, value: Sequence[Any], attr: Any = None) -> Any:
        """Show who is chosen, if there is such a one: the database need not look for others."""
        return super().optgroups(name, [one for one in value if self._exists(one)], attr)

    def _exists(self, value: Any) -> bool:
        try:
            self.choices.field.clean(value)
        except forms.ValidationError:
            return False
        return True


class OptionForm(forms.ModelForm):  # type: ignore[type-arg]
    """Writes the option when everything else about it is right.

    Whether it fits into its owner's limits, only the write itself tells. `actor` is the user who
    fills it in.
    """

    actor: Any

    def clean_key(self) -> str:
        """Refuse what may not be a key."""
        try:
            return validate_key(self.cleaned_data["key"], maximum=conf.max_key_length)
        except UserOptionsError as error:
            raise forms.ValidationError(error.translated(), code=error.code) from error

    def full_clean(self) -> None:
        """Validate, then write; what the write refuses is an error of the form."""
        super().full_clean()
        if self.is_bound and not self.errors and self.has_changed():
            self._write()

    def _write(self) -> None:
        option: Any = self.instance
        owned = owned_with(option)
        using = router.db_for_write(owned.model)
        try:
            with owners_must_exist(owner_of(option).values(), using=using):
                owned.set_options({option.key: option.value}, cause=self.actor)
        except UserOptionsError as error:
            at_fault = None if isinstance(error, OwnerGoneError) else "value"
            self.add_error(at_fault, forms.ValidationError(error.translated(), code=error.code))
        else:
            # From where it was written: a replica does not know it yet.
            self.instance = owned.using(using).get(key=option.key)


def owner_of(option: models.Model) -> Mapping[str, Any]:
    """Return the application, and the user if there is one, by the names of the links."""
    (unique,) = option._meta.total_unique_constraints  # noqa: SLF001
    return {role: getattr(option, role) for role in unique.fields if role != "key"}


def owned_with(option: models.Model) -> Any:
    """Return the options of this option's owner."""
    return type(option)._default_manager.for_owner(**owner_of(option))  # type: ignore[attr-defined] # noqa: SLF001
