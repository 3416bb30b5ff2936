"""A customer's words become a ticket, or a message of one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from deskd.acts import next_response
from deskd.acts.desk import DESKD, Desk
from deskd.acts.matter import Matter
from deskd.acts.obligation import owe
from deskd.domain.ports import File, Micros
from deskd.domain.states import ClockState, TicketState
from deskd.domain.ticket import FAR, THANKS, Identity, Ticket
from deskd.domain.words import Category, ClockKind, Language, Level, Priority
from deskd.store import tables
from deskd.store.keyring import fingerprint
from deskd.store.plan import Plan
from router.decide import Decision, decide
from router.facts import Facts
from router.thanks import only_thanks
from router.voice import FIELDS
from sla import clocks

FROM_THE_START = (ClockKind.FIRST_RESPONSE, ClockKind.RESOLUTION)  # clocks that run from the first message on


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody wrote, read and masked. facts: (kind, value, short), sealed when they are written."""

    receipt_id: str
    at: Micros
    subject: str
    text: str
    reply: str
    language: str
    level: Level
    trust_why: str
    no_ack_why: str
    provider_id: str = ""
    sent_at: Micros | None = None
    automatic: bool = False
    third_party: bool = False
    spam_why: str = ""
    wished_category: str = ""
    found: tuple[str, ...] = ()
    facts: tuple[tuple[str, str, str], ...] = ()
    files: tuple[File, ...] = ()
    warnings: tuple[str, ...] = ()


def open_ticket(
    desk: Desk,
    plan: Plan,
    who: Identity,
    said: Said,
    channel: str,
    account: str,
    *,
    known: bool = False,
    follows: Ticket | None = None,
    code: str = "",
) -> Matter:
    """A new ticket with its first message, decision, clocks and event.

    `known`: the customer has had a ticket that was no spam. `follows`: the closed ticket it is linked to.
    """
    decision = decide(_facts(said, who, channel, account, None, known=known), desk.rules)
    spam_why = said.spam_why or ("" if known or said.automatic else decision.spam)
    ticket = Ticket(
        id=desk.ids(),
        code=code or desk.new_code(),
        customer_id=who.customer_id,
        identity_id=who.id,
        channel=channel,
        account=account,
        subject=said.subject,
        state=TicketState.OPEN,
        spam=bool(spam_why),
        category=decision.category,
        topic=decision.topic,
        queue=decision.queue,
        priority=Priority.LOW.rank if said.automatic else Priority(decision.priority).rank,  # CHANNELS EA2
        policy=decision.policy,
        language=Language(decision.language),
        tags=tuple(sorted(decision.tags)),
        also=decision.also,
        set_by_person=(),
        rule_set=desk.rule_version,
        agent_id=None,
        linked_id=follows.id if follows else None,
        messages=0,
        events=0,
        last_in_at=None,
        last_in_id=None,
        last_out_at=None,
        answered_at=None,
        ack=said.no_ack_why,
        due_at=FAR,
        created_at=said.at,
        resolved_at=None,
        closed_at=None,
    )
    matter = Matter(ticket)
    message_id = _add_message(desk, plan, matter, said, who.id)
    _record(desk, plan, matter, decision, message_id, said.at, changed=FIELDS)
    if not spam_why and not said.automatic:
        _start_clocks(desk, matter, said.at)
    matter.event(
        desk,
        "ticket.opened",
        DESKD,
        said.at,
        message=message_id,
        queue=ticket.queue,
        category=ticket.category,
        spam=spam_why,
        follows=ticket.linked_id,
    )
    if not said.automatic:
        owe(desk, plan, matter, said.at)
    matter.save(plan)
    return matter


def append(desk: Desk, plan: Plan, matter: Matter, said: Said, who: Identity) -> None:
    """A further message of a ticket's customer, or of a third party who holds its token.

    The customer's own words open it again and resume its clocks, but for mere thanks. Automatic mail and a third
    party's change no state.
    """
    thanks = _thanks(matter.ticket, said)
    if thanks:
        said = replace(said, warnings=(*said.warnings, THANKS))
    message_id = _add_message(desk, plan, matter, said, who.id)
    if said.automatic or said.third_party or thanks:
        kind = "automatic" if said.automatic else "third_party" if said.third_party else "thanks"
        matter.event(desk, f"message.{kind}", DESKD, said.at, message=message_id)
        matter.save(plan)
        return
    ticket = matter.ticket
    facts = _facts(said, who, ticket.channel, ticket.account, ticket, known=not ticket.spam)
    decision = decide(facts, desk.rules)
    changed = _apply(desk, matter, decision, said.at)
    _record(desk, plan, matter, decision, message_id, said.at, changed=changed)
    _owed_again(desk, matter, said.at)
    if not matter.clocks and not matter.ticket.spam:  # automatic mail opened it, and a person writes in it at last
        matter.change(priority=Priority(decision.priority).rank)
        _start_clocks(desk, matter, said.at)
    next_response.asked_now(desk, matter, said.at)
    matter.event(desk, "message.received", DESKD, said.at, message=message_id, state=matter.ticket.state)
    owe(desk, plan, matter, said.at)
    matter.save(plan)


def _thanks(ticket: Ticket, said: Said) -> bool:
    """Words that only thank for an answer. Before one there is nothing to thank for."""
    if said.automatic or said.third_party or ticket.spam or ticket.answered_at is None or said.files:
        return False
    return only_thanks(said.reply or said.text, asked=ticket.state is TicketState.WAITING)


def _start_clocks(desk: Desk, matter: Matter, at: Micros) -> None:
    live = desk.live(matter.ticket.channel)
    for kind in FROM_THE_START:
        matter.turn(desk, kind, clocks.start(desk.book, kind, matter.ticket.policy, live, at))


def _facts(said: Said, who: Identity, channel: str, account: str, ticket: Ticket | None, *, known: bool) -> Facts:
    return Facts(
        text=said.reply or said.text,
        channel=channel,
        account=account,
        address=who.address,
        subject=said.subject,
        language=said.language,
        attachments=tuple(f.content_type for f in said.files),
        level=said.level,
        at=said.at,
        found=frozenset(said.found),
        previous_category=ticket.category if ticket else None,
        previous_priority=list(Priority)[ticket.priority] if ticket else None,
        answered=bool(ticket and ticket.answered_at),
        set_by_person=bool(ticket and ticket.set_by_person),
        wished_category=said.wished_category,
        known_customer=known,
    )


def _add_message(desk: Desk, plan: Plan, matter: Matter, said: Said, author: str) -> str:
    ticket, message_id = matter.ticket, desk.ids()
    matter.change(messages=ticket.messages + 1)
    plan.add(
        tables.messages,
        {
            "id": message_id,
            "ticket_id": ticket.id,
            "n": ticket.messages + 1,
            "direction": "in",
            "author": author,
            "receipt_id": said.receipt_id or None,
            "provider_id": said.provider_id,
            "at": said.at,
            "sent_at": said.sent_at,
            "subject": said.subject,
            "text": said.text,
            "reply": said.reply,
            "language": said.language,
            "automatic": said.automatic,
            "third_party": said.third_party,
            "level": str(said.level),
            "trust": said.trust_why,
            "found": list(said.found),
            "warnings": list(said.warnings),
        },
    )
    if not said.automatic and not said.third_party and THANKS not in said.warnings:
        matter.change(last_in_at=said.at, last_in_id=message_id)
    _add_files(desk, plan, message_id, said.files)
    for kind, value, short in said.facts:
        fact_id = desk.ids()
        row = {"id": fact_id, "ticket_id": ticket.id, "message_id": message_id, "kind": kind, "short": short}
        digest = desk.vault.ring.digest("lookup", kind, value)
        sealed = desk.vault.ring.seal_small(fact_id, value.encode())
        plan.add(tables.facts, row | {"sealed": sealed, "digest": digest})
    return message_id


def _add_files(desk: Desk, plan: Plan, message_id: str, files: Sequence[File]) -> None:
    for file in files:
        file_id = desk.ids()
        wrapped, (sealed,) = desk.vault.ring.seal(file_id, file.data)
        plan.add(
            tables.attachments,
            {
                "id": file_id,
                "message_id": message_id,
                "filename": file.filename,
                "content_type": file.content_type,
                "size": len(file.data),
                "sha256": fingerprint(file.data),
                "file": desk.vault.put("attachments", file_id, sealed),
                "data_key": wrapped,
            },
        )


def _record(
    desk: Desk,
    plan: Plan,
    matter: Matter,
    decision: Decision,
    message_id: str,
    at: Micros,
    *,
    changed: Collection[str],
) -> None:
    plan.add(
        tables.decisions,
        {
            "id": desk.ids(),
            "ticket_id": matter.ticket.id,
            "message_id": message_id,
            "at": at,
            "rule_set": desk.rule_version,
            "category": str(decision.category),
            "topic": decision.topic,
            "queue": decision.queue,
            "priority": str(decision.priority),
            "policy": decision.policy,
            "tags": sorted(decision.tags),
            "also": list(decision.also),
            "reasons": [
                {"code": r.code, "rule": r.rule, "en": r.text_en, "zh": r.text_zh, "matched": r.matched}
                for r in decision.reasons
            ],
            "changed": sorted(changed),
        },
    )


def _apply(desk: Desk, matter: Matter, decision: Decision, at: Micros) -> set[str]:
    """Writes to the ticket what the decision may change, and aims its clocks anew where the policy moved.

    Returns the fields that are another now.
    """
    ticket, may = matter.ticket, decision.changes
    wanted = {
        "category": decision.category,
        "topic": decision.topic,
        "queue": decision.queue,
        "priority": Priority(decision.priority).rank,
        "policy": decision.policy,
    }
    matter.change(
        **{name: value for name, value in wanted.items() if name in may},
        tags=tuple(sorted({*ticket.tags, *decision.tags})),
        also=tuple(dict.fromkeys([*ticket.also, *decision.also])),
    )
    changed = {name for name in wanted if getattr(matter.ticket, name) != getattr(ticket, name)}
    if "policy" not in changed:
        return changed
    live = desk.live(ticket.channel)
    for kind, held in list(matter.clocks.items()):
        if held.clock.state in {ClockState.RUNNING, ClockState.PAUSED}:
            why = "The rules chose another policy after a new message."
            matter.turn(desk, kind, clocks.retarget(desk.book, held.clock, matter.ticket.policy, live, at, why=why))
    return changed


def _owed_again(desk: Desk, matter: Matter, at: Micros) -> None:
    """The customer wrote: we owe. Paused clocks run on; the resolution of a resolved ticket is owed again."""
    if matter.ticket.state is TicketState.OPEN:
        return
    matter.change(state=TicketState.OPEN, resolved_at=None)
    held, why = matter.clocks.get(ClockKind.RESOLUTION), next_response.WROTE
    next_response.stand(desk, matter, at, why)
    if held is None or matter.ticket.spam:
        return
    if held.clock.state is ClockState.PAUSED:
        matter.turn(desk, ClockKind.RESOLUTION, clocks.resume(desk.book, held.clock, at, why))
    elif held.clock.state in {ClockState.MET, ClockState.CANCELLED}:
        matter.turn(desk, ClockKind.RESOLUTION, clocks.reopen(desk.book, held.clock, at, why))


def category_of(wish: str) -> str:
    """What a form's choice means; anything that is no category is no wish."""
    return wish if wish in set(Category) else ""
