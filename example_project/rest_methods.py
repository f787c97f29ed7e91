"""The project's own REST methods, which are found by the name of this module."""

from __future__ import annotations

from django_user_options.rest.methods import RestMethod, register


@register
class Greeting(RestMethod):
    """Greets the user behind the credential."""

    name = "demo.greeting"
    result_schema = {"type": "string", "example": "Hello, demo-user"}  # noqa: RUF012

    def run(self) -> str:
        return f"Hello, {self.caller.user}"
