import asyncio
import threading

import pytest
from outbox_world import ACCOUNT, Desk
from sqlalchemy import select, text

from deskd import app
from deskd.domain.errors import ChannelError, Denied, Fate, IllegalTransition, Lost, NotFound, Refused
from deskd.domain.ports import Micros
from deskd.domain.ticket import Agent
from deskd.domain.words import Role
from deskd.outbox.decide import decide
from deskd.store import deliveries as store
from deskd.store import people
from deskd.store.tables import deliveries


def _lease(desk: Desk, *, wire: bool = False, holder: str = "gone", seconds: int = 45) -> None:
    """What a worker leaves behind that was killed after its lease, or on the wire."""
    until: Micros = desk.clock() + seconds * 1_000_000
    with desk.database.write() as connection:
        rows = store.lease(connection, ACCOUNT, holder, now=desk.clock(), until=until, limit=32)
        if wire:
            store.to_wire(connection, holder, [(row["id"], row["fence"]) for row in rows])


def test_a_sweep_rings_the_accounts_that_have_something_due(desk: Desk) -> None:
    desk.delivery()
    desk.delivery()
    desk.delivery(account="billing")
    desk.delivery(account="later", due=60)
    assert desk.sweep().rung == ("billing", ACCOUNT)
    assert desk.rung == ["billing", ACCOUNT]


def test_a_lease_that_ends_before_the_wire_is_queued_again_and_leaves_once(desk: Desk) -> None:
    reply = desk.delivery()
    _lease(desk)
    assert desk.sweep().requeued == 0
    desk.clock.pass_by(45)
    swept = desk.sweep()
    assert (swept.requeued, swept.rung) == (1, (ACCOUNT,))
    desk.run()
    assert desk.provider.sent == [reply]
    assert desk.attempts(reply) == [(1, "queued", "lease"), (2, "accepted", "")]


def test_a_lease_that_ends_on_the_wire_is_unknown_and_said_so(desk: Desk) -> None:
    reply = desk.delivery()
    _lease(desk, wire=True)
    desk.clock.pass_by(45)
    assert desk.sweep().unknown == 1
    assert desk.settled == [(reply, "unknown", "deskd")]
    assert (desk.state(reply), desk.run()) == ("unknown", 0)


def _spoken_of(desk: Desk, reply: str) -> None:
    """As a report of the provider's leaves it that came before its answer."""
    with desk.database.write() as connection:
        connection.execute(deliveries.update().where(deliveries.c.id == reply).values(provider_id="P1"))


def test_what_the_provider_has_spoken_of_meanwhile_is_no_unknown(desk: Desk) -> None:
    reply = desk.delivery()
    _lease(desk, wire=True)
    _spoken_of(desk, reply)
    desk.clock.pass_by(45)
    assert desk.sweep().unknown == 0
    assert (desk.state(reply), desk.settled) == ("accepted", [(reply, "accepted", "deskd")])


def test_an_answer_that_was_lost_after_the_provider_spoke_is_no_unknown_either(desk: Desk) -> None:
    reply = desk.delivery()

    async def story() -> None:
        outbox = desk.outbox()
        desk.provider.hold[reply] = asyncio.Event()
        running = asyncio.create_task(outbox.run_due(ACCOUNT))
        await desk.provider.wired.wait()
        _spoken_of(desk, reply)
        await outbox.close()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(story())
    assert (desk.state(reply), desk.row(reply)["provider_id"]) == ("accepted", "P1")


def test_two_sweeps_at_once_do_no_more_than_one(desk: Desk) -> None:
    for _ in range(20):
        desk.delivery()
    _lease(desk, wire=True)
    desk.clock.pass_by(45)
    swept: list[int] = []
    threads = [threading.Thread(target=lambda: swept.append(desk.sweep().unknown)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(swept) == 20
    assert len(desk.settled) >= 20
    with desk.database.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM events")) == 20


def test_one_ticket_that_cannot_be_written_holds_no_other_lease_back(desk: Desk) -> None:
    for _ in range(3):
        desk.delivery()
    _lease(desk, wire=True)
    desk.clock.pass_by(45)
    desk.trouble = [Lost("changed")] * 2
    assert desk.sweep().unknown == 2
    assert desk.sweep().unknown == 1


def test_a_reply_whose_worker_keeps_dying_is_tried_ever_more_rarely(desk: Desk) -> None:
    reply = desk.delivery()
    waits = []
    for _ in range(5):
        _lease(desk)
        desk.clock.pass_by(45)
        desk.sweep()
        waits.append((desk.row(reply)["due_at"] - desk.clock()) // 60_000_000)
        desk.clock.now = desk.row(reply)["due_at"]
    assert waits == [0, 0, 0, 1, 5]


def test_a_worker_that_lives_keeps_its_lease_however_long_the_provider_takes(desk: Desk) -> None:
    reply = desk.delivery()

    async def story() -> None:
        outbox = desk.outbox(lease=0.3, renew=0.01)
        desk.provider.hold[reply] = asyncio.Event()
        running = asyncio.create_task(outbox.run_due(ACCOUNT))
        await desk.provider.wired.wait()
        first = (await asyncio.to_thread(desk.row, reply))["lease_until"]
        desk.clock.pass_by(60)
        while (await asyncio.to_thread(desk.row, reply))["lease_until"] == first:  # noqa: ASYNC110 - a row has no event
            await asyncio.sleep(0.005)
        assert (await asyncio.to_thread(desk.sweep)).unknown == 0
        desk.provider.hold[reply].set()
        await running
        await outbox.close()

    asyncio.run(story())
    assert desk.state(reply) == "accepted"


def test_a_worker_that_cannot_renew_stops_sending_before_its_lease_ends(desk: Desk) -> None:
    reply = desk.delivery()

    async def story() -> None:
        outbox = desk.outbox(lease=0.06, renew=0.01)
        desk.provider.hold_before[reply] = asyncio.Event()
        running = asyncio.create_task(outbox.run_due(ACCOUNT))
        await desk.provider.entered.wait()
        with desk.database.write() as connection:  # the database answers nobody else
            if not desk.database.sqlite:
                connection.exec_driver_sql("LOCK TABLE deliveries IN EXCLUSIVE MODE")
            await desk.provider.left.wait()
            assert desk.provider.sent == []
        desk.provider.hold_before[reply].set()
        await running
        await outbox.close()

    asyncio.run(story())
    assert desk.attempts(reply) == [(1, "queued", "stopped"), (2, "accepted", "")]
    assert desk.provider.sent == [reply]


def test_a_worker_that_was_overtaken_sends_nothing_and_changes_nothing(desk: Desk) -> None:
    reply = desk.delivery()

    async def story() -> None:
        outbox = desk.outbox("slow")
        gate = desk.provider.hold_before[reply] = asyncio.Event()
        running = asyncio.create_task(outbox.run_due(ACCOUNT))
        await desk.provider.entered.wait()
        desk.clock.pass_by(45)
        await asyncio.to_thread(desk.sweep)
        await asyncio.to_thread(_lease, desk, holder="quick")
        gate.set()
        await running

    asyncio.run(story())
    assert desk.provider.sent == []
    row = desk.row(reply)
    assert (row["state"], row["holder"], row["fence"]) == ("leased", "quick", 2)


def test_the_providers_answer_clears_what_a_sweep_has_called_unknown(desk: Desk) -> None:
    reply = desk.delivery()

    async def story() -> None:
        outbox = desk.outbox()
        desk.provider.hold[reply] = asyncio.Event()
        running = asyncio.create_task(outbox.run_due(ACCOUNT))
        await desk.provider.wired.wait()
        desk.clock.pass_by(45)
        assert (await asyncio.to_thread(desk.sweep)).unknown == 1
        desk.provider.hold[reply].set()
        await running

    asyncio.run(story())
    assert desk.state(reply) == "accepted"
    assert [state for _, state, _ in desk.settled] == ["unknown", "accepted"]


def _unknown(desk: Desk) -> str:
    reply = desk.delivery()
    desk.provider.after[reply] = ChannelError(Fate.AMBIGUOUS, "the answer was lost")
    desk.run()
    desk.provider.after.clear()
    return reply


def _decide(desk: Desk, reply: str, verdict: str, why: str = "seen in the MTA's log", by: Agent | None = None) -> None:
    who = by or _agent(desk)
    decide(
        desk.database,
        reply,
        verdict,
        by=who,
        why=why,
        cover=app.cover,
        now=desk.clock(),
        ids=desk.ids,
        settle=desk.settle,
    )


def _agent(desk: Desk, name: str = "agent-a", role: Role = Role.AGENT, queues: tuple[str, ...] = ()) -> Agent:
    with desk.database.write() as connection:
        people.add(connection, Agent(desk.ids(), name, role, queues, (), active=True), "", desk.clock())
        found = people.named(connection, name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("verdict", "state"), [("accepted", "accepted"), ("rejected", "rejected"), ("again", "queued")]
)
def test_a_person_decides_an_unknown_one_with_a_reason(desk: Desk, verdict: str, state: str) -> None:
    reply = _unknown(desk)
    _decide(desk, reply, verdict)
    row = desk.row(reply)
    assert (row["state"], row["note"]) == (state, "agent-a: seen in the MTA's log")
    assert desk.settled[-1] == (reply, state, "agent-a")
    assert desk.attempts(reply)[-1] == (1, state, "person")


def test_what_a_person_lets_go_again_is_sent_again_and_has_five_days_again(desk: Desk) -> None:
    reply = _unknown(desk)
    desk.clock.now += 6 * 86_400_000_000
    _decide(desk, reply, "again")
    desk.provider.before[reply] = ChannelError(Fate.NEVER_LEFT, "451 later", code="451")
    desk.run()
    assert (desk.state(reply), desk.row(reply)["due_at"] - desk.clock()) == ("queued", 60_000_000)
    desk.provider.before.clear()
    desk.clock.pass_by(60)
    desk.run()
    assert desk.provider.sent == [reply, reply]


def test_a_person_decides_nothing_else_and_nothing_without_a_reason(desk: Desk) -> None:
    accepted = desk.delivery()
    desk.run()
    queued = desk.delivery()
    with pytest.raises(Refused):
        _decide(desk, accepted, "again")
    with pytest.raises((Refused, IllegalTransition)):
        _decide(desk, queued, "rejected")
    with pytest.raises(Refused, match="no verdict"):
        _decide(desk, queued, "perhaps")
    with pytest.raises(NotFound):
        _decide(desk, "0" * 32, "again")
    with pytest.raises(Refused, match="why"):
        _decide(desk, _unknown(desk), "again", why=" ")


def test_only_who_is_active_and_sees_the_queue_decides(desk: Desk) -> None:
    reply, foreign, gone = _unknown(desk), _agent(desk, "b", queues=("elsewhere",)), _agent(desk, "c")
    desk.database.transact(lambda connection: people.switch_off(connection, "c"))
    for who, refusal in ((foreign, NotFound), (gone, Denied)):
        with pytest.raises(refusal):
            _decide(desk, reply, "accepted", by=who)
    assert desk.state(reply) == "unknown"


@pytest.mark.parametrize(("role", "may"), [(Role.AGENT, False), (Role.SUPERVISOR, True)])
def test_while_a_colleague_holds_the_customer_a_supervisor_decides(desk: Desk, role: Role, may: bool) -> None:
    reply, holder, other = _unknown(desk), _agent(desk, "b"), _agent(desk, "c", role)
    now, ticket = desk.clock(), desk.row(reply)["ticket_id"]
    desk.database.transact(lambda c: people.claim(c, "c" * 32, holder.id, ticket, now, now + 60_000_000))
    if may:
        _decide(desk, reply, "accepted", by=other)
    else:
        with pytest.raises(Refused, match="b is with this customer"):
            _decide(desk, reply, "accepted", by=other)
    assert desk.state(reply) == ("accepted" if may else "unknown")


def test_lists_show_states_with_the_tickets_code(desk: Desk) -> None:
    reply = _unknown(desk)
    desk.delivery()
    with desk.database.read() as connection:
        (row,) = store.listed(connection, [store.DeliveryState.UNKNOWN])
        assert (row["id"], len(row["ticket_code"])) == (reply, 8)
        assert store.counts(connection) == {"unknown": 1, "queued": 1}
        assert [a["state"] for a in store.attempts_of(connection, reply)] == ["unknown"]


def test_what_is_due_and_what_has_ended_is_found_by_index(desk: Desk) -> None:
    """SQLite uses a partial index only where the query says the same words; PostgreSQL looks at the table's size."""
    statements = (store._DUE, store._LEASE, select(deliveries.c.id).where(store._LEASED, deliveries.c.lease_until <= 1))
    plans = []
    with desk.database.read() as connection:
        for statement in statements:
            words = str(statement.compile(desk.database.engine))
            assert "state = 'queued'" in words or "state IN ('leased', 'wire')" in words
            if desk.database.sqlite:
                rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}", (1,) * words.count("?"))
                plans.append(" ".join(row[3] for row in rows))
    if desk.database.sqlite:
        assert [("ix_deliveries_due" in plan, "ix_deliveries_leased" in plan) for plan in plans] == [
            (True, False),
            (True, False),
            (False, True),
        ]


def test_a_secret_in_the_reason_is_not_kept(desk: Desk) -> None:
    reply = _unknown(desk)
    _decide(desk, reply, "accepted", why="they read me the card 4111 1111 1111 1111")
    assert "4111 1111 1111 1111" not in desk.row(reply)["note"]
    assert desk.row(reply)["note"].startswith("agent-a: they read me the card [card")
