"""Versions of the routing rules; one of them is active."""

from sqlalchemy import Connection, RowMapping, func, insert, select, text, update

from deskd.domain.ports import Micros
from deskd.store.tables import rule_sets

_ACTIVE = select(rule_sets.c.version).where(text("active"))  # to the letter: the partial index says the same


def active(connection: Connection) -> RowMapping | None:
    return connection.execute(select(rule_sets).where(rule_sets.c.active)).mappings().first()


def active_version(connection: Connection) -> int | None:
    """Read every second in every process: out of an index that holds nothing else, never past the texts."""
    version: int | None = connection.scalar(_ACTIVE)
    return version


def text_of(connection: Connection, version: int) -> str | None:
    found: str | None = connection.scalar(select(rule_sets.c.text).where(rule_sets.c.version == version))
    return found


def by_hash(connection: Connection, digest: str) -> int | None:
    """The version with this content."""
    version: int | None = connection.scalar(select(rule_sets.c.version).where(rule_sets.c.hash == digest))
    return version


def add(connection: Connection, digest: str, written: str, *, author: str, at: Micros, active: bool) -> int:
    """A new version; its number is the next one."""
    version = int(connection.scalar(select(func.max(rule_sets.c.version))) or 0) + 1
    reason = "the first" if active else "a candidate"
    row = {"version": version, "hash": digest, "text": written, "author": author, "reason": reason}
    row |= {"created_at": at, "active": active, "activated_at": at if active else None}
    connection.execute(insert(rule_sets), [row])
    return version


def activate(connection: Connection, version: int, at: Micros) -> bool:
    """False when there is no such version; nothing changes then."""
    if connection.scalar(select(rule_sets.c.version).where(rule_sets.c.version == version)) is None:
        return False
    connection.execute(update(rule_sets).values(active=rule_sets.c.version == version))
    connection.execute(update(rule_sets).where(rule_sets.c.version == version).values(activated_at=at))
    return True


def once_active(connection: Connection) -> list[RowMapping]:
    """The active version, then those that were in force before it, the latest first."""
    found = select(rule_sets).where(rule_sets.c.activated_at.is_not(None))
    in_order = found.order_by(rule_sets.c.active.desc(), rule_sets.c.activated_at.desc(), rule_sets.c.version.desc())
    return list(connection.execute(in_order).mappings())


def listed(connection: Connection) -> list[RowMapping]:
    """The newest first."""
    return list(connection.execute(select(rule_sets).order_by(rule_sets.c.version.desc()).limit(100)).mappings())
