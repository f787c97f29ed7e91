"""REST methods with results from a file, in place of those that only the vendor has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from django_user_options.fields import decode_json
from django_user_options.rest.methods import RestMethod, register, registry

if TYPE_CHECKING:
    from pathlib import Path


class StubMethod(RestMethod):
    """Returns a result from a file."""

    result: Any

    def run(self) -> Any:
        return self.result


def register_stubs(file: Path) -> None:
    """Register a method for each name in a JSON object of method → result.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is not such an object, or a method has that name already.
    """
    # As bytes, because PowerShell writes UTF-16.
    stubs = decode_json(file.read_bytes())
    if not isinstance(stubs, dict):
        raise ValueError(_("The file must contain a JSON object of method → result."))
    taken = {method.name.lower() for method in registry}.intersection(map(str.lower, stubs))
    if taken:
        text = _("These methods exist already and need no stub: %(names)s.")
        raise ValueError(text % {"names": ", ".join(sorted(taken))})
    for name, result in stubs.items():
        register(type("Stub", (StubMethod,), {"name": name, "result": result}))
