"""Limits that protect are rows: one for each thing that happened, counted over a span."""

from collections.abc import Collection

from sqlalchemy import Connection, delete, func, insert, select

from deskd.domain.ports import Micros
from deskd.store.tables import limits


def take(
    connection: Connection, row_id: str, kind: str, subject: bytes, now: Micros, *, span: Micros, at_most: int
) -> bool:
    """Counts one more, in the caller's transaction; False, and nothing counted, when the span holds `at_most`."""
    if connection.dialect.name == "postgresql":  # SQLite has one writer; here those of one subject wait for each other
        connection.execute(select(func.pg_advisory_xact_lock(int.from_bytes(subject[:8], "big", signed=True))))
    where = (limits.c.kind == kind, limits.c.subject == subject)
    connection.execute(delete(limits).where(*where, limits.c.at <= now - span))
    if (connection.scalar(select(func.count()).select_from(limits).where(*where)) or 0) >= at_most:
        return False
    connection.execute(insert(limits), [{"id": row_id, "kind": kind, "subject": subject, "at": now}])
    return True


def forgive(connection: Connection, kind: str, subject: bytes) -> None:
    connection.execute(delete(limits).where(limits.c.kind == kind, limits.c.subject == subject))


def counts(connection: Connection, kind: str, subjects: Collection[bytes], since: Micros) -> dict[bytes, int]:
    """How often each happened since then; a subject that is not there: never."""
    if not subjects:
        return {}
    found = (
        select(limits.c.subject, func.count())
        .where(limits.c.kind == kind, limits.c.subject.in_(list(subjects)), limits.c.at > since)
        .group_by(limits.c.subject)
    )
    return {bytes(subject): count for subject, count in connection.execute(found)}
