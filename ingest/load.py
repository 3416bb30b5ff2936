"""What a batch needs to know, by one read a table, as values that the steps look up and add to."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from deskd.acts import acknowledge
from deskd.acts.desk import Desk
from deskd.acts.matter import Matter, held_of
from deskd.acts.returned import Talk
from deskd.domain import code as public_code
from deskd.domain.ports import IncomingKind, Micros, Reported
from deskd.domain.ticket import Identity, Ticket
from deskd.store import clocks, limits, obligations, threads, tickets
from deskd.store.obligations import Obligation
from deskd.store.threads import Sent
from ingest.look import Looked


@dataclass(slots=True)
class Known:
    """The part of the desk that a batch touches. Steps put in what they make, so that the next receipt sees it."""

    identities: dict[tuple[str, str], Identity] = field(default_factory=dict)
    by_id: dict[str, Identity] = field(default_factory=dict)
    matters: dict[str, Matter] = field(default_factory=dict)
    by_code: dict[str, str] = field(default_factory=dict)
    sent: dict[str, tuple[str, str]] = field(default_factory=dict)  # our Message-ID → (address, ticket id)
    deliveries: dict[str, list[Sent]] = field(default_factory=dict)  # of the tickets that a bounce may be about
    asked: dict[str, list[tuple[int, Micros]]] = field(default_factory=dict)  # what their customers asked in them
    owed: dict[str, Obligation] = field(default_factory=dict)  # and what their feedback is owed
    paused: dict[str, Micros] = field(default_factory=dict)  # when their resolution clocks were last paused
    conversations: dict[tuple[str, str, str], str] = field(default_factory=dict)  # the newest, by who wrote where
    regulars: set[str] = field(default_factory=set)  # customers with a ticket that is not spam
    acknowledged: dict[bytes, int] = field(default_factory=dict)  # automatic mails of the last hour by subject

    def meet(self, identity: Identity) -> None:
        if identity.address:
            self.identities[identity.kind, identity.address] = identity
        self.by_id[identity.id] = identity

    def hold(self, matter: Matter) -> None:
        self.matters[matter.ticket.id] = matter
        self.by_code[matter.ticket.code] = matter.ticket.id

    def talk(self, ticket: Ticket) -> None:
        """The newest of a conversation, for now."""
        self.conversations[ticket.identity_id, ticket.channel, ticket.account] = ticket.id

    def talk_of(self, ticket_id: str) -> Talk:
        asked, paused_at = self.asked.get(ticket_id, ()), self.paused.get(ticket_id)
        return Talk(self.deliveries[ticket_id], asked, paused_at, self.owed.get(ticket_id))

    def named(self, said: Reported) -> Sent | None:
        """The delivery that a report is about."""
        for sent in (one for some in self.deliveries.values() for one in some):
            if sent.id == said.delivery_id or (said.provider_id and sent.provider_id == said.provider_id):
                return sent
        return None


def one_conversation(desk: Desk, channel: str) -> bool:
    known = desk.channels.get(channel)
    return known is not None and known.one_conversation


def codes_in(looked: Looked) -> list[str]:
    """Codes of tickets that the envelope's signed tokens name: `code.tag`; the tag is checked by the step."""
    found = [public_code.read(token.partition(".")[0]) for token in looked.incoming.tokens]
    return [code for code in found if code]


def load(connection: Connection, batch: Sequence[Looked], desk: Desk) -> Known:
    known, ring = Known(), desk.vault.ring
    wanted: dict[str, set[str]] = {}
    for looked in batch:
        if looked.incoming.sender.address:
            kind = desk.identity(looked.waiting.channel)
            wanted.setdefault(kind, set()).add(looked.incoming.sender.address)
    for kind, addresses in wanted.items():
        for identity in tickets.identities_at(connection, kind, addresses):
            known.meet(identity)
    known.regulars = tickets.known_customers(connection, {one.customer_id for one in known.identities.values()})
    references = {reference for looked in batch for reference in looked.incoming.references}
    known.sent = threads.sent_as(connection, references)
    found = tickets.by_ids(connection, {ticket_id for _, ticket_id in known.sent.values()})
    found += tickets.by_codes(connection, {code for looked in batch for code in codes_in(looked)})
    channels = {one.waiting.channel for one in batch if one_conversation(desk, one.waiting.channel)}
    talks = tickets.conversations(connection, known.by_id, channels)
    said = [one.incoming.reported for one in batch if one.incoming.reported is not None]
    ours, theirs = (
        {one.delivery_id for one in said if one.delivery_id},
        {one.provider_id for one in said if one.provider_id},
    )
    about = threads.tickets_of(connection, ours, theirs)
    found += tickets.by_ids(connection, about)
    _hold_all(connection, known, [*found, *talks])
    for ticket in talks:
        known.talk(ticket)
    missing = {ticket.identity_id for ticket in (*found, *talks)} - set(known.by_id)
    for identity in tickets.identities_by_id(connection, missing):
        known.meet(identity)
    _load_sent(connection, known, batch, about)
    proved = [looked.incoming.sender.address for looked in batch if not looked.said.no_ack_why]
    counted = {subject for address in proved for subject in acknowledge.subjects(ring, address)}
    since = min((looked.said.at for looked in batch), default=0) - acknowledge.WINDOW
    known.acknowledged = limits.counts(connection, acknowledge.KIND, counted, since)
    return known


def _load_sent(connection: Connection, known: Known, batch: Sequence[Looked], about: Collection[str]) -> None:
    """What was sent in the tickets that something is reported of."""
    bounces = [looked for looked in batch if looked.incoming.kind is IncomingKind.BOUNCE]
    named = {known.sent[ref][1] for looked in bounces for ref in looked.incoming.references if ref in known.sent}
    addressed = {known.by_code[code] for looked in bounces for code in codes_in(looked) if code in known.by_code}
    known.deliveries = threads.sent_in(connection, {*named, *addressed, *about})
    known.asked = threads.asked_in(connection, list(known.deliveries))
    known.owed = obligations.of_tickets(connection, list(known.deliveries))
    known.paused = clocks.paused_at(connection, list(known.deliveries))


def _hold_all(connection: Connection, known: Known, found: Sequence[Ticket]) -> None:
    for ticket in found:
        if ticket.id not in known.matters:
            known.hold(Matter(ticket, read_at=ticket.events))
    for row in clocks.of_tickets(connection, list(known.matters)):
        kind, held = held_of(row)
        known.matters[row["ticket_id"]].clocks[kind] = held
