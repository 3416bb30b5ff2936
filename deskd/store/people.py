"""Agents, their sessions, and their claims on customers."""

from sqlalchemy import Connection, RowMapping, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from deskd.domain.ports import Micros
from deskd.domain.ticket import Agent
from deskd.store.tables import agents, api_tokens, claims, sessions


def agent_of(row: RowMapping) -> Agent:
    queues, languages = tuple(row["queues"]), tuple(row["languages"])
    return Agent(row["id"], row["name"], row["role"], queues, languages, bool(row["active"]), row["mail"])


def add(connection: Connection, agent: Agent, password: str, at: Micros) -> bool:
    """False when the name is taken."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    row = {
        "id": agent.id,
        "name": agent.name,
        "role": agent.role,
        "queues": list(agent.queues),
        "languages": list(agent.languages),
        "password": password,
        "active": agent.active,
        "created_at": at,
        "mail": agent.mail,
    }
    claim = make(agents).values(row).on_conflict_do_nothing(index_elements=[agents.c.name])
    return connection.scalar(claim.returning(agents.c.id)) is not None  # psycopg counts no rows of such an insert


def named(connection: Connection, name: str) -> Agent | None:
    row = connection.execute(select(agents).where(agents.c.name == name)).mappings().first()
    return agent_of(row) if row else None


def by_id(connection: Connection, agent_id: str) -> Agent | None:
    row = connection.execute(select(agents).where(agents.c.id == agent_id)).mappings().first()
    return agent_of(row) if row else None


def password_of(connection: Connection, name: str) -> str:
    """The argon2id hash, or "" for nobody."""
    return str(connection.scalar(select(agents.c.password).where(agents.c.name == name, agents.c.active)) or "")


def everybody(connection: Connection) -> list[Agent]:
    return [agent_of(row) for row in connection.execute(select(agents).order_by(agents.c.name)).mappings()]


def switch_off(connection: Connection, name: str) -> bool:
    """Ends the log-ins, the tokens and the claims of the person as well."""
    found = named(connection, name)
    if found is None:
        return False
    connection.execute(update(agents).where(agents.c.id == found.id).values(active=False))
    connection.execute(delete(sessions).where(sessions.c.agent_id == found.id))
    connection.execute(delete(api_tokens).where(api_tokens.c.agent_id == found.id))
    connection.execute(delete(claims).where(claims.c.agent_id == found.id))
    return True


def set_password(connection: Connection, name: str, password: str) -> bool:
    """The hash of a new one; whoever logged in with the old one is out. False when there is no such active agent."""
    mine = (agents.c.name == name, agents.c.active)
    found: str | None = connection.scalar(update(agents).where(*mine).values(password=password).returning(agents.c.id))
    if found is None:
        return False
    connection.execute(delete(sessions).where(sessions.c.agent_id == found))
    return True


def set_mail(connection: Connection, name: str, mail: str) -> bool:
    """Where the person's notices go; "" for nowhere. False when there is no such active agent."""
    mine = (agents.c.name == name, agents.c.active)
    return connection.scalar(update(agents).where(*mine).values(mail=mail).returning(agents.c.id)) is not None


def claim(connection: Connection, customer_id: str, agent_id: str, ticket_id: str, now: Micros, until: Micros) -> bool:
    """True when the agent holds the customer now: it was free, ran out, or was theirs. One statement, no race."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    row = {"customer_id": customer_id, "agent_id": agent_id, "ticket_id": ticket_id, "until": until}
    statement = (
        make(claims)
        .values(row)
        .on_conflict_do_update(
            index_elements=[claims.c.customer_id],
            set_={"agent_id": agent_id, "ticket_id": ticket_id, "until": until},
            where=(claims.c.until <= now) | (claims.c.agent_id == agent_id),
        )
        .returning(claims.c.agent_id)
    )
    return connection.scalar(statement) is not None


def holder(connection: Connection, customer_id: str, now: Micros) -> str | None:
    """The name of the agent who holds the customer."""
    found = (
        select(agents.c.name)
        .join(claims, claims.c.agent_id == agents.c.id)
        .where(claims.c.customer_id == customer_id, claims.c.until > now)
    )
    name: str | None = connection.scalar(found)
    return name


def claimed_until(connection: Connection, customer_id: str, agent_id: str, now: Micros) -> Micros | None:
    """When this agent's claim on the customer ends; None when it has."""
    until: Micros | None = connection.scalar(
        select(claims.c.until).where(
            claims.c.customer_id == customer_id, claims.c.agent_id == agent_id, claims.c.until > now
        )
    )
    return until


def claimed_by(connection: Connection, customer_id: str, now: Micros) -> str | None:
    """The id of the agent who holds the customer."""
    found: str | None = connection.scalar(
        select(claims.c.agent_id).where(claims.c.customer_id == customer_id, claims.c.until > now)
    )
    return found


def let_go(connection: Connection, customer_id: str, agent_id: str) -> bool:
    """False when the agent does not hold the customer any more."""
    gone = connection.execute(delete(claims).where(claims.c.customer_id == customer_id, claims.c.agent_id == agent_id))
    return gone.rowcount == 1


def open_session(connection: Connection, digest: bytes, agent_id: str, csrf: str, now: Micros) -> None:
    row = {"digest": digest, "agent_id": agent_id, "csrf": csrf, "created_at": now, "seen_at": now}
    connection.execute(insert(sessions), [row])


def session(connection: Connection, digest: bytes, idle: Micros, absolute: Micros, now: Micros) -> RowMapping | None:
    """The agent's row with `csrf`, if the session is neither idle nor old and the agent is active."""
    found = (
        select(agents, sessions.c.csrf, sessions.c.seen_at)
        .join(sessions, sessions.c.agent_id == agents.c.id)
        .where(
            sessions.c.digest == digest,
            agents.c.active,
            sessions.c.seen_at > now - idle,
            sessions.c.created_at > now - absolute,
        )
    )
    return connection.execute(found).mappings().first()


def seen(connection: Connection, digest: bytes, now: Micros) -> None:
    connection.execute(update(sessions).where(sessions.c.digest == digest).values(seen_at=now))


def close_session(connection: Connection, digest: bytes) -> None:
    connection.execute(delete(sessions).where(sessions.c.digest == digest))
