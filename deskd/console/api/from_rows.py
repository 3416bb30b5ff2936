"""How rows become answers."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping

from deskd.console.api import answers
from deskd.domain import code as public_code
from deskd.domain.ports import Micros
from deskd.domain.states import DeliveryState, Report
from deskd.domain.ticket import FAR, Identity, Ticket
from deskd.domain.words import Direction, Level, Priority
from deskd.store.obligations import Obligation

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def time(at: Micros) -> dt.datetime:
    return _EPOCH + dt.timedelta(microseconds=at)


def maybe(at: Micros | None) -> dt.datetime | None:
    return None if at is None or at >= FAR else time(at)


def short(kind: str, address: str) -> str:
    """a***@example.com; of anything else the last four characters, where there are more than eight."""
    if kind == "email":
        name, _, domain = address.rpartition("@")
        return f"{name[:1]}***@{domain}"
    return f"***{address[-4:]}" if len(address) > 8 else "***" if address else ""


def sender(one: Identity) -> answers.Sender:
    return answers.Sender(kind=one.kind, address=short(one.kind, one.address), level=Level(one.level))


def head(ticket: Ticket, names: Mapping[str, str]) -> answers.TicketHead:
    """names: of agents by id."""
    return answers.TicketHead(
        code=public_code.shown(ticket.code),
        state=ticket.state,
        spam=ticket.spam,
        category=ticket.category,
        topic=ticket.topic,
        queue=ticket.queue,
        priority=list(Priority)[ticket.priority],
        tags=list(ticket.tags),
        also=list(ticket.also),
        language=ticket.language,
        channel=ticket.channel,
        subject=ticket.subject,
        customer=ticket.customer_id,
        agent=names.get(ticket.agent_id or ""),
        messages=ticket.messages,
        last_message=ticket.last_in_id,
        created=time(ticket.created_at),
        due=maybe(ticket.due_at),
        answered=maybe(ticket.answered_at),
        resolved=maybe(ticket.resolved_at),
        closed=maybe(ticket.closed_at),
    )


def message(
    row: RowMapping,
    files: Mapping[str, list[dict[str, Any]]],
    sent: Mapping[str, tuple[str, str]],
) -> answers.Message:
    """files, sent: by message id, as deskd/store/views.py reads them."""
    came = "third party" if row["third_party"] else "customer"
    return answers.Message(
        id=row["id"],
        n=row["n"],
        direction=Direction(row["direction"]),
        author=came if row["direction"] == Direction.IN else row["author"],
        at=time(row["at"]),
        subject=row["subject"],
        text=row["text"],
        reply=row["reply"],
        language=row["language"],
        automatic=bool(row["automatic"]),
        level=row["level"],
        trust=row["trust"],
        warnings=list(row["warnings"]),
        files=[answers.File(**file) for file in files.get(row["id"], [])],
        delivery=sent[row["id"]][0] if row["id"] in sent else None,
    )


def delivery(row: Mapping[str, Any]) -> answers.Delivery:
    """The row with the code of its ticket."""
    return answers.Delivery(
        id=row["id"],
        ticket=public_code.shown(row["ticket_code"]),
        channel=row["channel"],
        kind=row["kind"],
        address=short(row["channel"], row["address"]),
        state=DeliveryState(row["state"]),
        report=Report(row["report"]),
        attempts=row["attempts"],
        note=row["note"],
        created=time(row["created_at"]),
        due=maybe(row["due_at"]) if row["state"] == DeliveryState.QUEUED else None,
        settled=maybe(row["settled_at"]),
    )


def parked(row: RowMapping) -> answers.Parked:
    return answers.Parked(
        id=row["id"],
        channel=row["channel"],
        account=row["account"],
        step=row["step"],
        reason=row["reason"],
        attempts=row["attempts"],
        size=row["size"],
        received=time(row["received_at"]),
        parked=maybe(row["settled_at"]),
        raw=row["data_key"] is not None,
    )


def owed(one: Obligation | None) -> answers.Owed | None:
    if one is None:
        return None
    return answers.Owed(state=one.state, verdict=one.verdict, why=one.why, resolved_by=one.intent_by)
