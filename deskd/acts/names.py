"""The names that a correction may use: those that exist in the house at this moment."""

from sqlalchemy import Connection

from deskd.acts.desk import Desk
from deskd.domain.errors import Refused
from deskd.domain.ticket import Ticket
from deskd.domain.words import Category, Priority
from deskd.store import people

CORRECTABLE = ("category", "topic", "queue", "priority")


def exists(desk: Desk, connection: Connection, ticket: Ticket, field: str, name: str) -> None:
    """Refused with the names that there are. A topic is one of the ticket's category."""
    if field not in CORRECTABLE:
        raise Refused(f"{field} can't be set; what can be is {', '.join(CORRECTABLE)}.")
    known = _known(desk, connection, ticket, field)
    if name not in known:
        where = f" of {ticket.category}" if field == "topic" else ""
        raise Refused(f'"{name}" is no {field}{where}; it is one of {", ".join(known)}.')


def topics(desk: Desk, category: Category) -> set[str]:
    """Those that the rules in force can give a ticket of this category."""
    then = [rule.then for rule in desk.rules.rules]
    also = [matter.partition("/") for one in then for matter in one.also]
    named = {one.topic for one in then if one.category is category and one.topic}
    return named | {topic for of, _, topic in also if of == category}


def queues(desk: Desk, connection: Connection) -> set[str]:
    """Those that the rules in force send to, and those that somebody at work serves by name."""
    ruled = {rule.then.queue for rule in desk.rules.rules if rule.then.queue}
    return ruled | {queue for agent in people.everybody(connection) if agent.active for queue in agent.queues}


def _known(desk: Desk, connection: Connection, ticket: Ticket, field: str) -> list[str]:
    if field == "category":
        return [*Category]
    if field == "priority":
        return [*Priority]
    return sorted(topics(desk, ticket.category) if field == "topic" else queues(desk, connection))
