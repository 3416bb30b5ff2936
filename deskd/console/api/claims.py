"""Claims: one agent at a time is with a customer."""

from deskd.acts import verbs
from deskd.console.api import answers
from deskd.console.api.on import On
from deskd.store import tickets


def taken_next(on: On) -> answers.Claimed:
    """The most urgent, and with it the customer's other open tickets of the agent's queues; none: nothing waits."""
    ids = [ticket.id for ticket in verbs.next_ticket(on.desk, on.connection, on.agent)]
    now = {ticket.id: ticket for ticket in tickets.by_ids(on.connection, ids)}
    return answers.Claimed(tickets=on.heads([now[one] for one in ids if on.agent.sees(now[one].queue)]))


def taken(on: On, code: str) -> answers.TicketHead:
    verbs.claim(on.desk, on.connection, on.agent, code)
    return on.head(code)


def released(on: On, code: str) -> answers.TicketHead:
    verbs.release(on.desk, on.connection, on.agent, code)
    return on.head(code)
