"""A disk that is full for a while: a small file system of its own where we may mount one, else a limit on the size of
the daemon's files, which meets every write in the same way.
"""

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOM = 224 << 20  # bytes of the whole file system: more than /readyz wants free
BLOCK = 1 << 16


class Mounted:
    def __init__(self, folder: Path) -> None:
        self.folder, self._ballast = folder, folder / "ballast"

    def fill(self, _pids: list[int]) -> None:
        with self._ballast.open("wb", buffering=0) as file:
            for size in (BLOCK, 4096, 1):
                try:
                    while True:
                        file.write(b"\0" * size)
                except OSError:  # as meant: it is full
                    continue

    def free(self, _pids: list[int]) -> None:
        self._ballast.unlink()


class Limited:
    """No file of these processes may grow beyond what the largest already is."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self, pids: list[int]) -> None:
        self._limit(pids, 4096)

    def free(self, pids: list[int]) -> None:
        self._limit(pids, resource.RLIM_INFINITY)

    def _limit(self, pids: list[int], size: int) -> None:
        for pid in pids:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@contextmanager
def small_disk(folder: Path) -> Iterator[Mounted | Limited]:
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={ROOM}", "deskd-test", str(folder)]
    if os.geteuid() != 0 or subprocess.run(["mount", *options], check=False, capture_output=True).returncode:
        yield Limited(folder)
        return
    try:
        yield Mounted(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
