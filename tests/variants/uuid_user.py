"""A host with a user model of its own."""

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS
from tests.variants.databases import database

DATABASES = {"default": database("uuid_user")}
INSTALLED_APPS = [*INSTALLED_APPS, "tests.variants.members"]
AUTH_USER_MODEL = "members.Member"
