import asyncio

import pytest
import structlog
from outbox_world import ACCOUNT, Desk

from deskd.domain.errors import ChannelError, Fate, Lost, SettingsError
from deskd.domain.ports import DAY, MINUTE, Sender
from deskd.outbox.limits import PAUSE, Limits, backoff
from deskd.outbox.work import Outbox
from deskd.store.tables import attachments, deliveries


def test_a_due_reply_leaves_once_and_is_accepted(desk: Desk) -> None:
    reply = desk.delivery()
    assert desk.run() == 1
    assert desk.run() == 0
    assert desk.provider.sent == [reply]
    row = desk.row(reply)
    assert (row["state"], row["provider_id"], row["settled_at"], row["holder"]) == ("accepted", "q-1", desk.clock(), "")
    assert desk.attempts(reply) == [(1, "accepted", "")]
    assert desk.settled == [(reply, "accepted", "deskd")]


def test_a_reply_that_is_not_due_stays(desk: Desk) -> None:
    later = desk.delivery(due=60)
    assert desk.run() == 0
    desk.clock.pass_by(60)
    assert desk.run() == 1
    assert desk.provider.sent == [later]


def test_two_workers_rung_together_send_everything_once(desk: Desk) -> None:
    replies = [desk.delivery() for _ in range(80)]
    assert desk.run(desk.outbox("one"), desk.outbox("two"), desk.outbox("three")) == 80
    assert sorted(desk.provider.sent) == sorted(replies)


def test_many_leave_at_once_but_never_more_than_a_batch(desk: Desk) -> None:
    for _ in range(70):
        desk.delivery()
    desk.run(desk.outbox(batch=8))
    assert 1 < desk.provider.most <= 8
    assert len(desk.provider.ledger) == 70


def test_the_elder_of_a_conversation_leaves_first(desk: Desk) -> None:
    ticket = desk.ticket()
    third, first, second = (desk.delivery(ticket, n) for n in (3, 1, 2))
    desk.run(desk.outbox("one"), desk.outbox("two"))
    assert desk.provider.sent == [first, second, third]
    assert desk.provider.most == 1


def test_the_younger_waits_while_the_elder_is_put_off(desk: Desk) -> None:
    ticket = desk.ticket()
    elder, younger = desk.delivery(ticket, 1), desk.delivery(ticket, 2)
    desk.provider.before[elder] = ChannelError(Fate.NEVER_LEFT, "451 later", code="451")
    desk.run()
    assert desk.provider.sent == []
    desk.provider.before.clear()
    desk.clock.pass_by(60)
    desk.run()
    assert desk.provider.sent == [elder, younger]


def test_a_reply_that_became_due_meanwhile_does_not_wait_for_a_slow_one(desk: Desk) -> None:
    slow = desk.delivery()

    async def story() -> None:
        outbox = desk.outbox()
        desk.provider.hold[slow] = asyncio.Event()
        first = asyncio.create_task(outbox.run_due(ACCOUNT))
        await desk.provider.wired.wait()
        desk.provider.wired.clear()
        quick = await asyncio.to_thread(desk.delivery)
        second = asyncio.create_task(outbox.run_due(ACCOUNT))
        await desk.provider.wired.wait()
        assert desk.provider.sent == [slow, quick]
        desk.provider.hold[slow].set()
        assert (await first, await second) == (2, 2)

    asyncio.run(story())


def test_what_never_left_is_tried_again_ever_more_rarely(desk: Desk) -> None:
    reply = desk.delivery()
    desk.provider.before[reply] = ChannelError(Fate.NEVER_LEFT, "451 later", code="451")
    for failed in range(1, 8):
        assert desk.run() == 1
        wait = desk.row(reply)["due_at"] - desk.clock()
        assert (desk.state(reply), wait) == ("queued", backoff(failed))
        desk.clock.now += wait
    assert [backoff(n) // MINUTE for n in range(1, 8)] == [1, 5, 15, 30, 60, 60, 60]
    assert desk.settled == []


def test_a_provider_that_names_a_time_is_not_asked_before_it(desk: Desk) -> None:
    reply = desk.delivery()
    desk.provider.before[reply] = ChannelError(Fate.NEVER_LEFT, "421 busy", code="421", retry_after=600)
    desk.run()
    assert desk.row(reply)["due_at"] - desk.clock() == 10 * MINUTE


def test_after_five_days_it_is_given_up_and_said_so(desk: Desk) -> None:
    reply = desk.delivery()
    desk.provider.before[reply] = ChannelError(Fate.NEVER_LEFT, "451 later", code="451")
    desk.run()
    desk.clock.now += 5 * DAY
    desk.run()
    assert desk.row(reply)["note"] == "Given up after five days: 451 later"
    assert desk.settled == [(reply, "rejected", "deskd")]


def test_a_rejected_one_is_not_tried_again(desk: Desk) -> None:
    reply = desk.delivery()
    desk.provider.before[reply] = ChannelError(Fate.REJECTED, "550 no such box", code="550")
    assert (desk.run(), desk.state(reply)) == (1, "rejected")
    desk.clock.now += DAY
    assert desk.run() == 0
    assert desk.attempts(reply) == [(1, "rejected", "550")]


def test_an_ambiguous_one_is_unknown_and_never_sent_again_by_itself(desk: Desk) -> None:
    reply = desk.delivery()
    desk.provider.after[reply] = ChannelError(Fate.AMBIGUOUS, "the answer after the dot was lost")
    desk.run()
    assert (desk.state(reply), desk.settled) == ("unknown", [(reply, "unknown", "deskd")])
    desk.clock.now += DAY
    desk.sweep()
    assert desk.run() == 0
    assert desk.provider.sent == [reply]


def test_what_had_not_reached_the_wire_never_left_whatever_the_error_says(desk: Desk) -> None:
    reply, other = desk.delivery(), desk.delivery()
    desk.provider.before[reply] = ChannelError(Fate.AMBIGUOUS, "reset")
    desk.provider.before[other] = ZeroDivisionError()
    desk.run()
    assert (desk.state(reply), desk.state(other)) == ("queued", "queued")


def test_a_channel_that_breaks_on_the_wire_leaves_an_unknown(desk: Desk) -> None:
    reply = desk.delivery()
    desk.provider.after[reply] = ZeroDivisionError()
    desk.run()
    assert (desk.state(reply), desk.row(reply)["note"]) == ("unknown", "The channel failed: ZeroDivisionError.")


@pytest.mark.parametrize(("stage", "state"), [("hold_before", "queued"), ("hold", "unknown")])
def test_a_send_has_a_hard_limit(desk: Desk, stage: str, state: str) -> None:
    reply = desk.delivery()

    async def story() -> None:
        getattr(desk.provider, stage)[reply] = asyncio.Event()
        await desk.outbox(send=1.0).run_due(ACCOUNT)  # time enough to come to the stage on a busy machine

    asyncio.run(story())
    assert desk.state(reply) == state


def test_our_own_fault_pauses_the_account_and_rejects_nothing(desk: Desk) -> None:
    refused, *others = [desk.delivery() for _ in range(5)]
    other_account = desk.delivery(account="billing")
    desk.provider.before[refused] = ChannelError(Fate.REJECTED, "535 log-in refused", code="535", ours=True)
    outbox = desk.outbox(batch=1)
    assert desk.run(outbox) == 1
    for reply in (refused, *others):
        row = desk.row(reply)
        assert (row["state"], row["due_at"]) == ("queued", desk.clock() + PAUSE)
        assert "535 log-in refused" in row["note"]
    assert desk.row(other_account)["due_at"] == desk.clock()
    assert desk.run(outbox) == 0


def test_what_comes_in_during_a_pause_does_not_try_the_same_door(desk: Desk) -> None:
    refused = desk.delivery()
    desk.provider.before[refused] = ChannelError(Fate.NEVER_LEFT, "535 log-in refused", code="535", ours=True)

    async def story() -> None:
        outbox = desk.outbox()
        await outbox.run_due(ACCOUNT)
        await asyncio.to_thread(desk.delivery)
        assert await outbox.run_due(ACCOUNT) == 0
        desk.provider.before.clear()
        desk.clock.now += PAUSE
        assert await outbox.run_due(ACCOUNT) == 2

    asyncio.run(story())


def test_an_account_that_is_off_pauses_and_says_so(desk: Desk) -> None:
    reply = desk.delivery()

    def nobody(channel: str, account: str) -> object:
        raise SettingsError(f"The account {account} has no secret.")

    outbox = desk.outbox()
    outbox._senders = nobody  # type: ignore[assignment]
    desk.run(outbox)
    assert desk.row(reply)["note"] == "The account support has no secret."


def test_a_delivery_that_nobody_can_carry_is_rejected_alone(desk: Desk) -> None:
    nobodys, other = desk.delivery(), desk.delivery()
    with desk.database.write() as connection:
        connection.execute(deliveries.update().where(deliveries.c.id == nobodys).values(channel="phone"))
    outbox, senders = desk.outbox(), desk.outbox()._senders

    def choose(channel: str, account: str) -> Sender:
        if channel == "phone":
            raise ChannelError(Fate.REJECTED, "There is no account support of phone to send by.", code="nobody")
        return senders(channel, account)

    outbox._senders = choose
    desk.run(outbox)
    assert (desk.state(nobodys), desk.state(other)) == ("rejected", "accepted")


def test_the_message_goes_out_with_its_thread_and_its_files(desk: Desk) -> None:
    ticket = desk.ticket()
    first = desk.delivery(ticket, 1)
    desk.run()
    desk.message(ticket, 2, "in", "their-mail@customer.example")
    desk.message(ticket, 3, "note", "never-out@desk.example")
    second = desk.delivery(ticket, 4)
    row = desk.row(second)
    file = {"id": desk.ids(), "message_id": row["message_id"], "filename": "a.txt", "content_type": "text/plain"}
    with desk.database.write() as connection:
        connection.execute(attachments.insert().values(file | {"size": 1, "sha256": "", "file": "stored"}))
    desk.run()
    sent = desk.provider.ledger[-1]
    assert (sent.message_id, sent.subject, sent.text) == (f"{second}@desk.example", "Re: Transfer", "words")
    assert sent.in_reply_to == "their-mail@customer.example"
    assert sent.references == (f"{first}@desk.example", "their-mail@customer.example")
    assert sent.thread_token.startswith("token-of-")
    assert [(f.filename, f.data) for f in sent.files] == [("a.txt", b"content of stored")]


def test_a_long_thread_refers_to_its_first_and_its_last_mails(desk: Desk) -> None:
    ticket = desk.ticket()
    for n in range(1, 31):
        desk.message(ticket, n, "in", f"m{n}@customer.example")
    desk.delivery(ticket, 31)
    desk.run()
    references = desk.provider.ledger[0].references
    assert (len(references), references[0], references[-1]) == (10, "m1@customer.example", "m30@customer.example")


def test_nothing_leaves_without_its_attachment(desk: Desk) -> None:
    reply = desk.delivery()
    file = {
        "id": desk.ids(),
        "message_id": desk.row(reply)["message_id"],
        "filename": "a",
        "content_type": "text/plain",
    }
    with desk.database.write() as connection:
        connection.execute(attachments.insert().values(file | {"size": 1, "sha256": "", "file": "gone"}))
    desk.run()
    assert (desk.state(reply), desk.attempts(reply)) == ("rejected", [(1, "rejected", "attachment")])
    assert desk.provider.sent == []


def test_one_ticket_that_changed_meanwhile_keeps_no_outcome_back(desk: Desk) -> None:
    replies = [desk.delivery() for _ in range(10)]
    desk.trouble = [Lost("Somebody else changed this first.")] * 3
    desk.run()
    assert {desk.state(reply) for reply in replies} == {"accepted"}
    assert len(desk.provider.ledger) == 10


def test_an_outcome_that_cannot_be_written_ends_as_unknown_and_is_not_sent_again(desk: Desk) -> None:
    reply = desk.delivery()
    desk.trouble = [Lost("Somebody else changed this first.")] * 9
    desk.run()
    assert desk.state(reply) == "wire"
    desk.trouble = []
    desk.clock.pass_by(46)
    assert desk.sweep().unknown == 1
    assert desk.run() == 0
    assert desk.provider.sent == [reply]


def test_a_worker_that_stops_gives_back_what_had_not_left_and_says_what_may_have(desk: Desk) -> None:
    waiting, wired = desk.delivery(), desk.delivery()

    async def story(outbox: Outbox) -> None:
        desk.provider.hold_before[waiting] = asyncio.Event()
        desk.provider.hold[wired] = asyncio.Event()
        running = asyncio.create_task(outbox.run_due(ACCOUNT))
        await desk.provider.wired.wait()
        await outbox.close()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(story(desk.outbox()))
    assert (desk.state(waiting), desk.state(wired)) == ("queued", "unknown")
    assert desk.row(waiting)["due_at"] == desk.clock()
    assert desk.provider.closed


def test_a_worker_that_stops_lets_a_send_end_that_ends_in_time(desk: Desk) -> None:
    reply = desk.delivery()

    async def story(outbox: Outbox) -> None:
        desk.provider.hold[reply] = asyncio.Event()
        running = asyncio.create_task(outbox.run_due(ACCOUNT))
        await desk.provider.wired.wait()
        closing = asyncio.create_task(outbox.close(grace=5))
        desk.provider.hold[reply].set()
        await closing
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(story(desk.outbox()))
    assert desk.state(reply) == "accepted"


def test_a_lease_that_would_not_outlast_a_send_is_refused() -> None:
    with pytest.raises(SettingsError, match="does not outlast a send"):
        Limits(lease=30, renew=15)


def test_the_log_of_a_broken_channel_names_the_place_and_quotes_nothing(desk: Desk) -> None:
    reply = desk.delivery()
    desk.provider.before[reply] = ValueError("a header with the customer's words")
    with structlog.testing.capture_logs() as logs:
        desk.run()
    (entry,) = logs
    assert (entry["delivery"], entry["error"]) == (reply, "ValueError")
    assert entry["where"].startswith("outbox_world.py:")
    assert "words" not in str(logs)
