"""A project with a read replica; the facts choose the router."""

import os

import dj_database_url

from tests.settings import *  # noqa: F403

DATABASES = {
    "default": dj_database_url.parse(os.environ["PRIMARY_URL"]),
    "replica": dj_database_url.parse(os.environ["REPLICA_URL"]),
}
