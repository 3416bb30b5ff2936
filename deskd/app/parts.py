"""What is built once a process: the store, the desk, its pipeline, its outbox, its pages."""

import hashlib
import os
import secrets
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import structlog
import uuid_utils
from argon2 import PasswordHasher
from sqlalchemy import Connection
from starlette.applications import Starlette

from channels.email.ids import thread_token
from channels.email.receipt import key_of, lane_of
from deskd import settings as settings_file
from deskd.acts import duty, outcome
from deskd.acts.acknowledge import Voice
from deskd.acts.desk import Desk, Staff
from deskd.acts.notice import NOTICE
from deskd.acts.rules_in_force import RulesInForce
from deskd.app.ways import Ways
from deskd.console import http
from deskd.domain.errors import DeskError, SettingsError
from deskd.domain.ports import Micros
from deskd.domain.states import DeliveryState
from deskd.domain.ticket import Agent
from deskd.domain.words import Role
from deskd.outbox.bell import Bell
from deskd.outbox.work import Outbox
from deskd.settings import Settings
from deskd.store import deliveries, people, receipts, rule_sets, schema
from deskd.store.database import Database
from deskd.store.keeper import Keeper
from deskd.store.keyring import open_ring
from deskd.store.receipts import Vault
from deskd.texts import catalogue
from ingest.masking.destroy import without_secrets
from ingest.masking.formats import DEFAULT
from ingest.pipeline import Pipeline
from router.rules import RuleSet
from sla.duty import roster as duty_roster

_log = structlog.get_logger("deskd")


def now() -> Micros:
    return time.time_ns() // 1000


def new_id() -> str:
    return uuid_utils.uuid7().hex


def holders(data: Path, part: str = "daemon") -> str:
    """How the names begin by which the processes of one data folder on this machine are known in leases."""
    return f"{socket.gethostname()}:{hashlib.sha256(bytes(data)).hexdigest()[:12]}:{part}:"


def cover(text: str) -> str:
    """A person's words, a mark in the place of each secret; what an agent needs stays."""
    return without_secrets(text, DEFAULT, set())


def random_bytes(n: int) -> bytes:
    return secrets.token_bytes(n)


@dataclass(slots=True)
class Parts:
    """Everything that a face or a loop needs, built once a process."""

    settings: Settings
    database: Database
    vault: Vault
    ways: Ways
    desk: Desk
    voice: Voice
    in_force: RulesInForce
    holder: str

    def current_desk(self) -> Desk:
        """The desk with the rules that are in force by now."""
        version, rules = self.in_force()
        if version != self.desk.rule_version:
            self.desk = replace(self.desk, rules=rules, rule_version=version)
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
    _refuse_lost_keys(database, data / "keys")
    vault = Vault(data, open_ring(data / "keys", random_bytes))
    version, in_force = database.transact(lambda connection: _rules_in_force(connection, settings))
    ways = Ways(settings, now, vault.ring.sign)
    declared, accounts = ways.capabilities(), ways.accounts()
    roster = duty_roster(settings.duty, settings.book.calendars)
    staff = Staff(settings.mail.accounts[0].name, settings.desk.zone, settings.web.public_url, roster)
    desk = Desk(
        now, new_id, random_bytes, in_force, version, settings.book, vault, cover, declared, accounts, staff=staff
    )
    house = {"brand": settings.desk.brand, "hotline": settings.desk.hotline}
    in_place = frozenset(name for name, one in declared.items() if one.acknowledges_in_place)
    voice = Voice(catalogue.load(house=house), settings.desk.zone, settings.desk.hotline, in_place)
    watched = RulesInForce(database, now, settings_file.rules_of, settings.book.names, version, in_force)
    return Parts(settings, database, vault, ways, desk, voice, watched, holders(data, "apart") + new_id())


def _refuse_lost_keys(database: Database, folder: Path) -> None:
    """A desk that has kept something has keys; new ones would leave it all sealed, and find nothing a duplicate."""
    if folder.is_dir() and any(folder.iterdir()):
        return
    with database.read() as connection:
        if receipts.any_kept(connection):
            raise SettingsError(
                f"The keys of this desk are not in {folder}. Put the folder that was backed up apart back there; "
                "new keys could open nothing that is kept."
            )


def _rules_in_force(connection: Connection, settings: Settings) -> tuple[int, RuleSet]:
    """The store's active version decides. A file that differs becomes a candidate, never active by a restart.

    Where the active version does not load any more, the one before it that does is in force; SettingsError: none does.
    """
    known = rule_sets.by_hash(connection, settings.rules.hash)
    if known is None:
        first = rule_sets.active_version(connection) is None
        at, text = now(), settings.rules_text
        known = rule_sets.add(connection, settings.rules.hash, text, author="settings", at=at, active=first)
    for row in rule_sets.once_active(connection):
        if row["version"] == known:
            return known, settings.rules
        try:
            rules = settings_file.rules_of(row["text"])
            settings_file.fit(rules, settings.book, f"The rule set {row['version']}")
        except SettingsError as error:
            _log.error("rules.refused", version=row["version"], reason=str(error))
        else:
            return int(row["version"]), rules
    raise SettingsError("No rule set that was ever in force loads any more; start once with the default rules.")


def first_login(parts: Parts) -> tuple[str, str] | None:
    """(name, password) of the first admin, made when there is nobody yet; shown once and kept as a hash only."""
    with parts.database.read() as connection:
        if people.everybody(connection):
            return None
    password = _made(parts, "admin", Role.ADMIN, (), ())
    return ("admin", password) if password else None  # none: another process that starts was faster


def add_agent(
    parts: Parts, name: str, role: Role, queues: tuple[str, ...], languages: tuple[str, ...], mail: str = ""
) -> str:
    """Makes an agent; returns the password, which is kept as a hash only. mail: where their notices go."""
    password = _made(parts, name, role, queues, languages, mail)
    if password is None:
        raise DeskError(f'There is an agent "{name}" already.')
    return password


def _made(
    parts: Parts, name: str, role: Role, queues: tuple[str, ...], languages: tuple[str, ...], mail: str = ""
) -> str | None:
    password = secrets.token_urlsafe(12)
    agent = Agent(new_id(), name, role, queues, languages, active=True, mail=mail)
    hashed = PasswordHasher().hash(password)
    return password if parts.database.transact(lambda c: people.add(c, agent, hashed, now())) else None


def mail_key(raw: bytes) -> str:
    return key_of(raw)


def mail_lane(raw: bytes) -> str:
    return lane_of(raw, "")


def pipeline(parts: Parts, ring: Callable[[set[str]], None], least: int = 1) -> Pipeline:
    """least: how many receipts must wait before it takes any."""
    made = parts.ways.readers()
    return Pipeline(
        parts.database, parts.current_desk, made, DEFAULT, parts.voice, new_id, parts.holder, ring, least=least
    )


def outbox(parts: Parts) -> Outbox:
    def open_file(row: Mapping[str, Any]) -> bytes:
        return parts.vault.ring.unseal(row["id"], bytes(row["data_key"]), parts.vault.get(row["file"]))

    def token(row: Mapping[str, Any], code: str) -> str:
        if row["kind"] == NOTICE:  # what one of us answers is no word of the customer's
            return ""
        return thread_token(code, row["address"], parts.vault.ring.sign)

    def fill(row: Mapping[str, Any], text: str) -> str:
        return duty.filled(parts.desk, row["id"], text) if row["kind"] == NOTICE else text

    return Outbox(
        parts.database,
        parts.ways.sender,
        now,
        new_id,
        holder=parts.holder,
        settle=settle(parts),
        open_file=open_file,
        token=token,
        fill=fill,
    )


def settle(parts: Parts) -> Callable[[Connection, Mapping[str, Any], DeliveryState], None]:
    return lambda connection, row, state: outcome.settle(parts.current_desk(), connection, row, state)


def build_worker(path: Path) -> tuple[Callable[[], Outbox], str, str]:
    """For `python worker.py`: what to send with, where the bell is, its prefix."""
    parts = build(settings_file.load(path))
    parts.ways.refuse_weak()
    url = parts.settings.redis.url
    if not url:
        raise SettingsError("redis.url is empty, so `deskd run` sends by itself; set it to run workers of their own.")
    return lambda: outbox(parts), url, parts.settings.redis.prefix


def ring_due(parts: Parts, bell: Bell) -> None:
    """Rings for whatever is due now: after an act that may have queued something."""
    with parts.database.read() as connection:
        accounts = deliveries.due_accounts(connection, now())
    for account in accounts:
        bell.ring(account)


def web_app(parts: Parts, keeper: Keeper, ring: Callable[[], None]) -> Starlette:
    """The faces over HTTP. ring: has what is due sent at once."""
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
            chats=parts.ways.chats(),
            hooks=parts.ways.hooks(),
            brand=settings.desk.brand,
            public_url=settings.web.public_url,
            secure_cookies=settings.web.public_url.startswith("https:"),
            links=frozenset(settings.desk.links),
            ring=ring,
        )
    )
