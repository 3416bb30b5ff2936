"""The composition root: reads settings, clock and randomness; builds the parts, starts and stops them in order."""

import asyncio
import fcntl
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
import uuid_utils
from argon2 import PasswordHasher
from sqlalchemy import Connection, func, select
from starlette.applications import Starlette

from channels.email.config import MailAccount
from channels.email.ids import thread_token
from channels.email.incoming import read as read_mail
from channels.email.receipt import key_of, lane_of
from channels.email.receive import MailListener
from channels.email.send import MailSender
from channels.form.parse import read as read_form
from deskd import settings as settings_file
from deskd.acts import outcome
from deskd.acts.acknowledge import Voice
from deskd.acts.desk import Desk
from deskd.console import http
from deskd.domain.errors import AlreadyRunning, DeskError, SettingsError, StoreAway
from deskd.domain.ports import DAY, Incoming, Micros, Sender
from deskd.domain.states import DeliveryState
from deskd.domain.ticket import Agent
from deskd.domain.words import Role
from deskd.front import Front
from deskd.outbox import sweep
from deskd.outbox.bell import Bell
from deskd.outbox.hearth import Hearth
from deskd.outbox.valkey import EmbeddedValkey
from deskd.outbox.work import Outbox
from deskd.settings import Settings
from deskd.store import events, leases, people, receipts, rule_sets, schema, tables
from deskd.store.database import Database
from deskd.store.keeper import Keeper
from deskd.store.keyring import open_ring
from deskd.store.receipts import Vault
from deskd.texts import catalogue
from ingest.look import Reader
from ingest.masking.formats import DEFAULT
from ingest.pipeline import Pipeline
from router.rules import RuleSet

STOP_SECONDS = 10.0  # for everything together
IDLE_SECONDS = 0.2  # the pipeline's longest sleep; a kept receipt of this process wakes it at once
SWEEP_SECONDS = 10.0
SEQUENCE_SECONDS = 0.05
KEEPER_LEASE: Micros = 30_000_000
PORTS_TRIED = 20
POLL_SECONDS = 1.0  # between looks at whether Valkey is alive

_log = structlog.get_logger("deskd")


def now() -> Micros:
    return time.time_ns() // 1000


def new_id() -> str:
    return uuid_utils.uuid7().hex


def random_bytes(n: int) -> bytes:
    return secrets.token_bytes(n)


@dataclass(slots=True)
class Parts:
    """Everything that a face or a loop needs, built once a process."""

    settings: Settings
    database: Database
    vault: Vault
    desk: Desk
    voice: Voice
    holder: str

    def current_desk(self) -> Desk:
        return self.desk


def prepare(path: Path) -> Settings:
    """The settings of a file, which is made from the default at the first start, with its folder (0700)."""
    os.umask(0o077)
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(settings_file.default_text(), "utf-8")
    return settings_file.load(path)


def open_database(settings: Settings) -> Database:
    return Database(settings.store.url or f"sqlite:///{settings.data / 'desk.db'}")


def build(settings: Settings) -> Parts:
    """Opens the store and the key ring. Raises SettingsError or StoreAway with one sentence."""
    data = settings.data
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = open_database(settings)
    schema.upgrade(database)
    vault = Vault(data, open_ring(data / "keys", random_bytes))
    version, in_force = database.transact(lambda connection: _rules_in_force(connection, settings))
    answers_by = {"form": settings.mail.accounts[0].name}
    desk = Desk(now, new_id, random_bytes, in_force, version, settings.book, vault, answers_by)
    house = {"brand": settings.desk.brand, "hotline": settings.desk.hotline}
    voice = Voice(catalogue.load(house=house), settings.desk.zone, settings.desk.hotline, frozenset({"form"}))
    return Parts(settings, database, vault, desk, voice, f"{socket.gethostname()}:{os.getpid()}:{new_id()}")


def _rules_in_force(connection: Connection, settings: Settings) -> tuple[int, RuleSet]:
    """The store's active version decides. A file that differs becomes a candidate, never active by a restart."""
    known = rule_sets.by_hash(connection, settings.rules.hash)
    active = rule_sets.active(connection)
    if known is None:
        known = rule_sets.add(
            connection, settings.rules.hash, settings.rules_text, author="settings", at=now(), active=active is None
        )
    if active is None or active["version"] == known:
        return known, settings.rules
    return int(active["version"]), settings_file.rules_of(active["text"])


def first_login(parts: Parts) -> tuple[str, str] | None:
    """(name, password) of the first admin, made when there is nobody yet; shown once and kept as a hash only."""
    with parts.database.read() as connection:
        if people.everybody(connection):
            return None
    return "admin", add_agent(parts, "admin", Role.ADMIN, (), ())


def add_agent(parts: Parts, name: str, role: Role, queues: tuple[str, ...], languages: tuple[str, ...]) -> str:
    """Makes an agent; returns the password, which is kept as a hash only."""
    password = secrets.token_urlsafe(12)
    agent = Agent(new_id(), name, role, queues, languages, active=True)
    if not parts.database.transact(lambda c: people.add(c, agent, PasswordHasher().hash(password), now())):
        raise DeskError(f'There is an agent "{name}" already.')
    return password


def mail_key(raw: bytes) -> str:
    return key_of(raw)


def mail_lane(raw: bytes) -> str:
    return lane_of(raw, "")


def readers(settings: Settings) -> dict[str, Reader]:
    own = [account.address.lower() for account in settings.mail.accounts]

    def email(raw: bytes, envelope: Mapping[str, Any], _account: str) -> Incoming:
        return read_mail(raw, envelope, own, settings.mail.listen)

    return {"email": email, "form": read_form}


def pipeline(parts: Parts, ring: Callable[[set[str]], None]) -> Pipeline:
    made = readers(parts.settings)
    return Pipeline(parts.database, parts.current_desk, made, DEFAULT, parts.voice, new_id, parts.holder, ring)


def outbox(parts: Parts) -> Outbox:
    accounts: dict[str, MailAccount] = {account.name: account for account in parts.settings.mail.accounts}
    password = settings_file.secret(parts.settings.mail.relay.password)

    def sender(channel: str, account: str) -> Sender:
        if channel != "email" or account not in accounts:
            raise SettingsError(f"There is no account {account} of {channel} to send by; add it to the settings.")
        return MailSender(parts.settings.mail.relay, accounts, password)

    def open_file(row: Mapping[str, Any]) -> bytes:
        return parts.vault.ring.unseal(row["id"], bytes(row["data_key"]), parts.vault.get(row["file"]))

    def token(row: Mapping[str, Any], code: str) -> str:
        return thread_token(code, row["address"], parts.vault.ring.sign)

    return Outbox(
        parts.database, sender, now, new_id, holder=parts.holder, settle=settle(parts), open_file=open_file, token=token
    )


def settle(parts: Parts) -> Callable[[Connection, Mapping[str, Any], DeliveryState], None]:
    return lambda connection, row, state: outcome.settle(parts.current_desk(), connection, row, state)


def build_worker(path: Path) -> tuple[Callable[[], Outbox], str, str]:
    """For `python worker.py`: what to send with, where the bell is, its prefix."""
    parts = build(settings_file.load(path))
    url = parts.settings.redis.url
    if not url:
        raise SettingsError("redis.url is empty, so `deskd run` sends by itself; set it to run workers of their own.")
    return lambda: outbox(parts), url, parts.settings.redis.prefix


class Loops:
    """The keepers: pipeline, clocks, sequencer, sweeper, retention; each in a thread that stops with the daemon."""

    def __init__(self, parts: Parts, ring: Callable[[str], object]) -> None:
        self.parts, self.ring = parts, ring
        self.woken, self.stopping = threading.Event(), threading.Event()
        self._pipeline = pipeline(parts, self._ring)
        self._threads = [
            threading.Thread(target=self._guarded, args=(name, work, pause), name=name, daemon=True)
            for name, work, pause in (
                ("pipeline", self._ingest, IDLE_SECONDS),
                ("clocks", self._clocks, 0.5),
                ("sequencer", self._sequence, SEQUENCE_SECONDS),
                ("sweeper", self._sweep, SWEEP_SECONDS),
                ("retention", self._retention, 60.0),
            )
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self.stopping.set()
        self.woken.set()
        for thread in self._threads:
            thread.join(STOP_SECONDS)
        self._pipeline.release()

    def _ring(self, accounts: set[str]) -> None:
        for account in accounts:
            self.ring(account)

    def _guarded(self, name: str, work: Callable[[], bool], pause: float) -> None:
        """Runs `work` until the stop; it says whether there is more at once. An error waits and is logged."""
        while not self.stopping.is_set():
            try:
                more = work()
            except StoreAway as error:
                _log.warning("store.away", loop=name, reason=str(error))
                more = False
                self.stopping.wait(1.0)
            except Exception as error:  # noqa: BLE001 - a loop that ends would stop the desk; what failed is named
                _log.error("loop.failed", loop=name, error=type(error).__name__, place=_place(error))
                more = False
                self.stopping.wait(1.0)
            if more:
                continue
            if name == "pipeline":
                self.woken.wait(pause)
                self.woken.clear()
            else:
                self.stopping.wait(pause)

    def _ingest(self) -> bool:
        done = self._pipeline.round()
        if done.total:
            _log.info("batch.done", parked=done.parked, **dict(done.outcomes))
        return done.total > 0

    def _clocks(self) -> bool:
        return bool(self._leased("clocks", lambda c: outcome.tick(self.parts.desk, c)))

    def _sequence(self) -> bool:
        def number(connection: Connection) -> bool:
            before = events.last(connection)
            return events.number(connection, before)[0] - before[0] == events.BATCH

        with self.parts.database.read() as connection:
            if connection.scalar(select(func.count()).where(tables.events.c.seq.is_(None))) == 0:
                return False
        return bool(self._leased("sequencer", number))

    def _sweep(self) -> bool:
        sweep.sweep(self.parts.database, now, _Rings(self.ring), new_id, settle(self.parts))
        return False

    def _retention(self) -> bool:
        store, at = self.parts.settings.store, now()
        with self.parts.database.read() as connection:
            old = receipts.over(connection, at - store.raw_days * DAY, at - store.parked_days * DAY)
        if old:
            with self.parts.database.write() as connection:
                receipts.destroy(connection, [row["id"] for row in old])
            for row in old:
                if row["file"]:
                    self.parts.vault.drop(row["file"])
        self.parts.database.checkpoint()
        return False

    def _leased(self, name: str, unit: Callable[[Connection], Any]) -> Any:
        def work(connection: Connection) -> Any:
            if leases.take(connection, name, self.parts.holder, now(), KEEPER_LEASE) is None:
                return None
            return unit(connection)

        return self.parts.database.transact(work)


def web_app(parts: Parts, keeper: Keeper) -> Starlette:
    """The faces over HTTP."""
    settings = parts.settings
    return http.build(
        http.Context(
            database=parts.database,
            desk=parts.current_desk,
            keep=keeper.keep,
            voice=parts.voice,
            clock=now,
            random=random_bytes,
            forms={form.name: form for form in settings.form.pages},
            brand=settings.desk.brand,
            public_url=settings.web.public_url,
            secure_cookies=settings.web.public_url.startswith("https:"),
            links=frozenset(settings.desk.links),
        )
    )


@dataclass(frozen=True, slots=True)
class _Rings:
    """What the sweeper rings: the sender of this process, or the workers' bell."""

    call: Callable[[str], object]

    def ring(self, account: str) -> None:
        self.call(account)


class OneDaemon:
    """The data folder is one daemon's: a second start is refused with the pid of the first."""

    def __init__(self, data: Path) -> None:
        self._file = (data / "deskd.pid").open("a+", encoding="ascii")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._file.seek(0)
            pid = self._file.read().strip()
            self._file.close()
            raise AlreadyRunning(f"deskd runs on {data} already, as process {pid}. Stop it first.") from error
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def release(self) -> None:
        self._file.close()


async def run(parts: Parts, announce: Callable[[dict[str, str]], None]) -> None:
    """The daemon, until SIGTERM or SIGINT: bell, keepers, sender, listeners; stopped in the opposite order."""
    settings, stopping = parts.settings, asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    one = OneDaemon(settings.data)
    if parts.database.sqlite:
        parts.database.transact(leases.end_all)
    valkey = None if settings.redis.url else EmbeddedValkey(settings.data / "valkey")
    bell: Bell | None = None
    try:
        url = settings.redis.url or (valkey.start() if valkey else "")
        bell = Bell(url, settings.redis.prefix)
        hearth = Hearth(lambda: outbox(parts), lambda: True)
        loops = Loops(parts, bell.ring if settings.redis.url else hearth.ring)
        keeper = Keeper(parts.database, parts.vault, new_id, lambda _n: loops.woken.set())
        listener = MailListener(settings.mail.listen, keeper.keep, now, settings.mail.accounts)
        front = Front(settings.web.host, web_app(parts, keeper))
        hearth.start()
        loops.start()
        smtp = await _free_port(listener.start, settings.mail.listen.smtp_port)
        http = await _free_port(front.start, settings.web.port)
        announce(
            {"console": f"http://{settings.web.host}:{http}/console", "smtp": f"{settings.mail.listen.host}:{smtp}"}
        )
        while not stopping.is_set():
            if valkey is not None:
                valkey.poll()
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), POLL_SECONDS)
        await listener.stop()
        await front.stop()
        await keeper.close()
        await asyncio.to_thread(loops.stop)
        await asyncio.to_thread(hearth.stop)
    finally:
        if bell is not None:
            bell.close()
        if valkey is not None:
            valkey.stop()
        parts.database.close()
        one.release()


async def _free_port(start: Callable[[int], Any], wanted: int) -> int:
    """The port wanted, or the next free one."""
    for port in range(wanted, wanted + PORTS_TRIED):
        try:
            return int(await start(port))
        except OSError:
            continue
    raise SettingsError(
        f"The ports {wanted} to {wanted + PORTS_TRIED - 1} are all in use; set another in the settings."
    )


def _place(error: BaseException) -> str:
    """File and line of an error, without its words: they may be a customer's."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
