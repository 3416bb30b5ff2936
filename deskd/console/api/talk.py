"""What was said on a ticket, and what an agent says there."""

from sqlalchemy import Connection

from deskd.acts import verbs
from deskd.acts.seen import seen
from deskd.console.api import answers, from_rows
from deskd.console.api.asked import Note, PageQuery, Reply
from deskd.console.api.on import On
from deskd.console.api.paging import page
from deskd.console.api.problems import Problem
from deskd.console.ready import GAP
from deskd.domain.errors import Refused, Stale
from deskd.domain.states import TicketState
from deskd.domain.ticket import Ticket
from deskd.store import api_lists, views


def listed(on: On, code: str, query: PageQuery) -> answers.MessagePage:
    connection, ticket = on.connection, on.ticket(code)
    found, following = page(
        on.desk.vault.ring,
        f"messages of {ticket.id}",
        query,
        lambda at, limit: api_lists.of_messages(connection, ticket.id, int(at or "0"), limit),
        lambda row: str(row["n"]),
    )
    files, sent = views.files_of(connection, ticket.id), views.deliveries_of(connection, ticket.id)
    return answers.MessagePage(items=[from_rows.message(row, files, sent) for row in found], next=following)


def reply(on: On, code: str, asked: Reply) -> answers.Replied:
    """Raises Problem with the customer's newer message where the answer would have missed it."""
    ticket = on.ticket(code)
    if GAP in asked.text:
        raise Refused("A gap is left in this answer. Fill in each […], or take it out.")
    read = asked.read or seen(on.desk, on.connection, on.agent, code)
    then, links = TicketState(asked.then), on.context.links
    try:
        delivery = verbs.reply(
            on.desk,
            on.connection,
            on.agent,
            code,
            asked.text,
            then=then,
            read=read,
            links=links,
            declined=asked.declined,
        )
    except Stale as stale:
        newer = _newest(on.connection, ticket).model_dump(mode="json")
        raise Problem(409, "stale", str(stale), newer=newer) from stale
    return answers.Replied(delivery=delivery, ticket=on.head(code))


def note(on: On, code: str, asked: Note) -> answers.TicketHead:
    verbs.note(on.desk, on.connection, on.agent, code, asked.text)
    return on.head(code)


def _newest(connection: Connection, ticket: Ticket) -> answers.Message:
    row = api_lists.message(connection, ticket.last_in_id or "")
    if row is None:
        raise Refused("The customer wrote again; read the ticket first.")
    return from_rows.message(row, views.files_of(connection, ticket.id), {})
