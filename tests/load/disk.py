"""A disk small enough to be filled: a file system in memory."""

from __future__ import annotations

import errno
import subprocess
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Enough for what the servers create at first, and for a few thousand writes.
MEGABYTES = {"sqlite": 96, "postgresql": 192, "mariadb": 256}


class SmallDisk:
    """Mounted at a folder while the block runs; only root may mount."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder, self.megabytes = folder, megabytes

    def __enter__(self) -> Self:
        self.folder.mkdir()
        options = f"size={self.megabytes}m,mode=755"
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", self.folder], check=True)
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", "-l", self.folder], check=True)

    @contextmanager
    def filled(self) -> Iterator[None]:
        """Leave no byte while the block runs."""
        filler = self.folder / "filler"
        with filler.open("wb", buffering=0) as file:
            _fill(file)
            try:
                yield
            finally:
                filler.unlink()


def _fill(file: IO[bytes]) -> None:
    try:
        while True:
            file.write(bytes(4096))
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
