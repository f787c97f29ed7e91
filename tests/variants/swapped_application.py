"""A host with an application model of its own."""

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS
from tests.variants.databases import database

DATABASES = {"default": database("swapped_application")}
INSTALLED_APPS = [*INSTALLED_APPS, "tests.variants.clients"]
OAUTH2_PROVIDER_APPLICATION_MODEL = "clients.Client"
