"""What the composition root gives the faces, and their way to the database: one transaction a call, in a thread."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from argon2 import PasswordHasher
from sqlalchemy import Connection

from channels.chat.config import ChatAccount
from channels.form.config import FormConfig
from deskd.acts.acknowledge import Voice
from deskd.acts.desk import Desk
from deskd.domain.ports import Clock, Hook, Keep, Random
from deskd.store.database import Database
from ingest.masking.formats import DEFAULT, Formats

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Context:
    """public_url: scheme and host that browsers see, or "" for whatever the request names. links: hosts that an answer
    may lead to. secure_cookies: the pages are reached over TLS. ticket_wait_s: how long a form's answer waits for its
    ticket, in order to promise a time. ping_s: of silence in a chat, until it is told that we are there; proxies cut
    what is idle for a minute. ring: has what is due sent at once."""

    database: Database
    desk: Callable[[], Desk]
    keep: Keep
    voice: Voice
    clock: Clock
    random: Random
    ring: Callable[[], None]
    forms: Mapping[str, FormConfig]
    chats: Mapping[str, ChatAccount] = field(default_factory=dict)
    hooks: Mapping[tuple[str, str], Hook] = field(default_factory=dict)  # (channel, account) → who hears its provider
    formats: Formats = DEFAULT
    brand: str = "UPay"
    public_url: str = ""
    secure_cookies: bool = True
    links: frozenset[str] = frozenset()
    ticket_wait_s: float = 2.0
    ping_s: float = 20.0
    hasher: PasswordHasher = field(default_factory=PasswordHasher)

    async def read(self, unit: Callable[[Connection], T]) -> T:
        def run() -> T:
            with self.database.read() as connection:
                return unit(connection)

        return await asyncio.to_thread(run)

    async def write(self, unit: Callable[[Connection], T]) -> T:
        return await asyncio.to_thread(self.database.transact, unit)
