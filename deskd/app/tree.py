"""The daemon's process tree: a supervisor, its children and Valkey.

    deskd run ─┬─ front                    gateway, listeners, console
               ├─ pipeline                 with the keepers; further pipelines beside it, as the settings say
               ├─ worker                   sends
               └─ valkey-server            unless redis.url names another

Children are forked before any thread, loop or database connection exists, so they share what was loaded. One that ends
is started again, ever more rarely while it keeps ending. A child whose supervisor is gone stops by itself. Stopped in
this order, within ten seconds: front and worker, then the pipelines, which make tickets of what was still kept, then
Valkey.
"""

import gc
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

import structlog

from deskd.app import processes
from deskd.app.keepers import place
from deskd.app.lock import OneDaemon
from deskd.app.parts import Parts, holders, new_id
from deskd.app.processes import Process
from deskd.app.shared import Nudge, Shared, open_doors
from deskd.domain.errors import DeskError, SettingsError
from deskd.outbox.valkey import EmbeddedValkey
from deskd.store import leases

START_SECONDS = 20.0  # until every child must have said that it is ready
FRONT_SECONDS, ALL_SECONDS = 4.0, 8.0  # from the stop until the pipelines are told, and until the rest is killed
POLL_SECONDS = 1.0  # between looks at whether Valkey is alive
STEADY_SECONDS = 10.0  # a child that lived as long is started again at once
LONGEST_PAUSE = 30.0  # between two starts of a child that keeps ending
REFUSED = 3  # exit status of a child that cannot begin and has said why
READY = b"ready"

Announce = Callable[[Mapping[str, str]], None]
_log = structlog.get_logger("deskd")


@dataclass(slots=True)
class _Child:
    name: str
    main: Process
    pid: int = 0
    told: int = -1  # where it says "ready", or why it cannot begin
    holder: str = ""
    began: float = 0.0
    ended: int = 0  # times in a row that it did not live long
    again_at: float = 0.0

    @property
    def runs(self) -> bool:
        return self.pid != 0


class Tree:
    """`parts` must have no open connection when `run` is called: what is open would be in every child."""

    def __init__(self, parts: Parts, announce: Announce) -> None:
        self._parts, self._announce = parts, announce
        count = parts.settings.pipeline.processes or min(os.cpu_count() or 1, 4)
        more = [_Child(f"pipeline{n}", processes.helping_pipeline) for n in range(2, count + 1)]
        self._front = _Child("front", processes.front)
        self._worker = _Child("worker", processes.worker)
        self._pipelines = [_Child("pipeline", processes.pipeline_and_keepers), *more]
        self._life, self._hold = os.pipe()  # `_hold` is open in the supervisor alone: its end is read as end of file
        self._woken, wake = os.pipe()
        os.set_blocking(self._woken, False)
        os.set_blocking(wake, False)
        self._wake, self._stopping = wake, False

    @property
    def _children(self) -> list[_Child]:
        """The front first: it takes longest until it is ready."""
        return [self._front, *self._pipelines, self._worker]

    def run(self) -> None:
        """Until SIGTERM or SIGINT. Raises DeskError with one sentence when it cannot begin."""
        settings = self._parts.settings
        one = OneDaemon(settings.data)
        valkey = None if settings.redis.url else EmbeddedValkey(settings.data / "valkey")
        try:
            ours = holders(settings.data)
            self._parts.database.transact(lambda connection: leases.forget_all(connection, ours))
            self._parts.database.close()
            self._listen_for_signals()
            url = valkey.start() if valkey else settings.redis.url
            shared = Shared(Nudge(), url, open_doors(settings))
            gc.freeze()  # what is loaded now stays shared: the collector must not write to it
            for child in self._children:
                self._fork(child, shared)
            self._await_ready()
            if shared.doors and not self._stopping:
                self._announce(shared.doors.where)
            while not self._stopping:
                self._sleep(POLL_SECONDS)
                self._reap()
                self._start_again(shared)
                if valkey is not None and not self._stopping:
                    valkey.poll()
        finally:
            self._stop()
            if valkey is not None:
                valkey.stop()
            one.release()

    def _listen_for_signals(self) -> None:
        def stop(_number: int, _frame: Any) -> None:
            self._stopping = True

        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)  # it only wakes us
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)

    def _sleep(self, seconds: float, *files: int) -> list[int]:
        """Until a signal, one of the files, or the end of the time; which files can be read."""
        found: list[int] = select.select([self._woken, *files], [], [], max(seconds, 0.0))[0]
        with suppress(BlockingIOError):
            os.read(self._woken, 4096)
        return [file for file in found if file != self._woken]

    def _fork(self, child: _Child, shared: Shared) -> None:
        told, tell = os.pipe()
        before, child.holder = child.holder, holders(self._parts.settings.data) + new_id()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            os.close(told)
            self._be(child, shared, before, tell)
        os.close(tell)
        child.pid, child.told, child.began = pid, told, time.monotonic()

    def _be(self, child: _Child, shared: Shared, before: str, tell: int) -> NoReturn:
        """The child's whole life. before: under what name its predecessor, which is gone, held its leases."""
        status = 1
        try:
            self._become_child(child.name)
            parts = replace(self._parts, holder=child.holder)
            if before:
                parts.database.transact(lambda connection: leases.forget(connection, before))
            child.main(parts, shared, lambda: _say(tell, READY))
            status = 0
        except DeskError as error:
            _say(tell, str(error).encode())
            _log.error("child.refused", child=child.name, reason=str(error))
            status = REFUSED
        except BaseException as error:  # noqa: BLE001 - the end of a process: it must be known and must not unwind
            _log.error("child.failed", child=child.name, error=type(error).__name__, place=place(error))
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def _become_child(self, name: str) -> None:
        with suppress(OSError):  # Linux: what top and ps call us
            Path("/proc/self/comm").write_text(f"deskd-{name}", "ascii")
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all of us; the supervisor stops us in its order
        for file in (self._hold, self._woken, self._wake, *(c.told for c in self._children if c.told >= 0)):
            os.close(file)
        threading.Thread(target=_end_with, args=(self._life,), name="life", daemon=True).start()

    def _await_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        waiting = {child.told: child for child in self._children}
        while waiting and not self._stopping:
            if time.monotonic() > deadline:
                names = ", ".join(child.name for child in waiting.values())
                raise SettingsError(f"deskd did not start within {START_SECONDS:g} s: {names} said nothing.")
            for file in self._sleep(deadline - time.monotonic(), *waiting):
                child, said = waiting.pop(file), os.read(file, 4096)
                if said != READY:
                    raise DeskError(said.decode() or f"deskd did not start: its {child.name} ended at once; see above.")

    def _reap(self) -> None:
        for child in self._children:
            if not child.runs:
                continue
            pid, status = os.waitpid(child.pid, os.WNOHANG)
            if pid == 0:
                continue
            os.close(child.told)
            lived = time.monotonic() - child.began
            child.pid, child.told = 0, -1
            child.ended = 0 if lived > STEADY_SECONDS else child.ended + 1
            child.again_at = time.monotonic() + (min(2.0 ** (child.ended - 2), LONGEST_PAUSE) if child.ended > 1 else 0)
            if not self._stopping:
                _log.error("child.ended", child=child.name, status=os.waitstatus_to_exitcode(status), lived=lived)

    def _start_again(self, shared: Shared) -> None:
        for child in self._children:
            if not child.runs and not self._stopping and time.monotonic() >= child.again_at:
                self._fork(child, shared)

    def _stop(self) -> None:
        self._stopping, begun = True, time.monotonic()
        _tell([self._front, self._worker], signal.SIGTERM)
        self._await_end([self._front], begun + FRONT_SECONDS)
        _tell(self._pipelines, signal.SIGTERM)
        self._await_end(self._children, begun + ALL_SECONDS)
        left = [child for child in self._children if child.runs]
        if left:
            _log.warning("children.killed", children=[child.name for child in left])
            _tell(left, signal.SIGKILL)
            self._await_end(left, time.monotonic() + 1.0)

    def _await_end(self, children: Sequence[_Child], until: float) -> None:
        self._reap()
        while any(child.runs for child in children) and time.monotonic() < until:
            self._sleep(min(until - time.monotonic(), POLL_SECONDS))
            self._reap()


def run_only(parts: Parts, part: str, announce: Announce) -> None:
    """One part in this process, until SIGTERM or SIGINT; the others run elsewhere over the same database and Redis."""
    if part not in processes.ALONE:
        raise SettingsError(f'--only takes {", ".join(processes.ALONE)}; there is no part "{part}".')
    if not parts.settings.redis.url:
        raise SettingsError("--only needs redis.url: the parts of a desk on several machines ring one another there.")
    one = OneDaemon(parts.settings.data, part)
    doors = open_doors(parts.settings) if part == "front" else None
    signal.signal(signal.SIGINT, lambda _number, _frame: os.kill(os.getpid(), signal.SIGTERM))
    try:
        shared = Shared(Nudge(), parts.settings.redis.url, doors)
        processes.ALONE[part](parts, shared, lambda: announce(doors.where if doors else {}))
    finally:
        parts.database.close()
        one.release()


def _tell(children: Sequence[_Child], number: int) -> None:
    for child in children:
        if child.runs:
            os.kill(child.pid, number)


def _say(tell: int, what: bytes) -> None:
    """To a supervisor that may have stopped to listen: a child that is started again has nobody who waits for it."""
    with suppress(OSError):
        os.write(tell, what)


def _end_with(life: int) -> None:
    """Ends this process when the supervisor is gone, by whatever end."""
    os.read(life, 1)
    os.kill(os.getpid(), signal.SIGTERM)
