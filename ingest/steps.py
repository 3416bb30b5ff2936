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
from deskd.acts.returned import LEFT, Talk, returned
from deskd.domain import code as public_code
from deskd.domain.ports import IncomingKind
from deskd.domain.states import DeliveryState, Report, TicketState
from deskd.domain.ticket import Identity, Ticket
from deskd.store.plan import Plan
from deskd.store.threads import Sent
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
    failed: tuple[Sent, str] | None = None  # what a bounce says did not arrive, and its status
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


def by_delivery(work: Work) -> str | None:
    """A mail server's report about a mail of ours: shown in its ticket, and where it is final, acted upon once.

    Believed where two things of that mail are in it: the Message-ID that we signed, the signed address of the thread
    that it left from, the recipient (CHANNELS ED2). A delay is shown and no more.
    """
    incoming = work.looked.incoming
    sent = _reported(work) if incoming.kind is IncomingKind.BOUNCE else None
    if sent is None:
        return None
    by_id = sent.mail_id in incoming.references
    by_address = work.thread is not None and work.thread.ticket.id == sent.ticket_id
    about = [said for said in incoming.failed if said[0].lower() == sent.address.lower()]
    if not about and not (by_id and by_address):
        return None
    work.thread, work.third_party, work.ticket_id = work.known.matters[sent.ticket_id], True, sent.ticket_id
    final = [status for _, status, permanent in about or incoming.failed if permanent]
    if final and (sent.report is Report.FAILED or sent.state is DeliveryState.REJECTED):
        return "bounce"  # heard before
    if final and sent.state in LEFT and sent.report is Report.NONE:
        work.failed = sent, final[0]
    return None


def _reported(work: Work) -> Sent | None:
    """The newest delivery that is named, since a returned mail names its elders as well; where none is, the newest."""
    known, references = work.known, set(work.looked.incoming.references)
    tickets = {known.sent[reference][1] for reference in references if reference in known.sent}
    named = [sent for one in tickets for sent in known.deliveries.get(one, ()) if sent.mail_id in references]
    if named:
        return max(named, key=lambda sent: (sent.created_at, sent.id))
    mine = known.deliveries.get(work.thread.ticket.id, ()) if work.thread else ()
    return next((sent for sent in reversed(mine) if sent.state in LEFT), None)


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
    """A closed ticket is final: what is said after it is a new one, linked to it. What a program says stays with it."""
    if work.looked.said.automatic or work.thread is None:
        return None
    if work.thread.ticket.state is TicketState.CLOSED:
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


def came_back(work: Work) -> str | None:
    """The answer did not arrive: its clocks run as if it had not been sent, and the ticket is ours again."""
    if work.failed is not None and work.thread is not None:
        sent, status = work.failed
        known, ticket_id = work.known, sent.ticket_id
        talk = Talk(known.deliveries[ticket_id], known.asked.get(ticket_id, ()), known.paused.get(ticket_id))
        returned(work.desk, work.plan, work.thread, sent, talk, status, work.looked.said.at)
    return None


def append(work: Work) -> str | None:
    if work.thread is None or work.sender is None:
        return None
    said = replace(work.looked.said, third_party=work.third_party)
    intake.append(work.desk, work.plan, work.thread, said, work.sender)
    work.ticket_id = work.thread.ticket.id
    if work.failed is not None:
        return "bounce"
    return "note" if said.automatic or said.third_party else "message"


def open_new(work: Work) -> str | None:
    waiting, said = work.looked.waiting, work.looked.said
    if work.sender is None:
        return None
    regular = work.sender.customer_id in work.known.regulars
    if work.sender.blocked:
        said = replace(said, spam_why="The sender is blocked.")
    elif regular:
        said = replace(said, spam_why="")  # a known customer is never made spam by a machine (DESIGN 6)
    code = str(waiting.envelope.get("code", ""))
    matter = intake.open_ticket(
        work.desk,
        work.plan,
        work.sender,
        said,
        waiting.channel,
        waiting.account,
        known=regular,
        follows=work.follows,
        code=code,
    )
    work.known.hold(matter)
    if not matter.ticket.spam:
        work.known.regulars.add(work.sender.customer_id)
    work.ticket_id = matter.ticket.id
    if not said.automatic:
        sent = work.known.acknowledged
        acknowledge.acknowledge(work.desk, work.plan, matter, work.sender, said, work.voice, sent)
    return "spam" if matter.ticket.spam else "ticket"


STEPS: tuple[Callable[[Work], str | None], ...] = (
    our_echo,
    by_token,
    by_delivery,
    by_reference,
    not_after_closing,
    who_wrote,
    came_back,
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
