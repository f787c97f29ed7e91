"""Runs the contract's tests against the running example: `… URL [arguments of pytest]`.

On the server of the URL, this creates a database for the example.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import dj_database_url
import django
from django.conf import settings
from django.db import connection

from tests.processes import demo_served, free_port, manage

DATABASE = "user_options_demo"


def main(url: str, *arguments: str) -> int:
    env = {"PATH": os.environ["PATH"], "DATABASE_URL": with_new_database(url)}
    port = free_port()
    credentials = manage(env, "demo", "--credentials", "--port", port)
    with TemporaryDirectory() as folder, demo_served(env, port, Path(folder, "server.log")):
        command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "tests/contract", *arguments]
        environment = {**os.environ, **env, "USER_OPTIONS_SERVER": credentials}
        return subprocess.run(command, env=environment, check=False).returncode


def with_new_database(url: str) -> str:
    """Create the database where there is a server, and return its URL."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return url
    settings.configure(DATABASES={"default": dj_database_url.parse(url)})
    django.setup()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
        cursor.execute(f"CREATE DATABASE {DATABASE}")
    return parts._replace(path=f"/{DATABASE}").geturl()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
