"""The data folder is one daemon's."""

import fcntl
import os
from pathlib import Path

from deskd.domain.errors import AlreadyRunning


class OneDaemon:
    """A second start is refused with the pid of the first. Forked children hold the lock as well, as long as they live.

    part: "" is the whole daemon; a part that runs by itself (`--only`) has a lock of its own.
    """

    def __init__(self, data: Path, part: str = "") -> None:
        self._file = (data / (f"deskd-{part}.pid" if part else "deskd.pid")).open("a+", encoding="ascii")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._file.seek(0)
            pid = self._file.read().strip()
            self._file.close()
            what = f"deskd's {part}" if part else "deskd"
            raise AlreadyRunning(f"{what} runs on {data} already, as process {pid}. Stop it first.") from error
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def release(self) -> None:
        self._file.close()
