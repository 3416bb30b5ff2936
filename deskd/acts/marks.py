"""What a customer's own page says of our messages: that it has them, that they were read."""

from sqlalchemy import Connection

from deskd.acts.desk import Desk
from deskd.acts.matter import Matter, held_of
from deskd.acts.reported import reported
from deskd.acts.returned import Talk
from deskd.domain.ports import Reported
from deskd.domain.states import REPORT, Report
from deskd.store import clocks, conversations, threads, tickets
from deskd.store.conversations import Conversation
from deskd.store.plan import Plan, write


def mark(desk: Desk, connection: Connection, talk: Conversation, upto: int, report: Report) -> int:
    """Of the first `upto` lines of the conversation, those that are ours; how many had not been reported so.

    Forward only, and only of what stands in this very conversation. Lost: somebody else works on the ticket.
    """
    weaker = [known for known, later in REPORT.items() if report in later]
    found = conversations.unreported(connection, talk, upto, weaker)
    about = sorted(threads.tickets_of(connection, found, ()))
    sent, asked = threads.sent_in(connection, about), threads.asked_in(connection, about)
    paused = clocks.paused_at(connection, about)
    rows, now, plan = clocks.of_tickets(connection, about), desk.clock(), Plan()
    for ticket in tickets.by_ids(connection, about):
        held = dict(held_of(row) for row in rows if row["ticket_id"] == ticket.id)
        matter = Matter(ticket, held, read_at=ticket.events)
        about_it = Talk(sent[ticket.id], asked.get(ticket.id, ()), paused.get(ticket.id))
        for one in about_it.sent:
            if one.id in found:
                reported(desk, plan, matter, one, about_it, Reported("", report, one.id), now)
    write(connection, [plan])
    return len(found)
