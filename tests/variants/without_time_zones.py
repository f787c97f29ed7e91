"""A host whose times are naive."""

from tests.settings import *  # noqa: F403
from tests.variants.databases import database

DATABASES = {"default": database("without_time_zones")}
USE_TZ = False
