"""What may follow what. One table a noun; the next state is always reached through `step`."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from deskd.domain.errors import IllegalTransition


class ReceiptState(StrEnum):
    KEPT = "kept"  # the pipeline moves it next
    DONE = "done"  # final
    PARKED = "parked"  # a person retries or dismisses it
    DISMISSED = "dismissed"  # final, with who and why


class TicketState(StrEnum):
    OPEN = "open"  # we owe
    WAITING = "waiting"  # the customer owes; the resolution clock is paused
    HELD = "held"  # a third party owes; paused by policy
    RESOLVED = "resolved"  # answered; a new message opens it again
    CLOSED = "closed"  # final; a new message becomes a new, linked ticket


class DeliveryState(StrEnum):
    QUEUED = "queued"  # a worker leases it when it is due
    LEASED = "leased"  # the worker that holds the lease moves it next, or its end does
    WIRE = "wire"  # may have left: only evidence or a person moves it if the lease ends here
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    DROPPED = "dropped"  # taken back by a person before it left


class Report(StrEnum):
    """What the provider said of a delivery later, beside its state. Forward only."""

    NONE = ""
    FAILED = "failed"  # it came back: the ticket is open again
    DELIVERED = "delivered"
    READ = "read"


class ObligationState(StrEnum):
    """Of the answer that is owed to a customer who gave feedback."""

    OPEN = "open"  # we owe
    DECIDED = "decided"  # the answer, or the reasoned decline, is on its way
    TOLD = "told"  # it has arrived
    UNREACHABLE = "unreachable"  # nobody can be told; counted apart
    WITHDRAWN = "withdrawn"  # it was no feedback after all


class ClockState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    CANCELLED = "cancelled"


RECEIPT: Mapping[ReceiptState, frozenset[ReceiptState]] = {
    ReceiptState.KEPT: frozenset({ReceiptState.DONE, ReceiptState.PARKED}),
    ReceiptState.PARKED: frozenset({ReceiptState.KEPT, ReceiptState.DONE, ReceiptState.DISMISSED}),
    ReceiptState.DONE: frozenset(),
    ReceiptState.DISMISSED: frozenset(),
}

_LIVE = frozenset({TicketState.OPEN, TicketState.WAITING, TicketState.HELD, TicketState.RESOLVED})
TICKET: Mapping[TicketState, frozenset[TicketState]] = {
    TicketState.OPEN: _LIVE - {TicketState.OPEN},
    TicketState.WAITING: _LIVE - {TicketState.WAITING},
    TicketState.HELD: _LIVE - {TicketState.HELD},
    TicketState.RESOLVED: _LIVE - {TicketState.RESOLVED} | {TicketState.CLOSED},
    TicketState.CLOSED: frozenset(),
}

DELIVERY: Mapping[DeliveryState, frozenset[DeliveryState]] = {
    DeliveryState.QUEUED: frozenset({DeliveryState.LEASED, DeliveryState.DROPPED}),
    DeliveryState.LEASED: frozenset({DeliveryState.QUEUED, DeliveryState.WIRE, DeliveryState.REJECTED}),
    DeliveryState.WIRE: frozenset(
        {DeliveryState.ACCEPTED, DeliveryState.REJECTED, DeliveryState.UNKNOWN, DeliveryState.QUEUED}
    ),
    DeliveryState.UNKNOWN: frozenset({DeliveryState.ACCEPTED, DeliveryState.REJECTED, DeliveryState.QUEUED}),
    DeliveryState.ACCEPTED: frozenset(),
    DeliveryState.REJECTED: frozenset({DeliveryState.QUEUED}),
    DeliveryState.DROPPED: frozenset(),
}

REPORT: Mapping[Report, frozenset[Report]] = {
    Report.NONE: frozenset({Report.FAILED, Report.DELIVERED, Report.READ}),
    Report.FAILED: frozenset({Report.DELIVERED, Report.READ}),
    Report.DELIVERED: frozenset({Report.READ}),
    Report.READ: frozenset(),
}

OBLIGATION: Mapping[ObligationState, frozenset[ObligationState]] = {
    ObligationState.OPEN: frozenset({ObligationState.DECIDED, ObligationState.UNREACHABLE, ObligationState.WITHDRAWN}),
    ObligationState.DECIDED: frozenset(
        {ObligationState.OPEN, ObligationState.DECIDED, ObligationState.TOLD, ObligationState.WITHDRAWN}
    ),
    ObligationState.TOLD: frozenset({ObligationState.OPEN}),  # it came back after all
    ObligationState.UNREACHABLE: frozenset({ObligationState.OPEN, ObligationState.DECIDED}),
    ObligationState.WITHDRAWN: frozenset({ObligationState.OPEN}),
}

CLOCK: Mapping[ClockState, frozenset[ClockState]] = {
    ClockState.RUNNING: frozenset({ClockState.PAUSED, ClockState.MET, ClockState.CANCELLED}),
    ClockState.PAUSED: frozenset({ClockState.RUNNING, ClockState.MET, ClockState.CANCELLED}),
    ClockState.MET: frozenset({ClockState.RUNNING}),
    ClockState.CANCELLED: frozenset({ClockState.RUNNING}),
}


S = TypeVar("S", bound=StrEnum)


def step(table: Mapping[S, frozenset[S]], old: S, new: S) -> S:
    """The new state, if the table lets it follow the old one; else `IllegalTransition`."""
    if new not in table[old]:
        raise IllegalTransition(f"{type(old).__name__} {old} cannot become {new}.")
    return new
