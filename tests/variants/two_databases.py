"""A host that keeps accounts, applications and options in its second database."""

from tests.settings import *  # noqa: F403
from tests.variants.databases import database

DATABASES = {"default": database("first"), "other": database("second")}
DATABASE_ROUTERS = ["tests.variants.routers.AccountsElsewhere"]
