"""The vendor's design: all options of a user in one JSON document, read, changed, written back."""

from __future__ import annotations

from typing import Any

from django_user_options.models import AppUserOption
from tests.benchmarks.contenders.drf import OptionsView

DOCUMENT = "all options of this user"


class Blob(OptionsView):
    """One row for each application and user; two calls at once lose keys."""

    def write(self, owner: dict[str, Any], options: dict[str, Any]) -> None:
        """Store the options in the one document."""
        document, _ = AppUserOption.objects.get_or_create(
            **owner, key=DOCUMENT, defaults={"value": {}, "size": 0}
        )
        document.value |= options
        document.save(update_fields=["value", "updated_at"])

    def read(self, owner: dict[str, Any]) -> dict[str, Any]:
        """Return the document."""
        return AppUserOption.objects.get(**owner, key=DOCUMENT).value
