"""A host that writes down the toolkit's own application model."""

from tests.settings import *  # noqa: F403
from tests.variants.databases import database

DATABASES = {"default": database("named_application")}
OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth2_provider.Application"
