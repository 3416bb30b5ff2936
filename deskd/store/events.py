"""Events, their gapless number and their chain.

A transaction that commits late must not be overtaken by a number drawn early: so the number is given after the commit,
by one leased sequencer, to whatever has none. hash = SHA-256(previous hash, canonical row).
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select, text, update

from deskd.store.tables import events

BATCH = 1000  # events a transaction
GENESIS = bytes(32)

_NUMBER = (
    update(events)
    .where(events.c.id == bindparam("b_id"), events.c.seq.is_(None))
    .values(seq=bindparam("b_seq"), hash=bindparam("b_hash"))
)
_NUMBER_POSTGRESQL = text(
    "UPDATE events SET seq = v.seq, hash = v.hash"
    " FROM unnest(CAST(:ids AS text[]), CAST(:seqs AS bigint[]), CAST(:hashes AS bytea[])) AS v(id, seq, hash)"
    " WHERE events.id = v.id AND events.seq IS NULL"
)
_WAITING = (
    select(events.c.id, events.c.ticket_id, events.c.n, events.c.kind, events.c.at, events.c.by, events.c.data)
    .where(events.c.seq.is_(None))
    .order_by(events.c.id)
    .limit(BATCH)
)
_LAST = select(events.c.seq, events.c.hash).where(events.c.seq.is_not(None)).order_by(events.c.seq.desc()).limit(1)


def canonical(row: Sequence[Any]) -> bytes:
    """(id, ticket_id, n, kind, at, by, data) as the bytes that are hashed."""
    return json.dumps(list(row), ensure_ascii=False, separators=(",", ":")).encode()


def last(connection: Connection) -> tuple[int, bytes]:
    row = connection.execute(_LAST).first()
    return (row.seq, bytes(row.hash)) if row else (0, GENESIS)


def number(connection: Connection, since: tuple[int, bytes]) -> tuple[int, bytes]:
    """Numbers what is committed and has no number yet, oldest id first; returns the last (seq, hash)."""
    seq, previous = since
    rows = connection.execute(_WAITING).all()
    values = []
    for row in rows:
        seq += 1
        previous = hashlib.sha256(previous + canonical(row)).digest()
        values.append({"b_id": row.id, "b_seq": seq, "b_hash": previous})
    if not values:
        return since
    if connection.dialect.name == "postgresql":
        many = {"ids": "b_id", "seqs": "b_seq", "hashes": "b_hash"}
        connection.execute(_NUMBER_POSTGRESQL, {name: [v[key] for v in values] for name, key in many.items()})
    else:
        connection.execute(_NUMBER, values)
    return seq, previous


def feed(connection: Connection, after: int, limit: int = BATCH) -> list[dict[str, Any]]:
    """Numbered events behind `after`, in order: what the console, exports and audit read by."""
    found = select(events).where(events.c.seq > after).order_by(events.c.seq).limit(limit)
    return [dict(row) for row in connection.execute(found).mappings()]


def of_ticket(connection: Connection, ticket_id: str) -> list[dict[str, Any]]:
    found = select(events).where(events.c.ticket_id == ticket_id).order_by(events.c.n)
    return [dict(row) for row in connection.execute(found).mappings()]


def verify(connection: Connection) -> int | None:
    """None if the chain is whole; else the first seq whose hash or number is not what it must be."""
    expected, previous = 0, GENESIS
    while rows := feed(connection, expected):
        for row in rows:
            expected += 1
            fields = [row[name] for name in ("id", "ticket_id", "n", "kind", "at", "by", "data")]
            previous = hashlib.sha256(previous + canonical(fields)).digest()
            if row["seq"] != expected or bytes(row["hash"]) != previous:
                return expected
    return None
