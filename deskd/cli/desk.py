"""The desk of a settings file, opened for one command; and what a person does there, in one transaction."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from deskd import app
from deskd.domain import code as public_code
from deskd.domain.errors import Denied, DeskError, NotFound
from deskd.domain.ticket import Agent, Ticket
from deskd.outbox.bell import Bell
from deskd.outbox.valkey import EmbeddedValkey
from deskd.store import people, tickets

T = TypeVar("T")
Unit = Callable[[app.Parts, Connection, Agent], T]


@contextmanager
def opened(path: Path) -> Iterator[app.Parts]:
    parts = app.build(app.prepare(path))
    try:
        yield parts
    finally:
        parts.database.close()


def look(path: Path, name: str, unit: Unit[T]) -> T:
    """What a person may see; nothing is changed."""
    with opened(path) as parts, parts.database.read() as connection:
        return unit(parts, connection, agent(connection, name))


def act(path: Path, name: str, unit: Unit[T]) -> T:
    """One act of a person. What it made due is rung for when it is committed."""
    with opened(path) as parts:
        with parts.database.write() as connection:
            done = unit(parts, connection, agent(connection, name))
        ring(parts)
        return done


def on_ticket(path: Path, name: str, code: str, unit: Unit[object]) -> Ticket:
    """One act of a person on a ticket; the ticket as it is then, also where the person sees it no more."""

    def whole(parts: app.Parts, connection: Connection, who: Agent) -> Ticket:
        unit(parts, connection, who)
        ticket = tickets.by_code(connection, public_code.read(code) or "")
        if ticket is None:
            raise NotFound(f"There is no ticket {code}.")
        return ticket

    return act(path, name, whole)


def agent(connection: Connection, name: str) -> Agent:
    found = people.named(connection, name)
    if found is None:
        raise DeskError(f'There is no agent "{name}". `deskd agents list` shows who there is; --as names who acts.')
    if not found.active:
        raise Denied(f'"{name}" is switched off and can do nothing here. Act --as somebody else.')
    return found


def ring(parts: app.Parts) -> None:
    """Has what is due sent at once, where the bell can be reached; else the sweeper does so within ten seconds."""
    settings = parts.settings
    url = settings.redis.url or EmbeddedValkey(settings.data / "valkey").url
    if url.startswith("unix://") and not Path(url.removeprefix("unix://")).exists():
        return  # no daemon runs on this folder
    bell = Bell(url, settings.redis.prefix)
    try:
        app.ring_due(parts, bell)
    finally:
        bell.close()
