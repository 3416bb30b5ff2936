"""Bearer tokens of the API: rows by digest. The token itself is never stored."""

from collections.abc import Collection

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from deskd.domain.ports import Micros
from deskd.store.tables import agents, api_tokens


def add(
    connection: Connection,
    handle: str,
    digest: bytes,
    agent_id: str,
    scopes: Collection[str],
    *,
    at: Micros,
    until: Micros,
) -> None:
    row = {"handle": handle, "digest": digest, "agent_id": agent_id, "scopes": list(scopes)}
    connection.execute(insert(api_tokens), [row | {"created_at": at, "expires_at": until, "used_at": None}])


def live(connection: Connection, digest: bytes, now: Micros) -> RowMapping | None:
    """The agent's row with `handle`, `scopes` and `used_at`, if the token is not over and the agent is active."""
    found = (
        select(agents, api_tokens.c.handle, api_tokens.c.scopes, api_tokens.c.used_at)
        .join(api_tokens, api_tokens.c.agent_id == agents.c.id)
        .where(api_tokens.c.digest == digest, api_tokens.c.expires_at > now, agents.c.active)
    )
    return connection.execute(found).mappings().first()


def used(connection: Connection, handle: str, now: Micros) -> None:
    connection.execute(update(api_tokens).where(api_tokens.c.handle == handle).values(used_at=now))


def listed(connection: Connection) -> list[RowMapping]:
    """The eldest first, each with the `name` of its agent; also those that are over."""
    found = select(api_tokens, agents.c.name).join(agents, agents.c.id == api_tokens.c.agent_id)
    return list(connection.execute(found.order_by(api_tokens.c.created_at, api_tokens.c.handle)).mappings())


def revoke(connection: Connection, handle: str) -> bool:
    """False when there is none of this name."""
    return connection.execute(delete(api_tokens).where(api_tokens.c.handle == handle)).rowcount == 1
