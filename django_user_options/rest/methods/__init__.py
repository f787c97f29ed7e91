"""The REST methods, one module per family.

Importing this package registers its own methods. A project puts its methods into a module
`rest_methods` of any installed app, which `UserOptionsConfig.ready` imports:

    from django_user_options.rest.methods import RestMethod, register

    @register
    class Echo(RestMethod):
        name = "demo.echo"

        def run(self):
            return self.parameters
"""

from django_user_options.rest.envelope import Page
from django_user_options.rest.methods import (  # noqa: F401  each registers its methods
    batch,
    option_methods,
    option_summaries,
    option_updates,
    system_methods,
    user_methods,
)
from django_user_options.rest.methods.rest_method import RestMethod, register, registry

__all__ = ["Page", "RestMethod", "register", "registry"]
