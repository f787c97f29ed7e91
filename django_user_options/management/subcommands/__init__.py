"""What `manage.py user_options` can do, one class for each of its subcommands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django_user_options.management.subcommands.base import Group
from django_user_options.management.subcommands.options import Delete, Get, List, Set
from django_user_options.management.subcommands.purge import PurgeOptions, PurgeWebhooks
from django_user_options.management.subcommands.stats import Stats
from django_user_options.management.subcommands.transfer import Export, Import
from django_user_options.management.subcommands.webhooks import (
    CreateWebhook,
    ListWebhooks,
    RevokeWebhooks,
    RotateWebhook,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_user_options.management.subcommands.base import Subcommand

SUBCOMMANDS: Mapping[str, type[Subcommand] | Group] = {
    "list": List,
    "get": Get,
    "set": Set,
    "delete": Delete,
    "export": Export,
    "import": Import,
    "stats": Stats,
    "webhook": Group(
        "Issue, exchange, end and list inbound webhooks.",
        {
            "create": CreateWebhook,
            "rotate": RotateWebhook,
            "revoke": RevokeWebhooks,
            "list": ListWebhooks,
        },
    ),
    "purge": Group(
        "Delete what nobody needs any more.",
        {"options": PurgeOptions, "webhooks": PurgeWebhooks},
    ),
}
