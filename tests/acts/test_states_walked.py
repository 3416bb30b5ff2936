"""The tables of deskd/domain/states.py against what acts and statements really do: every pair, on rows."""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from world import World

from deskd.acts import outcome, verbs
from deskd.acts.returned import LEFT
from deskd.domain.errors import IllegalTransition, Lost, Refused
from deskd.domain.ports import MINUTE
from deskd.domain.states import DELIVERY, RECEIPT, REPORT, TICKET, DeliveryState, ReceiptState, Report, TicketState
from deskd.outbox.decide import decide
from deskd.outbox.limits import SWEEP, Limits
from deskd.store import people, receipts, tables, threads
from deskd.store.plan import Plan, write

# Tickets: a person's word, and deskd's own fourteen days


def ticket_in(world: World, state: TicketState) -> str:
    code = world.ticket(f"{state}@example.com")
    with world.database.write() as connection:
        mine = tables.tickets.c.code == code
        connection.execute(tables.tickets.update().where(mine).values(state=state, resolved_at=world.now))
    return code


def state_of(world: World, code: str) -> str:
    return next(str(row["state"]) for row in world.rows(tables.tickets) if row["code"] == code)


@pytest.mark.parametrize(("old", "new"), [*product(TicketState, repeat=2)])
def test_a_person_moves_a_ticket_where_the_table_lets_it_go(world: World, old: TicketState, new: TicketState) -> None:
    code, ada = ticket_in(world, old), world.agent()
    if new in TICKET[old]:
        world.act(verbs.move, ada, code, new)
        assert state_of(world, code) == new
    else:
        with pytest.raises(IllegalTransition, match=f"{old} cannot become {new}"):
            world.act(verbs.move, ada, code, new)
        assert state_of(world, code) == old


@pytest.mark.parametrize("old", TicketState)
@pytest.mark.parametrize("then", [state for state in TicketState if state is not TicketState.CLOSED])
def test_an_answer_takes_a_ticket_where_it_says_but_for_a_closed_one(
    world: World, old: TicketState, then: TicketState
) -> None:
    code, ada = ticket_in(world, old), world.agent()
    if old is TicketState.CLOSED:
        with pytest.raises(Refused, match="closed for good"):
            world.act(verbs.reply, ada, code, "Hello.", then=then)
    else:
        world.act(verbs.reply, ada, code, "Hello.", then=then)
        assert state_of(world, code) == then


@pytest.mark.parametrize("old", TicketState)
def test_the_customers_word_opens_every_ticket_but_a_closed_one(world: World, old: TicketState) -> None:
    code = ticket_in(world, old)
    world.answer(code, f"{old}@example.com", "It still does not work")
    assert state_of(world, code) == (old if old is TicketState.CLOSED else TicketState.OPEN)
    assert len(world.rows(tables.tickets)) == (2 if old is TicketState.CLOSED else 1)


@pytest.mark.parametrize("old", TicketState)
def test_only_a_resolved_ticket_is_closed_by_time(world: World, old: TicketState) -> None:
    code = ticket_in(world, old)
    world.pass_by(hours=15 * 24)
    assert world.act(outcome.close) == (1 if old is TicketState.RESOLVED else 0)
    assert state_of(world, code) == (TicketState.CLOSED if old is TicketState.RESOLVED else old)


def test_what_was_resolved_and_is_taken_up_again_is_owed_again(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    world.act(verbs.move, ada, code, TicketState.RESOLVED)
    world.pass_by(hours=5)
    world.act(verbs.reply, ada, code, "One more thing.", then=TicketState.WAITING)
    assert world.clock(code, "resolution")["state"] == "paused"
    world.act(verbs.move, ada, code, TicketState.RESOLVED)
    world.act(verbs.move, ada, code, TicketState.OPEN)
    clock = world.clock(code, "resolution")
    assert (clock["state"], clock["since"]) == ("running", world.now)


# Deliveries: a person's verdict, a report


def delivery_in(world: World, state: DeliveryState, report: Report = Report.NONE) -> str:
    delivery = str(world.act(verbs.reply, world.agent(), world.ticket(), "Hello."))
    with world.database.write() as connection:
        connection.execute(tables.deliveries.update().values(state=state, report=report))
    return delivery


@pytest.mark.parametrize(("old", "verdict"), [*product(DeliveryState, ("accepted", "rejected", "again"))])
def test_a_person_decides_what_is_unknown_and_lets_a_rejected_one_go_again(
    world: World, old: DeliveryState, verdict: str
) -> None:
    delivery, new = delivery_in(world, old), {"again": "queued"}.get(verdict, verdict)
    with world.database.read() as connection:
        ada = people.named(connection, "Ada")
    about: dict[str, Any] = {"by": ada, "why": "The log says so.", "now": world.now, "ids": world.ids}
    about["cover"] = world.desk.cover

    def settle(connection: Any, row: Any, state: DeliveryState) -> None:
        outcome.settle(world.desk, connection, row, state)

    if DeliveryState(new) in DELIVERY[old] and old in {DeliveryState.UNKNOWN, DeliveryState.REJECTED}:
        assert decide(world.database, delivery, verdict, settle=settle, **about)["state"] == new
    else:
        with pytest.raises(Refused):
            decide(world.database, delivery, verdict, settle=settle, **about)
        assert world.rows(tables.deliveries)[0]["state"] == old


@pytest.mark.parametrize(("old", "report"), [*product(DeliveryState, Report)])
def test_a_bounce_fails_what_has_left_and_has_no_later_report(world: World, old: DeliveryState, report: Report) -> None:
    delivery_in(world, old, report)
    [row] = world.rows(tables.deliveries)
    given = {"references": [row["mail_id"]], "failed": [("a@example.com", "5.1.1", True)]}
    world.write("mailer-daemon@mx.example", "Undelivered.", kind="bounce", **given)
    world.run()
    [after] = world.rows(tables.deliveries)
    assert (after["report"] == report) or Report(after["report"]) in REPORT[report]
    assert (after["state"] == old) or DeliveryState(after["state"]) in DELIVERY[old]
    failed = old in LEFT and report is Report.NONE
    assert (after["state"] == DeliveryState.REJECTED or after["report"] == Report.FAILED) == (
        failed or old is DeliveryState.REJECTED or report is Report.FAILED
    )


def test_a_report_whose_delivery_moved_meanwhile_is_lost_and_tried_again(world: World) -> None:
    delivery_id, plan = delivery_in(world, DeliveryState.WIRE), Plan()
    guard = {"b_id": delivery_id, "b_state": DeliveryState.ACCEPTED, "b_report": ""}
    values = {"state": DeliveryState.ACCEPTED, "report": "failed", "note": "", "provider_id": "", "settled_at": None}
    plan.change(threads.REPORTED, guard | values)
    with pytest.raises(Lost):
        world.database.transact(lambda connection: write(connection, [plan]))


def test_an_unknown_outcome_is_shown_within_a_minute() -> None:
    assert Limits().lease_us + SWEEP <= MINUTE


# Receipts: the four statements that move one

Move = Callable[[World, str], bool]


def settled(statement: Any, **values: Any) -> Move:
    def move(world: World, receipt_id: str) -> bool:
        plan = Plan()
        plan.change(statement, {"b_id": receipt_id, "settled_at": 1} | values)
        try:
            world.database.transact(lambda connection: write(connection, [plan]))
        except Lost:
            return False
        return True

    return move


MOVES: dict[str, tuple[ReceiptState, Move]] = {
    "settle": (ReceiptState.DONE, settled(receipts.SETTLE, outcome="ticket", ticket_id=None)),
    "settle and destroy": (ReceiptState.DONE, settled(receipts.SETTLE_AND_DESTROY, outcome="ticket", ticket_id=None)),
    "park": (ReceiptState.PARKED, settled(receipts.PARK, step="look", reason="a defect")),
    "retry": (ReceiptState.KEPT, lambda world, one: world.database.transact(lambda c: receipts.retry(c, one))),
    "dismiss": (
        ReceiptState.DISMISSED,
        lambda world, one: world.database.transact(lambda c: receipts.dismiss(c, one, "no use")),
    ),
}


@pytest.mark.parametrize(("old", "name"), [*product(ReceiptState, MOVES)])
def test_a_receipt_goes_only_where_the_table_lets_it(world: World, old: ReceiptState, name: str) -> None:
    new, move = MOVES[name]
    world.write("a@example.com", "hello")
    with world.database.write() as connection:
        connection.execute(tables.receipts.update().values(state=old))
    [row] = world.rows(tables.receipts)
    from_kept = name in {"settle", "settle and destroy", "park"}
    moved = move(world, row["id"])
    assert moved == (old is (ReceiptState.KEPT if from_kept else ReceiptState.PARKED))
    assert not moved or new in RECEIPT[old]
    assert world.rows(tables.receipts)[0]["state"] == (new if moved else old)
