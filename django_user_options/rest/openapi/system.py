"""`batch` and the system methods as OpenAPI describes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from django_user_options.rest.methods import batch, system
from django_user_options.rest.openapi.descriptions import Description, Parameter
from django_user_options.rest.openapi.errors import error_case
from django_user_options.rest.openapi.schemas import (
    ANY,
    TEXT,
    TIME_EXAMPLE,
    Schema,
    list_of,
    map_of,
    object_of,
)

if TYPE_CHECKING:
    from django_user_options.rest.methods import RestMethod

_REF_ERROR: Schema = {"$ref": "#/components/schemas/RestError"}
_REF_TIME: Schema = {"$ref": "#/components/schemas/RestTime"}


def system_methods() -> dict[type[RestMethod], Description]:
    """Return the descriptions of `batch` and of the methods by which SDKs look around."""
    return {batch.Batch: _batch(), **_system(), **_users()}


def _batch() -> Description:
    commands = _(
        "Commands by identifiers of your choice: a method's name, and after `?` its parameters as "
        "in a query. `$result[identifier]` in a parameter stands for the result of an earlier "
        "command."
    )
    switch = ["0", "1", "false", "true"]
    nested = error_case("batch_nested").body
    empty = list_of(ANY, maxItems=0)

    def parts(values: Schema) -> Schema:
        return {"anyOf": [map_of(values), empty]}

    return Description(
        tag=_("Batch"),
        summary=_("Run up to %(count)s commands in order") % {"count": batch.MAX_COMMANDS},
        details=_(
            "Each command has the rights of this call and is answered by itself, also where "
            "others fail: results in `result`, refusals in `result_error`, both by identifier. "
            "Parts without content are `[]`. A batch inside a batch is refused, and so is each "
            "command beyond the limit."
        ),
        parameters={
            "cmd": Parameter(
                commands,
                {"anyOf": [map_of(TEXT, nullable=True), list_of(TEXT)]},
                map_of(TEXT),
                example={
                    "store": "user.option.set?options[data]=value",
                    "read": "user.option.get?option=data",
                },
            ),
            "halt": Parameter(
                _("Whether to stop at the first command that fails."),
                {
                    "anyOf": [
                        {"type": "boolean", "nullable": True},
                        {"type": "integer", "enum": [0, 1]},
                        {**TEXT, "enum": ["", *switch]},
                    ]
                },
                # Not `enum`: drf-spectacular's hook gives those names, and warns of equal ones.
                {**TEXT, "pattern": f"^({'|'.join(switch)})?$"},
                example="0",
            ),
        },
        result=object_of(
            {
                "result": parts(ANY),
                "result_error": parts(_REF_ERROR),
                "result_total": parts(ANY),
                "result_next": parts(ANY),
                "result_time": parts(_REF_TIME),
            }
        ),
        errors=(
            error_case(
                "invalid_option", "cmd must be an object or a list of method?query strings", "cmd"
            ),
            error_case("batch_length"),
        ),
        example={
            "result": {"store": True, "read": "value"},
            "result_error": {"inner": nested},
            "result_total": [],
            "result_next": [],
            "result_time": {"store": TIME_EXAMPLE, "read": TIME_EXAMPLE},
        },
    )


def _system() -> dict[type[RestMethod], Description]:
    tag = _("System")
    names = list_of(TEXT)
    full = Parameter(
        _("Whether to list also what the credential may not use."), {"type": "boolean"}, TEXT
    )
    return {
        system.Methods: Description(
            tag,
            _("List the methods that the credential may call"),
            names,
            {"scope": Parameter(_("List the methods of this scope."), TEXT, TEXT), "full": full},
            example=["user.option.get", "user.option.set"],
        ),
        system.MethodGet: Description(
            tag,
            _("Tell whether a method exists and may be called"),
            object_of({"isExisting": {"type": "boolean"}, "isAvailable": {"type": "boolean"}}),
            {
                "name": Parameter(
                    _("The method's name, in lower case."), TEXT, TEXT, example="user.option.set"
                )
            },
            example={"isExisting": True, "isAvailable": True},
        ),
        system.Scope: Description(
            tag,
            _("List the scopes that the credential holds"),
            names,
            {"full": full},
            details=_("Those that every call needs are not listed."),
            example=[],
        ),
        system.ServerTime: Description(
            tag,
            _("Tell the server's time"),
            {"type": "string", "format": "date-time"},
            example="2024-07-26T13:41:51+00:00",
        ),
        system.AppInfo: Description(
            tag,
            _("Describe the calling application"),
            object_of(
                {
                    "ID": {"anyOf": [{"type": "integer"}, TEXT]},
                    "CODE": {**TEXT, "description": _("The client id.")},
                    "VERSION": {"type": "integer"},
                    "STATUS": TEXT,
                    "INSTALLED": {"type": "boolean"},
                    "PAYMENT_EXPIRED": TEXT,
                    "DAYS": {"type": "integer", "nullable": True},
                    "LANGUAGE_ID": TEXT,
                    "LICENSE": TEXT,
                    "LICENSE_TYPE": TEXT,
                    "LICENSE_FAMILY": TEXT,
                }
            ),
        ),
    }


def _users() -> dict[type[RestMethod], Description]:
    tag = _("System")
    name: Schema = {"NAME": TEXT, "LAST_NAME": TEXT}
    moment = {**TEXT, "description": _("A moment in ISO 8601, empty where there is none.")}
    return {
        system.Profile: Description(
            tag,
            _("Tell the user's id, name and administrator rights"),
            object_of(
                {
                    "ID": TEXT,
                    "ADMIN": {"type": "boolean"},
                    **name,
                    "PERSONAL_GENDER": TEXT,
                    "TIME_ZONE": TEXT,
                }
            ),
        ),
        system.UserAdmin: Description(
            tag,
            _("Tell whether the call has administrator rights"),
            {"type": "boolean"},
            example=False,
        ),
        system.UserCurrent: Description(
            tag,
            _("Tell who the user is"),
            object_of(
                {
                    "ID": TEXT,
                    "ACTIVE": {"type": "boolean"},
                    **name,
                    "EMAIL": TEXT,
                    "LAST_LOGIN": moment,
                    "DATE_REGISTER": moment,
                }
            ),
        ),
    }
