"""A host whose users have text as primary key, and whose manager hides some of them."""

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS
from tests.variants.databases import database

DATABASES = {"default": database("text_user")}
INSTALLED_APPS = [*INSTALLED_APPS, "tests.variants.guests"]
AUTH_USER_MODEL = "guests.Guest"
