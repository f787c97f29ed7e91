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

from django_user_options.rest.methods import (  # noqa: F401  each registers its methods
    app_options,
    batch,
    system,
    user_options,
)
from django_user_options.rest.methods.base import RestMethod
from django_user_options.rest.methods.registry import register, registry

__all__ = ["RestMethod", "register", "registry"]
