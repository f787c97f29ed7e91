"""The REST methods, one module per family.

Importing this package registers its own methods, and those in the module `rest_methods` of
every installed app, which is where a host puts its own:

    from django_user_options.rest.methods import RestMethod, register

    @register
    class Echo(RestMethod):
        name = "demo.echo"

        def run(self):
            return self.parameters
"""

from django.utils.module_loading import autodiscover_modules

from django_user_options.rest.methods import (  # noqa: F401  each registers its methods
    app_options,
    batch,
    system,
    user_options,
)
from django_user_options.rest.methods.base import RestMethod
from django_user_options.rest.registry import register, registry

__all__ = ["RestMethod", "register", "registry"]

autodiscover_modules("rest_methods")
