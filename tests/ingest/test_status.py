"""What a provider says later of something that we sent: forward only, and evidence where the outcome is unknown."""

from typing import Any

import pytest
from world import World

from deskd.acts import verbs
from deskd.domain.states import DeliveryState, TicketState
from deskd.store import tables


def _answered(world: World, state: DeliveryState | None) -> tuple[str, str]:
    """(code, delivery) of a ticket whose answer came to that state; None: it is on the wire."""
    code = world.ticket("a", "my transfer did not arrive", channel="talk")
    world.pass_by(minutes=5)
    delivery = world.act(verbs.reply, world.agent(), code, "It is there now.", then=TicketState.RESOLVED)
    with world.database.write() as connection:
        values: dict[str, Any] = {"state": state or DeliveryState.WIRE, "provider_id": "" if state is None else "P1"}
        if state is DeliveryState.UNKNOWN:
            values["provider_id"] = ""
        connection.execute(tables.deliveries.update().where(tables.deliveries.c.id == delivery).values(values))
    if state is not None:
        world.settle(delivery, state)
    return code, delivery


def _hear(world: World, report: str, delivery_id: str = "", provider_id: str = "P1", code: str = "") -> None:
    said = {"provider_id": provider_id, "report": report, "delivery_id": delivery_id, "code": code}
    world.write("", "", channel="talk", kind="status", reported=said, key=f"{provider_id}:{report}:{world.now}")
    world.run()


def _row(world: World, delivery: str) -> Any:
    return next(row for row in world.rows(tables.deliveries) if row["id"] == delivery)


@pytest.mark.parametrize(
    ("heard", "report"),
    [
        (("delivered",), "delivered"),
        (("delivered", "read"), "read"),
        (("read", "delivered"), "read"),
        (("delivered", "delivered"), "delivered"),
        (("delivered", "failed"), "delivered"),
        (("", "delivered"), "delivered"),
    ],
)
def test_a_report_only_goes_forward(world: World, heard: tuple[str, ...], report: str) -> None:
    _, delivery = _answered(world, DeliveryState.ACCEPTED)
    for one in heard:
        _hear(world, one)
    row = _row(world, delivery)
    assert (row["state"], row["report"]) == ("accepted", report)
    events = [event["kind"] for event in world.rows(tables.events)]
    assert events.count(f"delivery.{report}") == 1


def test_what_failed_is_ours_again_with_its_clock(world: World) -> None:
    code, delivery = _answered(world, DeliveryState.ACCEPTED)
    assert world.clock(code, "first_response")["state"] == "met"
    for _ in range(2):
        _hear(world, "failed", code="30006")
    row, [ticket] = _row(world, delivery), world.rows(tables.tickets)
    assert (row["report"], ticket["state"], ticket["answered_at"]) == ("failed", "open", None)
    assert "30006" in row["note"]
    assert world.clock(code, "first_response")["state"] == "running"


def test_an_unknown_outcome_is_cleared_by_a_report_that_names_our_delivery(world: World) -> None:
    code, delivery = _answered(world, DeliveryState.UNKNOWN)
    _hear(world, "", delivery_id=delivery, provider_id="P9")
    row = _row(world, delivery)
    assert (row["state"], row["provider_id"], row["report"]) == ("accepted", "P9", "")
    assert world.clock(code, "first_response")["state"] == "met"


def test_a_report_may_come_while_the_message_is_still_on_the_wire(world: World) -> None:
    _, delivery = _answered(world, None)
    _hear(world, "delivered", delivery_id=delivery)
    row = _row(world, delivery)
    assert (row["state"], row["report"], row["provider_id"]) == ("wire", "delivered", "P1")
    world.settle(delivery)
    assert _row(world, delivery)["report"] == "delivered"


def test_of_what_we_never_sent_a_report_says_nothing(world: World) -> None:
    _, delivery = _answered(world, DeliveryState.ACCEPTED)
    before = _row(world, delivery)
    _hear(world, "failed", delivery_id="f" * 32, provider_id="P2")
    assert dict(_row(world, delivery)) == dict(before)
    assert {row["outcome"] for row in world.rows(tables.receipts)} == {"ticket", "status"}
