"""The table of contents: every operation of the API. Routes and /api/openapi.json are both made from it."""

from collections.abc import Callable
from dataclasses import dataclass

from deskd.acts.parked import OFFICE
from deskd.console.api import answers, asked, claims, customers, office, rules, talk, tickets
from deskd.domain.words import Role, Scope

ROOT = "/api/v1"


@dataclass(frozen=True, slots=True)
class Operation:
    """call(on, the address's own parts in their order, then the query or the body, if it takes one).

    roles: of the agent, where not all may. status: of success. rings: what it queues is to be sent at once.
    reads: a POST for its body's sake, which changes nothing.
    """

    method: str
    path: str
    scope: Scope
    what: str
    call: Callable[..., answers.Answer]
    answer: type[answers.Answer]
    query: type[asked.Asked] | None = None
    body: type[asked.Asked] | None = None
    roles: tuple[Role, ...] = ()
    status: int = 200
    rings: bool = False
    reads: bool = False

    @property
    def name(self) -> str:
        return f"{self.call.__module__.rpartition('.')[2]}_{self.call.__name__}"


def _get(
    path: str,
    scope: Scope,
    what: str,
    call: Callable[..., answers.Answer],
    answer: type[answers.Answer],
    query: type[asked.Asked] | None = None,
    roles: tuple[Role, ...] = (),
) -> Operation:
    return Operation("GET", ROOT + path, scope, what, call, answer, query=query, roles=roles)


def _post(
    path: str,
    scope: Scope,
    what: str,
    call: Callable[..., answers.Answer],
    answer: type[answers.Answer],
    body: type[asked.Asked] | None = None,
    roles: tuple[Role, ...] = (),
    *,
    status: int = 200,
    rings: bool = False,
    reads: bool = False,
) -> Operation:
    return Operation(
        "POST",
        ROOT + path,
        scope,
        what,
        call,
        answer,
        body=body,
        roles=roles,
        status=status,
        rings=rings,
        reads=reads,
    )


OPERATIONS: tuple[Operation, ...] = (
    _get(
        "/tickets",
        Scope.TICKETS_READ,
        "Tickets, the newest first",
        tickets.listed,
        answers.TicketPage,
        asked.TicketQuery,
    ),
    _post(
        "/tickets",
        Scope.TICKETS_WRITE,
        "Open one by hand, for a call or a visit; nothing is sent",
        tickets.opened,
        answers.TicketHead,
        asked.NewTicket,
        status=201,
    ),
    _get("/tickets/{code}", Scope.TICKETS_READ, "One ticket", tickets.shown, answers.TicketWhole),
    _post(
        "/tickets/{code}/set",
        Scope.TICKETS_WRITE,
        "Correct what the rules decided",
        tickets.corrected,
        answers.TicketHead,
        asked.Correction,
    ),
    _post(
        "/tickets/{code}/assign",
        Scope.TICKETS_WRITE,
        "Assign it",
        tickets.assigned,
        answers.TicketHead,
        asked.Assignment,
    ),
    _post(
        "/tickets/{code}/state",
        Scope.TICKETS_WRITE,
        "Another state, without a word to the customer",
        tickets.moved,
        answers.TicketHead,
        asked.Move,
    ),
    _get(
        "/tickets/{code}/messages",
        Scope.TICKETS_READ,
        "What was said, the first message first",
        talk.listed,
        answers.MessagePage,
        asked.PageQuery,
    ),
    _post(
        "/tickets/{code}/replies",
        Scope.REPLIES_WRITE,
        "Answer the customer; refused with the newer message when they wrote on",
        talk.reply,
        answers.Replied,
        asked.Reply,
        status=201,
        rings=True,
    ),
    _post(
        "/tickets/{code}/notes",
        Scope.TICKETS_WRITE,
        "A note for colleagues",
        talk.note,
        answers.TicketHead,
        asked.Note,
        status=201,
    ),
    _post(
        "/tickets/{code}/claim",
        Scope.TICKETS_WRITE,
        "Take the customer of this ticket",
        claims.taken,
        answers.TicketHead,
    ),
    _post(
        "/tickets/{code}/release",
        Scope.TICKETS_WRITE,
        "Let the customer go",
        claims.released,
        answers.TicketHead,
    ),
    _post(
        "/claims/next",
        Scope.TICKETS_WRITE,
        "Take the most urgent ticket, with the customer's other open ones",
        claims.taken_next,
        answers.Claimed,
    ),
    _get(
        "/customers/{customer}",
        Scope.CUSTOMERS_READ,
        "One customer",
        customers.shown,
        answers.Customer,
    ),
    _get(
        "/customers/{customer}/tickets",
        Scope.CUSTOMERS_READ,
        "The customer's tickets, the newest first",
        customers.tickets,
        answers.TicketPage,
        asked.PageQuery,
    ),
    _get(
        "/queues",
        Scope.QUEUES_READ,
        "Queues with depth and age, by name",
        office.queues,
        answers.QueuePage,
        asked.PageQuery,
    ),
    _get(
        "/deliveries",
        Scope.DELIVERIES_READ,
        "What leaves, the newest first",
        office.deliveries,
        answers.DeliveryPage,
        asked.DeliveryQuery,
        OFFICE,
    ),
    _post(
        "/deliveries/{delivery}/decide",
        Scope.DELIVERIES_WRITE,
        "Say what became of an unknown outcome, or send a rejected one again",
        office.decide,
        answers.Delivery,
        asked.Verdict,
        OFFICE,
        rings=True,
    ),
    _get(
        "/parked",
        Scope.PARKED_READ,
        "Receipts set aside, the eldest first",
        office.parked,
        answers.ParkedPage,
        asked.PageQuery,
        OFFICE,
    ),
    _get(
        "/parked/{receipt}",
        Scope.PARKED_READ,
        "One of them",
        office.one_parked,
        answers.Parked,
        roles=OFFICE,
    ),
    _post(
        "/parked/{receipt}/retry",
        Scope.PARKED_WRITE,
        "Once more through the pipeline",
        office.retried,
        answers.ReceiptState,
        roles=OFFICE,
    ),
    _post(
        "/parked/{receipt}/dismiss",
        Scope.PARKED_WRITE,
        "Nothing comes of it, and why",
        office.dismissed,
        answers.ReceiptState,
        asked.Dismissal,
        OFFICE,
    ),
    _post(
        "/rules/explain",
        Scope.RULES_READ,
        "Where words would go by the rules in force, and why",
        rules.explained,
        answers.Explained,
        asked.Words,
        reads=True,
    ),
)
