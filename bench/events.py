"""Events numbered and chained a second, and what the sequencer takes of a core at 5,000 a second.

    python bench/events.py [--events 20000]

Numbered at once in its own batches; then for four seconds 250 new events every 50 ms, as the daemon's sequencer sees
them. The share is this process's CPU; PostgreSQL's own is not in it. The baseline writes the same numbers and hashes by
the same statement with nothing read and nothing hashed.
"""

import argparse
import sys
import time
from itertools import count
from pathlib import Path

from ground import database_url, drawn, folder, kinds, said, stands_on

# isort: split
# What follows is found since ground has set the path.
from child import Child
from sqlalchemy import Connection, insert, select, text

from deskd import app
from deskd.app import Parts
from deskd.store import events, tables

GOAL, SHARE = 5_000.0, 0.20
EVERY, SECONDS = 0.05, 4.0
numbers = count(1000)


def written(parts: Parts, ticket: str, many: int) -> None:
    data = '{"category":"transfer","follows":null,"message":"0192f0c1d2e37abc8123456789abcdef","queue":"transfer"}'
    row = {"ticket_id": ticket, "kind": "ticket.opened", "at": app.now(), "by": "deskd", "data": data}
    rows = [row | {"id": app.new_id(), "n": next(numbers), "seq": None, "hash": None} for _ in range(many)]
    for start in range(0, many, events.BATCH):
        with parts.database.write() as connection:
            connection.execute(insert(tables.events), rows[start : start + events.BATCH])


def numbered(parts: Parts) -> int:
    def unit(connection: Connection) -> int:
        before = events.last(connection)
        return events.number(connection, before)[0] - before[0]

    return parts.database.transact(unit)


def at_once(parts: Parts, ticket: str, many: int) -> float:
    while numbered(parts):
        pass
    written(parts, ticket, many)
    begun = time.perf_counter()
    while numbered(parts):
        pass
    return many / (time.perf_counter() - begun)


def share(parts: Parts, ticket: str) -> float:
    """CPU seconds a second of the sequencer while 5,000 events a second are written."""
    cpu, begun, turns = 0.0, time.perf_counter(), round(SECONDS / EVERY)
    for turn in range(1, turns + 1):
        written(parts, ticket, int(GOAL * EVERY))
        before = time.process_time()
        numbered(parts)
        cpu += time.process_time() - before
        time.sleep(max(0.0, begun + turn * EVERY - time.perf_counter()))
    return cpu / (turns * EVERY)


def bare(parts: Parts, ticket: str, many: int) -> float:
    with parts.database.read() as connection:
        seq, _ = events.last(connection)
    written(parts, ticket, many)
    with parts.database.read() as connection:
        ids = list(connection.scalars(select(tables.events.c.id).where(tables.events.c.seq.is_(None))))
    begun = time.perf_counter()
    for start in range(0, len(ids), events.BATCH):
        some = ids[start : start + events.BATCH]
        values = [{"b_id": one, "b_seq": seq + start + n + 1, "b_hash": bytes(32)} for n, one in enumerate(some)]
        with parts.database.write() as connection:
            if parts.database.sqlite:
                statement = "UPDATE events SET seq = :b_seq, hash = :b_hash WHERE id = :b_id AND seq IS NULL"
                connection.execute(text(statement), values)
            else:
                names = {"ids": "b_id", "seqs": "b_seq", "hashes": "b_hash"}
                many_values = {k: [v[b] for v in values] for k, b in names.items()}
                connection.execute(events._NUMBER_POSTGRESQL, many_values)
    return many / (time.perf_counter() - begun)


def measured(kind: str, where: Path, many: int) -> bool:
    with database_url(kind) as url:
        parts = Child(where / kind, 25, url).build()
        drawn(parts, 20)
        with parts.database.read() as connection:
            ticket = str(connection.scalar(select(tables.tickets.c.id).limit(1)))
        got, took = at_once(parts, ticket, many), share(parts, ticket)
        floor = bare(parts, ticket, many)
        ok = said("events", got, "a second", GOAL, floor, "bare updates", stands_on(parts.database, where))
        print(f"  share of a core at {GOAL:,.0f} a second: {took:.1%} (goal {SHARE:.0%})")
        parts.database.close()
    return ok and took <= SHARE


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=20_000)
    given = parser.parse_args()
    with folder() as where:
        reached = [measured(kind, where, given.events) for kind in kinds()]
        return 0 if all(reached) else 1


if __name__ == "__main__":
    sys.exit(main())
