"""What a person does with a ticket. Every verb: find, may they?, change, event; all in the transaction it is given.

A ticket that the person may not see and one that does not exist are the same refusal.
"""

from typing import Any

from sqlalchemy import Connection

from deskd.acts import feedback, names, next_response
from deskd.acts.customers import new_customer, reached
from deskd.acts.desk import BY_HAND, Desk
from deskd.acts.guard import guard
from deskd.acts.intake import FROM_THE_START, Said, open_ticket
from deskd.acts.matter import Matter, held_of
from deskd.acts.moves import FINAL, move_to, why_set
from deskd.acts.post import post
from deskd.acts.returned import LEFT, arrived
from deskd.acts.rights import CLAIM, OVERRIDES, hold, present, respect, taken
from deskd.domain import code as public_code
from deskd.domain.errors import NotFound, Refused, Stale
from deskd.domain.ports import Micros
from deskd.domain.states import TICKET, ClockState, DeliveryState, TicketState, step
from deskd.domain.ticket import Agent, Ticket
from deskd.domain.words import Category, ClockKind, Level, Priority
from deskd.store import clocks as clock_rows
from deskd.store import obligations, people, tables, threads, tickets
from deskd.store.plan import Plan, write
from router.language import language
from sla import clocks

UNDER_WAY = LEFT - {DeliveryState.ACCEPTED} | {DeliveryState.QUEUED, DeliveryState.LEASED}


def find(connection: Connection, agent: Agent, code: str) -> Matter:
    """The ticket of a code, as typed, with its clocks."""
    read = public_code.read(code)
    ticket = tickets.by_code(connection, read) if read else None
    if ticket is None or not agent.sees(ticket.queue):
        raise NotFound(f"There is no ticket {code} that you may see. Check the code: it has 8 characters.")
    held = dict(held_of(row) for row in clock_rows.of_tickets(connection, [ticket.id]))
    return Matter(ticket, held, read_at=ticket.events)


def next_ticket(desk: Desk, connection: Connection, agent: Agent) -> list[Ticket]:
    """The most urgent open ticket, claimed, and with it the customer's other open tickets; [] when there is none."""
    agent, now = present(connection, agent), desk.clock()
    for ticket in tickets.listed(connection, tickets.queued(agent.queues, now, agent.id, limit=20)):
        if people.claim(connection, ticket.customer_id, agent.id, ticket.id, now, now + CLAIM):
            _took(desk, connection, agent, ticket)
            return [ticket, *_others(connection, ticket)]
    return []


def claim(desk: Desk, connection: Connection, agent: Agent, code: str) -> Ticket:
    """Takes the customer of this ticket; refused with the name of whoever holds them."""
    agent, matter, now = _enter(desk, connection, agent, code)
    hold(connection, agent, matter.ticket, now)
    return matter.ticket


def release(desk: Desk, connection: Connection, agent: Agent, code: str) -> None:
    """Lets the customer go; a supervisor also takes them from a colleague."""
    agent, matter, now = _enter(desk, connection, agent, code)
    customer = matter.ticket.customer_id
    holder = people.claimed_by(connection, customer, now)
    if holder not in {None, agent.id} and agent.role not in OVERRIDES:
        raise taken(people.holder(connection, customer, now))
    if holder is None or not people.let_go(connection, customer, holder):
        raise Refused("Nobody holds this customer.")
    matter.event(desk, "claim.released", agent.name, now, of=holder)
    _write(connection, Plan(), matter)


def reply(
    desk: Desk,
    connection: Connection,
    agent: Agent,
    code: str,
    text: str,
    *,
    then: TicketState = TicketState.WAITING,
    read: str | None = None,
    links: frozenset[str] = frozenset(),
    declined: str = "",
) -> str:
    """Queues a person's answer and says what follows. `read`: the customer's last message that the writer saw.

    To feedback that is owed an answer `then` resolved means: when this has arrived (deskd/acts/feedback.py).
    `declined`: the reason why a wish is not fulfilled; only of feedback, and it resolves.

    Refused: while another agent holds the customer, on words that the guard stops, on a message not yet read, to a
    customer without an address. Returns the delivery's id.
    """
    agent, matter, now = _enter(desk, connection, agent, code)
    ticket = matter.ticket
    if not text.strip():
        raise Refused("The answer is empty. Write what the customer is to read.")
    if objections := guard(text, links):
        raise Refused(f"This answer is not sent: {objections[0].sentence_en}")
    if desk.cover(text) != text:
        raise Refused(
            "This answer is not sent: it holds a card number, code, password or key. Take it out of the text."
        )
    if ticket.state is TicketState.CLOSED:
        raise Refused("The ticket is closed for good. Open a new one for this customer.")
    hold(connection, agent, ticket, now)
    if read is not None and ticket.last_in_id not in {None, read}:
        raise Stale("The customer wrote again after what you read; read it first.", _last_words(connection, ticket))
    [who] = tickets.identities_by_id(connection, [ticket.identity_id])
    if not who.address:
        raise Refused("The customer left no address to write to: no answer can be sent.")
    plan, owed = Plan(), obligations.of_ticket(connection, ticket.id)
    subject = ticket.subject or public_code.shown(ticket.code)
    delivery = post(desk, plan, matter, who, text, author=agent.name, kind="reply", subject=subject, at=now)
    matter.change(last_out_at=now)
    if declined and (owed is None or not owed.owed):
        raise Refused("Only feedback that is owed an answer is declined.")
    if owed is not None and owed.owed and (declined or then is TicketState.RESOLVED):
        feedback.decide(desk, plan, matter, owed, delivery, agent.name, desk.cover(declined), now)
    else:
        move_to(desk, matter, then, agent.name, now)
    matter.event(desk, "reply.queued", agent.name, now, delivery=delivery, then=str(then))
    _write(connection, plan, matter)
    return delivery


def note(desk: Desk, connection: Connection, agent: Agent, code: str, text: str) -> None:
    """For colleagues only. A secret in it is replaced by its mark."""
    agent, matter, now = _enter(desk, connection, agent, code)
    text = desk.cover(text)
    if not text.strip():
        raise Refused("The note is empty.")
    respect(connection, agent, matter.ticket, now)
    plan, message_id = Plan(), desk.ids()
    matter.change(messages=matter.ticket.messages + 1)
    row = {"id": message_id, "ticket_id": matter.ticket.id, "n": matter.ticket.messages, "direction": "note"}
    row |= {"author": agent.name, "receipt_id": None, "provider_id": "", "at": now, "sent_at": None, "subject": ""}
    row |= {"text": text, "reply": text, "language": str(matter.ticket.language), "automatic": False}
    row |= {"third_party": False, "level": "", "trust": "", "found": [], "warnings": []}
    plan.add(tables.messages, row)
    matter.event(desk, "note.added", agent.name, now, message=message_id)
    _write(connection, plan, matter)


def move(desk: Desk, connection: Connection, agent: Agent, code: str, state: TicketState) -> None:
    """Resolve, hold, wait, open again: without a word to the customer. Feedback that is owed one is refused."""
    agent, matter, now = _enter(desk, connection, agent, code)
    hold(connection, agent, matter.ticket, now, overrides=True)
    old, plan, owed = matter.ticket.state, Plan(), obligations.of_ticket(connection, matter.ticket.id)
    if state is TicketState.RESOLVED and owed is not None and owed.owed:
        feedback.resolve(desk, connection, plan, matter, owed, agent.name, now)
        _write(connection, plan, matter)
        return
    step(TICKET, old, state)
    move_to(desk, matter, state, agent.name, now)
    if state not in FINAL:
        next_response.stand(desk, matter, now, why_set(agent.name, state))
    elif not _answer_under_way(connection, matter):
        next_response.dismiss(desk, matter, agent.name, now)
    matter.event(desk, "state.set", agent.name, now, old=str(old), new=str(state))
    _write(connection, Plan(), matter)


def assign(desk: Desk, connection: Connection, agent: Agent, code: str, to: str) -> None:
    """To a person by name; "" to nobody."""
    agent, matter, now = _enter(desk, connection, agent, code)
    respect(connection, agent, matter.ticket, now)
    target = people.named(connection, to) if to else None
    if to and (target is None or not target.active or not target.sees(matter.ticket.queue)):
        raise NotFound(f'There is no agent "{to}" who serves the queue {matter.ticket.queue}.')
    matter.change(agent_id=target.id if target else None)
    matter.event(desk, "ticket.assigned", agent.name, now, to=target.id if target else None)
    _write(connection, Plan(), matter)


def correct(desk: Desk, connection: Connection, agent: Agent, code: str, *, field: str, new: str, why: str) -> None:
    """Sets category, topic, queue or priority: a row with old, new, who, why and the rule set, to learn from.

    A topic that the new category does not have goes with the old one.
    """
    why = desk.cover(why)
    agent, matter, now = _enter(desk, connection, agent, code)
    ticket = matter.ticket
    respect(connection, agent, ticket, now)
    names.exists(desk, connection, ticket, field, new)
    old = list(Priority)[ticket.priority].value if field == "priority" else str(getattr(ticket, field))
    values: dict[str, Any] = {field: Priority(new).rank if field == "priority" else new}
    if field == "category":
        values = {"category": Category(new)}
        if ticket.topic not in names.topics(desk, Category(new)):
            values["topic"] = ""
    matter.change(**values, set_by_person=tuple(dict.fromkeys([*ticket.set_by_person, field])))
    plan = Plan()
    row = {"id": desk.ids(), "ticket_id": ticket.id, "at": now, "field": field, "old": old, "new": new}
    plan.add(tables.corrections, row | {"by": agent.name, "why": why, "rule_set": ticket.rule_set})
    matter.event(desk, "ticket.corrected", agent.name, now, field=field, old=old, new=new)
    feedback.corrected(desk, connection, plan, matter, agent.name, now)
    _write(connection, plan, matter)


def spam(desk: Desk, connection: Connection, agent: Agent, code: str, *, is_spam: bool, block: bool = False) -> None:
    """Out of every queue and clock, or back: released, its clocks start at the time of receipt.

    `block`: so is whatever comes from this address from now on, until one of its tickets is released.
    """
    agent, matter, now = _enter(desk, connection, agent, code)
    ticket = matter.ticket
    respect(connection, agent, ticket, now)
    if ticket.spam == is_spam:
        raise Refused("It is marked so already.")
    matter.change(spam=is_spam)
    if block or not is_spam:
        tickets.block(connection, ticket.identity_id, blocked=is_spam)
    for kind in ClockKind:
        held = matter.clocks.get(kind)
        if is_spam and held and held.clock.state in next_response.OWED:
            matter.turn(desk, kind, clocks.cancel(desk.book, held.clock, now, "Marked as spam."))
        elif not is_spam and kind in FROM_THE_START and (held is None or held.clock.state is ClockState.CANCELLED):
            live = desk.live(ticket.channel)
            matter.turn(desk, kind, clocks.start(desk.book, kind, ticket.policy, live, ticket.created_at))
    if not is_spam:
        sent, asked = threads.sent_in(connection, [ticket.id]), threads.asked_in(connection, [ticket.id])
        answers = arrived(sent.get(ticket.id, []))
        next_response.settle(desk, matter, asked.get(ticket.id, []), answers, now, "It is no spam.")
    said = {"spam": f"{agent.name} marked it.", "blocked": block} if is_spam else {}
    matter.event(desk, "ticket.spam" if is_spam else "ticket.released", agent.name, now, **said)
    plan = Plan()
    feedback.corrected(desk, connection, plan, matter, agent.name, now)
    _write(connection, plan, matter)


def unreachable(desk: Desk, connection: Connection, agent: Agent, code: str, why: str) -> None:
    """Nobody can tell this customer: a supervisor's word, with the evidence."""
    agent, matter, now = _enter(desk, connection, agent, code)
    plan = Plan()
    feedback.unreachable(desk, connection, agent, plan, matter, why, now)
    _write(connection, plan, matter)


def open_by_hand(
    desk: Desk, connection: Connection, agent: Agent, address: str, text: str, reason: str, *, code: str = ""
) -> Ticket:
    """A ticket for a call or a visit. The address is claimed; nothing is sent. `code`: a free one, or made here."""
    if not text.strip() or not reason.strip():
        raise Refused("A ticket made by hand needs the matter and a reason.")
    text, reason = desk.cover(text), desk.cover(reason)
    agent, now = present(connection, agent), desk.clock()
    kind, address = reached(desk, address)
    said = Said(
        receipt_id="",
        at=now,
        subject=reason,
        text=text,
        reply=text,
        language=str(language(text)),
        level=Level.CLAIMED,
        trust_why=f"{agent.name} wrote it down: {reason}.",
        no_ack_why="A person made the ticket by hand.",
    )
    plan = Plan()
    known = tickets.identities_at(connection, kind, [address])
    who = known[0] if known else new_customer(desk, plan, kind, address, "", said)
    _, account = desk.way(BY_HAND, "", kind) or ("", "")
    matter = open_ticket(desk, plan, who, said, BY_HAND, account, known=True, code=code)
    write(connection, [plan])
    return matter.ticket


def _enter(desk: Desk, connection: Connection, agent: Agent, code: str) -> tuple[Agent, Matter, Micros]:
    """Who acts, as they are stored now; on what; when."""
    agent = present(connection, agent)
    return agent, find(connection, agent, code), desk.clock()


def _took(desk: Desk, connection: Connection, agent: Agent, ticket: Ticket) -> None:
    held = dict(held_of(row) for row in clock_rows.of_tickets(connection, [ticket.id]))
    matter = Matter(ticket, held, read_at=ticket.events)
    matter.change(agent_id=agent.id)
    matter.event(desk, "ticket.claimed", agent.name, desk.clock())
    _write(connection, Plan(), matter)


def _others(connection: Connection, ticket: Ticket) -> list[Ticket]:
    mine = tickets.of_customer(connection, ticket.customer_id)
    return [other for other in mine if other.id != ticket.id and other.state is TicketState.OPEN and not other.spam]


def _answer_under_way(connection: Connection, matter: Matter) -> bool:
    """Words of a person that have yet to arrive: they will meet what is owed."""
    sent = threads.sent_in(connection, [matter.ticket.id]).get(matter.ticket.id, [])
    return any(one.by_person and one.state in UNDER_WAY for one in sent)


def _last_words(connection: Connection, ticket: Ticket) -> str:
    words = [m["reply"] or m["text"] for m in tickets.thread(connection, ticket.id) if m["id"] == ticket.last_in_id]
    return str(words[0]) if words else ""


def _write(connection: Connection, plan: Plan, matter: Matter) -> None:
    matter.save(plan)
    write(connection, [plan])
