"""The host on a cluster: the tests' own, with connections that stay open, as hosts have them.

`NODES` holds the address of each node; of the first alone come the defaults.
"""

import os

import dj_database_url

from tests.settings import *  # noqa: F403

_LASTING = {"conn_max_age": 60, "conn_health_checks": True}

DATABASES = {
    "default" if number == 1 else f"node{number}": dj_database_url.parse(url, **_LASTING)
    for number, url in enumerate(os.environ["NODES"].split(), 1)
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": True,
    "handlers": {"nowhere": {"class": "logging.NullHandler"}},
    "root": {"handlers": ["nowhere"]},
}
LOGGING_CONFIG = "logging.config.dictConfig"
