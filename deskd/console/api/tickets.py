"""Tickets: the list, one whole, opened by hand, corrected, assigned, moved."""

from functools import partial

from deskd.acts import verbs
from deskd.console.api import answers, from_rows
from deskd.console.api.asked import Assignment, Correction, Move, NewTicket, TicketQuery
from deskd.console.api.on import On
from deskd.console.api.paging import page
from deskd.domain import code as public_code
from deskd.domain.errors import Refused
from deskd.domain.states import TicketState
from deskd.store import api_lists, clocks, obligations, people, views
from deskd.store import tickets as rows


def listed(on: On, query: TicketQuery) -> answers.TicketPage:
    who = people.named(on.connection, query.agent) if query.agent else None
    if query.agent and who is None:
        return answers.TicketPage(items=[], next=None)
    wanted = api_lists.Wanted(
        tuple(query.state),
        tuple(query.queue),
        tuple(query.category),
        tuple(priority.rank for priority in query.priority),
        who.id if who else "",
        spam=query.spam,
    )
    behind = partial(api_lists.of_tickets, on.connection, on.agent, wanted)
    found, following = page(on.desk.vault.ring, "tickets", query, behind, lambda ticket: ticket.id)
    return answers.TicketPage(items=on.heads(list(found)), next=following)


def shown(on: On, code: str) -> answers.TicketWhole:
    connection, ticket = on.connection, on.ticket(code)
    [who] = rows.identities_by_id(connection, [ticket.identity_id])
    followed = rows.by_ids(connection, [ticket.linked_id] if ticket.linked_id else [])
    return answers.TicketWhole(
        ticket=on.heads([ticket])[0],
        sender=from_rows.sender(who),
        holder=people.holder(connection, ticket.customer_id, on.now),
        follows=public_code.shown(followed[0].code) if followed and on.agent.sees(followed[0].queue) else None,
        spam_why=views.spam_why(connection, ticket.id) if ticket.spam else "",
        no_acknowledgement_why=ticket.ack,
        reasons=[
            answers.Reason(rule=r["rule"], en=r["en"], zh=r["zh"], matched=r.get("matched", ""))
            for decision in views.standing_decisions(connection, ticket.id)
            for r in decision["reasons"]
        ],
        facts=[answers.Fact(kind=fact.kind, short=fact.short) for fact in views.facts_of(connection, ticket.id)],
        clocks=[
            answers.Clock(
                kind=row["kind"],
                state=row["state"],
                due=from_rows.maybe(row["due_at"]),
                breached=from_rows.maybe(row["breached_at"]),
                met=from_rows.maybe(row["met_at"]),
            )
            for row in sorted(clocks.of_tickets(connection, [ticket.id]), key=lambda row: str(row["kind"]))
        ],
        feedback=from_rows.owed(obligations.of_ticket(connection, ticket.id)),
    )


def opened(on: On, asked: NewTicket) -> answers.TicketHead:
    made = verbs.open_by_hand(on.desk, on.connection, on.agent, asked.address, asked.text, asked.reason)
    return on.heads([made])[0]


def corrected(on: On, code: str, asked: Correction) -> answers.TicketHead:
    if not asked.why.strip():
        raise Refused("Say why it was wrong: the rules learn from it.")
    verbs.correct(on.desk, on.connection, on.agent, code, field=asked.field, new=asked.new, why=asked.why)
    return on.head(code)


def assigned(on: On, code: str, asked: Assignment) -> answers.TicketHead:
    verbs.assign(on.desk, on.connection, on.agent, code, asked.to or "")
    return on.head(code)


def moved(on: On, code: str, asked: Move) -> answers.TicketHead:
    verbs.move(on.desk, on.connection, on.agent, code, TicketState(asked.state))
    return on.head(code)
