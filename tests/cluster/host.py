"""The host on a cluster: the tests' own, with connections that stay open, as hosts have them.

`NODES` holds the address of each node; of the first alone come the defaults.
"""

import os

import dj_database_url

from tests.settings import *  # noqa: F403

DATABASES = {
    "default" if number == 1 else f"node{number}": dj_database_url.parse(
        url,
        # A pool keeps connections itself.
        conn_max_age=0 if "pool=true" in url else 60,
        conn_health_checks=True,
    )
    for number, url in enumerate(os.environ["NODES"].split(), 1)
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": True,
    "handlers": {"nowhere": {"class": "logging.NullHandler"}},
    "root": {"handlers": ["nowhere"]},
}
