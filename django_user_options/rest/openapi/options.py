"""`user.option.*` and `app.option.*` as OpenAPI describes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from django_user_options.conf import KEY_LENGTH, conf
from django_user_options.rest.methods import app_options, user_options
from django_user_options.rest.openapi.descriptions import Description, Parameter
from django_user_options.rest.openapi.errors import ErrorCase, error_case
from django_user_options.rest.openapi.schemas import ANY, TEXT, Schema, key, list_of, map_of

if TYPE_CHECKING:
    from django_user_options.rest.methods import RestMethod

_OPTION = _("A key, or a list of keys; in forms and queries a list is `option[]=…` for each.")
_SEED: Schema = {"data": "value", "data2": "value2"}


def option_methods() -> dict[type[RestMethod], Description]:
    """Return the descriptions of the methods over options, with the limits that hold now."""
    return {**_user_options(), **_app_options()}


def _user_options() -> dict[type[RestMethod], Description]:
    tag = _("Options of a user")
    user_id = {
        "user_id": Parameter(
            _("Another user, whom only administrators may name."),
            {"anyOf": [{"type": "integer"}, {**TEXT, "nullable": True}]},
            TEXT,
        )
    }
    administrator = error_case("administrator_required")
    return {
        method: described._replace(
            tag=tag,
            parameters={**described.parameters, **user_id},
            errors=(*described.errors, administrator),
        )
        for method, described in {
            user_options.UserOptionSet: _set(_("Store options of the application for the user")),
            user_options.UserOptionGet: _get(_("Read options of the application for the user")),
            user_options.UserOptionDelete: _delete(
                _("Delete options of the application for the user")
            ),
        }.items()
    }


def _app_options() -> dict[type[RestMethod], Description]:
    return {
        method: described._replace(tag=_("Options of an application"))
        for method, described in {
            app_options.AppOptionSet: _set(_("Store options of the application")),
            app_options.AppOptionGet: _get(_("Read options of the application")),
            app_options.AppOptionDelete: _delete(_("Delete options of the application")),
        }.items()
    }


def _set(summary: Any) -> Description:
    live = conf.dialect == "live"
    size: Schema = {"minProperties": 1, "maxProperties": conf.max_keys_per_call}
    items: Schema = {"minItems": 1, "maxItems": conf.max_keys_per_call}
    new_key = key(minLength=1, maxLength=conf.max_key_length)
    options = Parameter(
        _("Keys with values of any JSON type; of a list the indexes are the keys."),
        {
            "anyOf": [
                map_of(ANY, propertyNames=new_key, **size),
                list_of(ANY, **items),
            ]
        },
        map_of(TEXT, propertyNames=new_key, **size),
        required=not live,
        example=_SEED,
    )
    details = _(
        "New keys are added, existing ones replaced, others left alone. All of the keys are "
        "stored or none. A value comes back as it was sent, its JSON type included; values "
        "from forms are strings."
    )
    live_details = _(
        "Without `options` the other parameters of the body are the options, but for those "
        "that have a meaning of their own."
    )
    return Description(
        tag="",
        summary=summary,
        details=f"{details}\n\n{live_details}" if live else details,
        parameters={"options": options},
        result={"type": "boolean"},
        errors=(
            error_case("nothing_to_save"),
            error_case("invalid_option", "options must be an object of keys and values"),
            error_case(
                "option_limit", f"options: at most {conf.max_keys_per_owner} keys may be kept"
            ),
            error_case("owner_gone"),
        ),
        example=True,
    )


def _get(summary: Any) -> Description:
    several: Schema = {"maxItems": conf.max_keys_per_call}
    return Description(
        tag="",
        summary=summary,
        details=_(
            "The result is the value of the key, null where it was never set. For a list of "
            "keys it is an object of those that exist, and without `option` an object of all."
        ),
        parameters={
            "option": Parameter(
                _OPTION,
                {"anyOf": [key(nullable=True), list_of(key(minLength=1), **several)]},
                key(),
                example="data",
            ),
        },
        result=ANY,
        errors=(
            error_case("invalid_option", "option: a key must be a string", "option"),
            _long_key(),
        ),
        example="value",
    )


def _delete(summary: Any) -> Description:
    several: Schema = {"minItems": 1, "maxItems": conf.max_keys_per_call}
    return Description(
        tag="",
        summary=summary,
        details=_("Keys that do not exist are no error."),
        parameters={
            "option": Parameter(
                _OPTION,
                {"anyOf": [key(minLength=1), list_of(key(minLength=1), **several)]},
                key(minLength=1),
                required=True,
                example="data2",
            ),
        },
        result={"type": "boolean"},
        errors=(
            error_case("no_key_given", argument="option"),
            error_case("invalid_option", "option must be a key or a list of keys", "option"),
            _long_key(),
        ),
        example=True,
    )


def _long_key() -> ErrorCase:
    text = f"option: a key may have at most {KEY_LENGTH} characters"
    return error_case("option_limit", text, "option")
