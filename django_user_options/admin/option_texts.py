"""Keys and values as text: how every page shows them, and how a form takes them.

They are shown as JSON and never too long. Invisible characters, including those that change the
writing direction, appear as JSON escapes, so two keys that look the same are the same.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.db import router
from django.forms.fields import InvalidJSONInput
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from django_user_options.admin.owner_fields import owner_links
from django_user_options.conf import conf
from django_user_options.exceptions import UserOptionsError
from django_user_options.fields import JSONFormField, encode_json
from django_user_options.statements import Store
from django_user_options.upserts import check_limits
from django_user_options.validators import encode_options, validate_key

if TYPE_CHECKING:
    from django.db import models
    from django.utils.safestring import SafeString

_KEY_LENGTH = 40
_PREVIEW_LENGTH = 60
_BLOCK_LENGTH = 2_000
# It scrolls if it is long, so the keyboard must reach it.
_BLOCK = '<pre class="uo-json" tabindex="0">{}</pre>'
# The joiners connect emoji and the letters of some scripts.
_SHOWN_AS_THEY_ARE = "\n\u200c\u200d"


def shown_key(key: str, length: int = _KEY_LENGTH) -> str:
    """Return the beginning of a key, in quotes only if it could be mistaken for another."""
    cut = key if len(key) <= length else f"{key[: length - 1]}…"
    is_plain = cut.isprintable() and cut == cut.strip() and not cut.startswith('"')
    return cut if is_plain else _visible(json.dumps(cut, ensure_ascii=False))


def preview(value: Any) -> str:
    """Return the beginning of a value's JSON, on one line."""
    return _beginning(value)[0]


def whole_key(key: str) -> SafeString:
    """Return the whole key."""
    return format_html('<pre class="uo-json">{}</pre>', shown_key(key, len(key)))


def whole_value(value: Any) -> SafeString:
    """Return the whole value as indented JSON."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return format_html(_BLOCK, _visible(text))


def folded_value(value: Any) -> tuple[str, bool]:
    """Return a preview that opens to the indented JSON, and whether that JSON is cut.

    If the preview shows the whole value, there is nothing to open.
    """
    if not _beginning(value)[1]:
        return preview(value), False
    text, is_cut = _beginning(value, _BLOCK_LENGTH, indent=2)
    fold = '<details class="uo-fold"><summary>{}</summary>{}</details>'
    return format_html(fold, preview(value), format_html(_BLOCK, text)), is_cut


def _beginning(
    value: Any, length: int = _PREVIEW_LENGTH, indent: int | None = None
) -> tuple[str, bool]:
    """Return the beginning of a value's JSON, and whether there is more."""
    text = ""
    # In parts, so that the rest of a large value is never encoded.
    for part in json.JSONEncoder(indent=indent, ensure_ascii=False).iterencode(value):
        text += part
        if len(text) > length:
            return _visible(f"{text[: length - 1]}…"), True
    return _visible(text), False


def _visible(text: str) -> str:
    """Escape invisible characters as JSON does."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in _SHOWN_AS_THEY_ARE else json.dumps(char)[1:-1]
        for char in text
    )


class OptionValueField(JSONFormField):
    """Shows a value as indented JSON, and explains errors in the JSON that is entered.

    Its editor is plain text on purpose: JavaScript editors would save `1e16`, large integers and
    `-0.0` as other numbers.
    """

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
            # As Django does later, because the limits are those of the chosen owner.
            for name, value in cleaned.items():
                setattr(self.instance, name, value)
            try:
                texts = encode_options({self.instance.key: cleaned["value"]})
                model = type(self.instance)
                store = Store(model, owner_of(self.instance), router.db_for_write(model))
                check_limits(store, texts)
            except UserOptionsError as error:
                refusal = forms.ValidationError(error.translated(), code=error.code)
                self.add_error("value", refusal)
        return cleaned


def owner_of(option: models.Model) -> dict[str, Any]:
    """Return the application, and the user if there is one, by the names of the foreign keys."""
    return {link.name: getattr(option, link.name) for link in owner_links(type(option))}


def owned_with(option: models.Model) -> Any:
    """Return the options of this option's owner, in the database for writing."""
    using = router.db_for_write(type(option))
    options: Any = type(option)._default_manager.using(using)  # noqa: SLF001
    return options.for_owner(**owner_of(option))
