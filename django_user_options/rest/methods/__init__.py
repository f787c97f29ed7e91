"""The REST methods, one module per family.

Importing this package registers its own methods, and those in the module `rest_methods` of
every installed app. A project puts its own there:

    from django_user_options.rest.methods import RestMethod, register

    @register
    class Echo(RestMethod):
        name = "demo.echo"

        def run(self):
            return self.parameters
"""

from django.utils.module_loading import autodiscover_modules

from django_user_options.rest.envelope import Page
from django_user_options.rest.methods import (  # noqa: F401  each registers its methods
    batch,
    option_methods,
    system_methods,
    user_methods,
)
from django_user_options.rest.methods.rest_method import RestMethod
from django_user_options.rest.registry import register, registry

__all__ = ["Page", "RestMethod", "register", "registry"]

autodiscover_modules("rest_methods")
