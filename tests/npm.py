"""Packages of npm, installed once for each version."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


def installed(*packages: str) -> Path:
    """Return a folder with the packages, each as `name@version`; npm keeps what is there."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "django-user-options" / " ".join(packages).replace("/", "-")
    folder.mkdir(parents=True, exist_ok=True)
    options = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    command = ["npm", "install", "--prefix", str(folder), *options, *packages]
    subprocess.run(command, check=True)
    return folder
