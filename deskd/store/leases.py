"""Leases: rows (name, holder, fence, until). On PostgreSQL by the database's clock, so that machines need not agree.

A holder stops by itself at two thirds of the time it was given; the fence grows with each new holder.
"""

from collections.abc import Collection, Mapping

from sqlalchemy import BigInteger, ColumnElement, Connection, cast, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from deskd.domain.ports import Micros
from deskd.store.tables import deliveries, leases


def now_of(connection: Connection, now: Micros) -> ColumnElement[int]:
    """The time that leases go by: the database's own on PostgreSQL, the caller's on SQLite (one machine)."""
    if connection.dialect.name == "postgresql":
        return cast(func.extract("epoch", func.clock_timestamp()) * 1_000_000, BigInteger)
    return literal(now, BigInteger)


def take(connection: Connection, name: str, holder: str, now: Micros, length: Micros) -> int | None:
    """The fence, if the lease is free, ran out, or is ours already; else None."""
    return take_all(connection, [name], holder, now, length).get(name)


def take_all(
    connection: Connection, names: Collection[str], holder: str, now: Micros, length: Micros
) -> dict[str, int]:
    """The fences of those leases that are free, ran out, or are ours already. Two statements, however many names."""
    here = now_of(connection, now)
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    rows = [{"name": name, "holder": holder, "fence": 1, "until": here + length} for name in sorted(set(names))]
    if not rows:
        return {}
    claim = (
        insert(leases)
        .values(rows)
        .on_conflict_do_update(
            index_elements=[leases.c.name],
            set_={"holder": holder, "fence": leases.c.fence + 1, "until": here + length},
            where=leases.c.until <= here,
        )
        .returning(leases.c.name, leases.c.fence)
    )
    fences = {row.name: row.fence for row in connection.execute(claim)}
    ours = [row["name"] for row in rows if row["name"] not in fences]
    if ours:
        renew = (
            update(leases)
            .where(leases.c.name.in_(ours), leases.c.holder == holder)
            .values(until=here + length)
            .returning(leases.c.name, leases.c.fence)
        )
        fences |= {row.name: row.fence for row in connection.execute(renew)}
    return fences


def held(connection: Connection, name: str, holder: str, fence: int, now: Micros) -> bool:
    """Whether this holder still holds it under this fence; asked inside the transaction that relies on it."""
    return held_all(connection, {name: fence}, holder, now)


def held_all(connection: Connection, fences: Mapping[str, int], holder: str, now: Micros) -> bool:
    """Whether this holder still holds every one of these names under its fence."""
    found = (
        select(leases.c.name, leases.c.fence)
        .where(leases.c.name.in_(sorted(fences)), leases.c.holder == holder, leases.c.until > now_of(connection, now))
        .order_by(leases.c.name)
    )
    rows = connection.execute(found.with_for_update() if connection.dialect.name == "postgresql" else found)
    return {row.name: row.fence for row in rows} == dict(fences)


def others(connection: Connection, names: Collection[str], holder: str, now: Micros) -> set[str]:
    """Those of the names that somebody else holds now. A look only: `take_all` decides."""
    found = select(leases.c.name).where(
        leases.c.name.in_(sorted(names)), leases.c.holder != holder, leases.c.until > now_of(connection, now)
    )
    return set(connection.scalars(found))


def release(connection: Connection, names: Collection[str], holder: str) -> None:
    """Ends them at once; the fences stay, so that an old holder is still known as old."""
    if names:
        mine = leases.c.name.in_(sorted(names)), leases.c.holder == holder
        connection.execute(update(leases).where(*mine).values(until=0))


def forget(connection: Connection, holder: str) -> None:
    """Ends all leases of a holder that stops or is known to be gone, those of deliveries too; the fences stay."""
    _end(connection, leases.c.holder == holder, deliveries.c.holder == holder)


def forget_all(connection: Connection, beginning: str) -> None:
    """The same of every holder whose name begins so: at the start of a daemon, of the one before it."""
    _end(
        connection,
        leases.c.holder.startswith(beginning, autoescape=True),
        deliveries.c.holder.startswith(beginning, autoescape=True),
    )


def _end(connection: Connection, ours: ColumnElement[bool], sending: ColumnElement[bool]) -> None:
    connection.execute(update(leases).where(ours).values(until=0))
    under_way = deliveries.c.state.in_(["leased", "wire"])
    connection.execute(update(deliveries).where(under_way, sending).values(lease_until=0))
