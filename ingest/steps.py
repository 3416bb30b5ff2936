"""The second phase: what becomes of one receipt, as a list of steps over values.

Each step goes on, or ends with the word for what came of the receipt. None issues SQL; what they want written is in
the plan.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from deskd.acts import acknowledge, intake
from deskd.acts.customers import new_customer
from deskd.acts.desk import Desk
from deskd.acts.matter import Matter
from deskd.domain import code as public_code
from deskd.domain.ports import IncomingKind
from deskd.domain.states import TicketState
from deskd.domain.ticket import Identity, Ticket
from deskd.store.plan import Plan
from ingest.load import Known, identity_kind
from ingest.look import Looked


@dataclass(slots=True)
class Work:
    """One receipt on its way through the steps, and the plan it leaves."""

    desk: Desk
    known: Known
    looked: Looked
    voice: acknowledge.Voice
    plan: Plan = field(default_factory=Plan)
    sender: Identity | None = None
    thread: Matter | None = None
    third_party: bool = False
    follows: Ticket | None = None
    ticket_id: str | None = None


def our_echo(work: Work) -> str | None:
    """Our own mail come back: a loop ends here."""
    return "echo" if work.looked.incoming.kind is IncomingKind.ECHO else None


def by_token(work: Work) -> str | None:
    """A signed token in the envelope's recipient names the ticket, and is bound to whom we wrote."""
    ring = work.desk.vault.ring
    for token in work.looked.incoming.tokens:
        code = public_code.read(token.partition(".")[0]) or ""
        ticket_id = work.known.by_code.get(code)
        if ticket_id is None:
            continue
        matter = work.known.matters[ticket_id]
        owner = work.known.by_id[matter.ticket.identity_id]
        if ring.signed(token.partition(".")[2], "thread", code.lower(), owner.address):
            work.thread = matter
            work.third_party = owner.address != work.looked.incoming.sender.address
            return None
    return None


def by_reference(work: Work) -> str | None:
    """A Message-ID that we sent to this very address. One that we sent to somebody else proves nothing."""
    if work.thread is not None:
        return None
    for reference in work.looked.incoming.references:
        address, ticket_id = work.known.sent.get(reference, ("", ""))
        if address and address == work.looked.incoming.sender.address:
            work.thread = work.known.matters[ticket_id]
            return None
    return None


def not_after_closing(work: Work) -> str | None:
    """A closed ticket is final: what comes after it is a new one, linked to it."""
    if work.thread is not None and work.thread.ticket.state is TicketState.CLOSED:
        work.follows, work.thread = work.thread.ticket, None
    return None


def who_wrote(work: Work) -> str | None:
    kind, incoming = identity_kind(work.looked.waiting.channel), work.looked.incoming
    identity = work.known.identities.get((kind, incoming.sender.address)) if incoming.sender.address else None
    if identity is None:
        name, said = work.looked.name, work.looked.said
        identity = new_customer(work.desk, work.plan, kind, incoming.sender.address, name, said)
        work.known.meet(identity)
    work.sender = identity
    return None


def append(work: Work) -> str | None:
    if work.thread is None or work.sender is None:
        return None
    said = replace(work.looked.said, third_party=work.third_party)
    intake.append(work.desk, work.plan, work.thread, said, work.sender)
    work.ticket_id = work.thread.ticket.id
    return "note" if said.automatic or said.third_party else "message"


def open_new(work: Work) -> str | None:
    waiting, said = work.looked.waiting, work.looked.said
    if work.sender is None:
        return None
    if work.sender.blocked and not said.spam_why:
        said = replace(said, spam_why="The sender is blocked.")
    code = str(waiting.envelope.get("code", ""))
    matter = intake.open_ticket(
        work.desk, work.plan, work.sender, said, waiting.channel, waiting.account, follows=work.follows, code=code
    )
    work.known.hold(matter)
    work.ticket_id = matter.ticket.id
    if not said.automatic:
        sent = work.known.acknowledged
        acknowledge.acknowledge(work.desk, work.plan, matter, work.sender, said, work.voice, sent)
    return "spam" if said.spam_why else "ticket"


STEPS: tuple[Callable[[Work], str | None], ...] = (
    our_echo,
    by_token,
    by_reference,
    not_after_closing,
    who_wrote,
    append,
    open_new,
)


def run(work: Work) -> str:
    """The outcome in one word; its plan and ticket are in the work."""
    for step in STEPS:
        outcome = step(work)
        if outcome is not None:
            return outcome
    raise RuntimeError("the last step always ends")
