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
from deskd.acts.reported import reported
from deskd.acts.returned import LEFT, returned, why_of
from deskd.domain import code as public_code
from deskd.domain.ports import HOUR, IncomingKind, Micros
from deskd.domain.states import DeliveryState, Report, TicketState
from deskd.domain.ticket import Identity, Ticket
from deskd.store.plan import Plan
from deskd.store.threads import Sent
from ingest.load import Known, one_conversation
from ingest.look import Looked

FRESH: Micros = 72 * HOUR  # CHANNELS SI8: what comes later after a resolved matter is another one


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


def by_status(work: Work) -> str | None:
    """What a provider says later of something that we sent. Of what we never sent it says nothing to us."""
    said = work.looked.incoming.reported
    if said is None:
        return None
    sent = work.known.named(said)
    if sent is not None:
        matter, at = work.known.matters[sent.ticket_id], work.looked.said.at
        reported(work.desk, work.plan, matter, sent, work.known.talk_of(sent.ticket_id), said, at)
        work.ticket_id = sent.ticket_id
    return "status"


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


def by_conversation(work: Work) -> str | None:
    """Where a contact has one conversation with us: its newest ticket that is not closed, while it is owed or fresh."""
    waiting, sender = work.looked.waiting, work.sender
    if work.thread is not None or sender is None or not one_conversation(work.desk, waiting.channel):
        return None
    newest = work.known.conversations.get((sender.id, waiting.channel, waiting.account))
    if newest is None:
        return None
    matter = work.known.matters[newest]
    last = max(matter.ticket.last_in_at or 0, matter.ticket.last_out_at or 0)
    if matter.ticket.state is TicketState.RESOLVED and waiting.received_at - last > FRESH:
        work.follows = matter.ticket
    else:
        work.thread = matter
    return None


def who_wrote(work: Work) -> str | None:
    kind, incoming = work.desk.identity(work.looked.waiting.channel), work.looked.incoming
    identity = work.known.identities.get((kind, incoming.sender.address)) if incoming.sender.address else None
    if identity is None and incoming.kind is not IncomingKind.NOTICE:
        name, said = work.looked.name, work.looked.said
        identity = new_customer(work.desk, work.plan, kind, incoming.sender.address, name, said)
        work.known.meet(identity)
    work.sender = identity
    return None


def only_noticed(work: Work) -> str | None:
    """What nobody said to us opens nothing, and makes nobody known."""
    noticed = work.looked.incoming.kind is IncomingKind.NOTICE
    return "notice" if noticed and work.thread is None else None


def came_back(work: Work) -> str | None:
    """The answer did not arrive: its clocks run as if it had not been sent, and the ticket is ours again."""
    if work.failed is not None and work.thread is not None:
        sent, status = work.failed
        talk, at = work.known.talk_of(sent.ticket_id), work.looked.said.at
        returned(work.desk, work.plan, work.thread, sent, talk, why_of(status), at)
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
        work.known.talk(matter.ticket)
    work.ticket_id = matter.ticket.id
    if not said.automatic:
        sent = work.known.acknowledged
        acknowledge.acknowledge(work.desk, work.plan, matter, work.sender, said, work.voice, sent)
    return "spam" if matter.ticket.spam else "ticket"


STEPS: tuple[Callable[[Work], str | None], ...] = (
    our_echo,
    by_status,
    by_token,
    by_delivery,
    by_reference,
    not_after_closing,
    who_wrote,
    by_conversation,
    only_noticed,
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
