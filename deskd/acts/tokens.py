"""Bearer tokens of the API. A token is made for an agent, shown once, and kept as its SHA-256.

`deskd_` says what it is to those who search for leaked ones; then its handle, by which it is listed and revoked, and
256 random bits.
"""

import base64
import hashlib
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection

from deskd.acts.desk import Desk
from deskd.domain.errors import NotFound, Refused
from deskd.domain.ports import DAY, HOUR, Micros
from deskd.domain.ticket import Agent
from deskd.domain.words import Scope
from deskd.store import api_tokens, people

PREFIX = "deskd_"
DAYS, MOST_DAYS = 90, 366
SEEN_EVERY: Micros = HOUR  # a request is not a write, but once an hour


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who asks: as which agent, within which scopes."""

    agent: Agent
    scopes: frozenset[str]


def issue(desk: Desk, connection: Connection, name: str, scopes: Collection[Scope], days: int = DAYS) -> str:
    """A new token of the agent. Raises NotFound for nobody, Refused without a scope or for more than a year."""
    agent, now = people.named(connection, name), desk.clock()
    if agent is None or not agent.active:
        raise NotFound(f'There is no active agent "{name}". `deskd agents list` shows who there is.')
    if not scopes:
        raise Refused(f"Say with --scope what the token is for: {', '.join(Scope)}.")
    if not 1 <= days <= MOST_DAYS:
        raise Refused(f"A token lives 1 to {MOST_DAYS} days.")
    handle = base64.b32encode(desk.random(5)).decode().lower()
    token = f"{PREFIX}{handle}_{base64.urlsafe_b64encode(desk.random(32)).rstrip(b'=').decode()}"
    wanted = [scope for scope in Scope if scope in scopes]
    api_tokens.add(connection, handle, _digest(token), agent.id, wanted, at=now, until=now + days * DAY)
    return token


def bearer(connection: Connection, token: str, now: Micros) -> tuple[Bearer, str] | None:
    """Who holds this token, and its handle where its use is to be noted, else ""."""
    row = api_tokens.live(connection, _digest(token), now)
    if row is None:
        return None
    fresh = row["used_at"] is not None and row["used_at"] > now - SEEN_EVERY
    return Bearer(people.agent_of(row), frozenset(row["scopes"])), "" if fresh else row["handle"]


def handle_of(token: str) -> str:
    return token.removeprefix(PREFIX).partition("_")[0]


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
