"""A disk small enough to be filled: a file system in memory."""

from __future__ import annotations

import errno
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Enough for what the servers create at first, and for a few thousand writes.
MEGABYTES = {"sqlite": 96, "postgresql": 192, "mariadb": 256}


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """Mount a disk at a new folder while the block runs; only root may mount."""
    folder.mkdir()
    options = f"size={megabytes}m,mode=755"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Leave no byte while the block runs."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
        try:
            yield
        finally:
            filler.unlink()
