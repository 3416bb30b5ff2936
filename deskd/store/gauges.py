"""What the metrics say, counted from the rows themselves: true after a restart, on every machine, in any process."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, case, func, literal_column, select, text

from deskd.domain.ports import Micros
from deskd.store.tables import clocks, decisions, deliveries, events, messages, receipts, tickets


@dataclass(frozen=True, slots=True)
class Waits:
    """What a step has before it: how many, and since when the oldest of them waits."""

    count: int
    since: Micros | None


def received(connection: Connection) -> dict[tuple[str, str], int]:
    """Receipts that were ever kept, by channel and state: kept, done, parked, dismissed."""
    found = select(receipts.c.channel, receipts.c.state, func.count()).group_by(receipts.c.channel, receipts.c.state)
    return {(channel, state): n for channel, state, n in connection.execute(found)}


def routed(connection: Connection) -> dict[str, int]:
    """Decisions ever made, by the category they chose."""
    return _by(connection, select(decisions.c.category, func.count()).group_by(decisions.c.category))


def ticketed(connection: Connection) -> dict[tuple[str, str], int]:
    """Tickets ever opened, by the channel they came by and what they are now: a category, or spam."""
    now = case((tickets.c.spam, literal_column("'spam'")), else_=tickets.c.category)
    found = select(tickets.c.channel, now, func.count()).group_by(tickets.c.channel, now)
    return {(channel, category): n for channel, category, n in connection.execute(found)}


def said(connection: Connection) -> dict[str, int]:
    return _by(connection, select(messages.c.direction, func.count()).group_by(messages.c.direction))


def turning(connection: Connection) -> dict[tuple[str, str], int]:
    """Clocks by kind and state: running, paused, met, cancelled."""
    found = select(clocks.c.kind, clocks.c.state, func.count()).group_by(clocks.c.kind, clocks.c.state)
    return {(kind, state): n for kind, state, n in connection.execute(found)}


def breached(connection: Connection) -> dict[str, int]:
    """Promises whose deadline passed before they were met, by kind; a clock may have kept several."""
    count = func.sum(clocks.c.missed + case((clocks.c.breached_at.is_not(None), 1), else_=0))
    return _by(connection, select(clocks.c.kind, count).group_by(clocks.c.kind))


def waits(connection: Connection, now: Micros) -> dict[str, Waits]:
    """By step: what it could do now and has not. Each where is, to the letter, that of a partial index."""
    look: dict[str, tuple[Any, Any]] = {
        "pipeline": (receipts.c.received_at, text("receipts.state = 'kept'")),
        "sequencer": (events.c.at, text("events.seq IS NULL")),
        "clocks": (clocks.c.next_at, clocks.c.next_at <= now),
        "outbox": (deliveries.c.due_at, and_(text("deliveries.state = 'queued'"), deliveries.c.due_at <= now)),
        "sweeper": (
            deliveries.c.lease_until,
            and_(text("deliveries.state IN ('leased', 'wire')"), deliveries.c.lease_until <= now),
        ),
    }
    found = {}
    for step, (since, where) in look.items():
        count, oldest = connection.execute(select(func.count(), func.min(since)).where(where)).one()
        found[step] = Waits(int(count), oldest)
    return found


def _by(connection: Connection, found: Select[Any]) -> dict[str, int]:
    return {str(key): int(n) for key, n in connection.execute(found)}
