"""A mail server's report that our mail did not arrive: whom it is believed, and what it undoes."""

import asyncio
import json
from typing import Any

import pytest
from world import World

from channels.email.compose import compose
from channels.email.config import MailAccount, MailListen
from channels.email.incoming import read
from deskd.acts import outcome, verbs
from deskd.domain.ports import Outgoing, Receipt
from deskd.domain.states import DeliveryState, TicketState
from deskd.domain.ticket import Agent
from deskd.domain.words import Priority
from deskd.store import tables
from ingest.masking.formats import DEFAULT
from ingest.pipeline import Pipeline

CUSTOMER = "a@example.com"
DAEMON = "mailer-daemon@mx.example"


def ticket(world: World) -> Any:
    """The first one."""
    return world.rows(tables.tickets)[0]


def delivery(world: World, delivery_id: str) -> Any:
    return next(row for row in world.rows(tables.deliveries) if row["id"] == delivery_id)


def accept(world: World, delivery_id: str, state: DeliveryState = DeliveryState.ACCEPTED, **values: Any) -> None:
    """As the worker does: the row, and in the same transaction what it means."""
    with world.database.write() as connection:
        made = {"state": state, "settled_at": world.now} | values
        connection.execute(tables.deliveries.update().where(tables.deliveries.c.id == delivery_id).values(**made))
    world.settle(delivery_id, state)


def answered(world: World, agent: Agent, code: str, then: TicketState = TicketState.WAITING) -> str:
    """A reply that the provider has accepted."""
    sent = str(world.act(verbs.reply, agent, code, "Use the link on the log-in page.", then=then))
    accept(world, sent)
    return sent


def bounce(world: World, delivery_id: str, recipient: str = CUSTOMER, *, status: str = "5.1.1", **more: Any) -> None:
    """A report that returns the mail of this delivery."""
    given = {"references": [delivery(world, delivery_id)["mail_id"]], "failed": [(recipient, status, status[0] == "5")]}
    world.write(DAEMON, "The mail could not be delivered.", kind="bounce", **(given | more))
    world.run()


def events(world: World, kind: str) -> list[Any]:
    return [json.loads(row["data"]) for row in world.rows(tables.events) if row["kind"] == kind]


def ledger(world: World, code: str, kind: str) -> list[str]:
    clock_id = world.clock(code, kind)["id"]
    return [row["act"] for row in world.rows(tables.clock_ledger) if row["clock_id"] == clock_id]


def outcomes(world: World) -> list[str]:
    return [row["outcome"] for row in world.rows(tables.receipts)]


# What it undoes


def test_a_bounce_takes_the_stop_back_with_the_time_that_ran_and_opens_the_ticket(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    due = {kind: world.clock(code, kind)["due_at"] for kind in ("first_response", "resolution")}
    world.pass_by(minutes=30)
    sent = answered(world, ada, code)
    assert (world.clock(code, "first_response")["state"], world.clock(code, "resolution")["state"]) == ("met", "paused")
    world.pass_by(hours=2)
    bounce(world, sent)
    after = {kind: world.clock(code, kind) for kind in due}
    assert {kind: (clock["state"], clock["due_at"]) for kind, clock in after.items()} == {
        kind: ("running", at) for kind, at in due.items()
    }
    assert (ticket(world)["state"], ticket(world)["answered_at"]) == ("open", None)
    assert ticket(world)["due_at"] == due["first_response"]
    assert ledger(world, code, "first_response") == ["start", "meet", "unmeet"]
    assert ledger(world, code, "resolution") == ["start", "pause", "resume"]


def test_a_bounced_ticket_is_the_next_one_again(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    sent = answered(world, ada, code)
    assert world.act(verbs.next_ticket, ada) == []
    bounce(world, sent)
    assert [one.code for one in world.act(verbs.next_ticket, ada)] == [code]


def test_the_report_says_failed_with_the_class_of_the_reason_and_the_agent_sees_the_notice(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    sent = answered(world, ada, code)
    bounce(world, sent, status="5.2.2")
    row = delivery(world, sent)
    assert (row["state"], row["report"]) == ("accepted", "failed")
    assert row["note"] == "It came back: the mailbox is full, closed or takes no such mail (5.2.2)."
    told = {"delivery": sent, "reason": "mailbox", "status": "5.2.2", "state": "open"}
    assert events(world, "delivery.failed") == [told]
    notice = world.rows(tables.messages)[-1]
    assert (notice["ticket_id"], notice["automatic"], notice["third_party"]) == (ticket(world)["id"], True, True)
    assert [(row["code"], row["note"]) for row in world.rows(tables.attempts)] == [("bounce", row["note"])]
    assert outcomes(world)[-1] == "bounce"


def test_a_breach_that_the_lost_answer_had_hidden_is_found_with_its_deadline(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    due = world.clock(code, "first_response")["due_at"]
    sent = answered(world, ada, code)
    world.pass_by(hours=100)
    bounce(world, sent)
    assert world.clock(code, "first_response")["breached_at"] == due
    assert ledger(world, code, "first_response") == ["start", "meet", "unmeet", "breach"]


def test_a_resolution_that_this_answer_met_never_was_one(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    due = world.clock(code, "resolution")["due_at"]
    sent = answered(world, ada, code, TicketState.RESOLVED)
    world.pass_by(hours=1)
    bounce(world, sent)
    assert (ticket(world)["state"], ticket(world)["resolved_at"]) == ("open", None)
    assert (world.clock(code, "resolution")["state"], world.clock(code, "resolution")["due_at"]) == ("running", due)


def test_an_elder_answer_that_arrived_keeps_the_first_response_met(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    answered(world, ada, code)
    met = world.clock(code, "first_response")
    world.pass_by(minutes=5)
    second = answered(world, ada, code)
    bounce(world, second)
    assert world.clock(code, "first_response") == met
    assert ticket(world)["state"] == "open"


def test_a_younger_answer_that_arrived_meets_it_instead(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    first = answered(world, ada, code)
    world.pass_by(minutes=5)
    answered(world, ada, code)
    second_at = world.now
    world.pass_by(minutes=5)
    bounce(world, first)
    clock = world.clock(code, "first_response")
    assert (clock["state"], clock["met_at"], ticket(world)["answered_at"]) == ("met", second_at, second_at)


def test_a_pause_that_came_later_and_for_another_reason_ends_now(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    sent = answered(world, ada, code, TicketState.OPEN)
    world.pass_by(hours=6)
    world.act(verbs.move, ada, code, TicketState.HELD)
    stood = world.clock(code, "resolution")["ran_us"]
    world.pass_by(hours=1)
    bounce(world, sent)
    clock = world.clock(code, "resolution")
    assert (clock["state"], clock["ran_us"], clock["since"]) == ("running", stood, world.now)


def test_a_bounced_acknowledgement_is_shown_and_stops_nothing(world: World) -> None:
    code = world.ticket(proved=True)
    [ack] = world.rows(tables.deliveries)
    accept(world, ack["id"])
    before = world.rows(tables.clocks)
    bounce(world, ack["id"])
    assert ticket(world)["ack"] == "It came back: the address does not exist or cannot be used (5.1.1)."
    assert delivery(world, ack["id"])["report"] == "failed"
    assert world.rows(tables.clocks) == before
    assert code == ticket(world)["code"]


def test_a_closed_ticket_stays_closed_and_keeps_the_notice(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    sent = answered(world, ada, code, TicketState.RESOLVED)
    world.act(verbs.move, ada, code, TicketState.CLOSED)
    before = world.rows(tables.clocks)
    bounce(world, sent)
    [only] = world.rows(tables.tickets)
    assert (only["state"], only["messages"]) == ("closed", 3)
    assert delivery(world, sent)["report"] == "failed"
    assert world.rows(tables.clocks) == before


def test_a_report_is_the_evidence_that_an_unknown_delivery_lacked(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    sent = str(world.act(verbs.reply, ada, code, "Hello."))
    accept(world, sent, DeliveryState.UNKNOWN)
    bounce(world, sent)
    assert (delivery(world, sent)["state"], delivery(world, sent)["report"]) == ("rejected", "")
    assert (ticket(world)["state"], world.clock(code, "resolution")["state"]) == ("open", "running")


def test_a_report_that_is_quicker_than_the_worker_keeps_the_clock_running(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    sent = str(world.act(verbs.reply, ada, code, "Hello."))
    with world.database.write() as connection:
        connection.execute(tables.deliveries.update().values(state=DeliveryState.WIRE))
    bounce(world, sent)
    accept(world, sent)
    assert (delivery(world, sent)["state"], delivery(world, sent)["report"]) == ("accepted", "failed")
    assert world.clock(code, "first_response")["state"] == "running"
    assert (ticket(world)["state"], ticket(world)["answered_at"]) == ("open", None)


def test_what_the_provider_refuses_at_the_door_opens_the_ticket_likewise(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    due = world.clock(code, "resolution")["due_at"]
    sent = str(world.act(verbs.reply, ada, code, "Hello."))
    world.pass_by(hours=1)
    accept(world, sent, DeliveryState.REJECTED)
    assert (ticket(world)["state"], world.clock(code, "resolution")["due_at"]) == ("open", due)
    assert events(world, "delivery.rejected") == [{"delivery": sent, "state": "open"}]


# What it leaves alone


def test_a_delay_is_shown_and_changes_nothing(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    sent = answered(world, ada, code)
    before, clocks = delivery(world, sent), world.rows(tables.clocks)
    bounce(world, sent, status="4.4.1")
    assert delivery(world, sent) == before
    assert world.rows(tables.clocks) == clocks
    assert (ticket(world)["state"], ticket(world)["messages"]) == ("waiting", 3)
    assert events(world, "delivery.failed") == []
    assert outcomes(world)[-1] == "note"


def test_a_second_report_of_the_same_changes_nothing(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    sent = answered(world, ada, code)
    bounce(world, sent)
    world.act(verbs.move, ada, code, TicketState.HELD)
    before = [world.rows(table) for table in (tables.tickets, tables.clocks, tables.events, tables.messages)]
    bounce(world, sent)
    assert [world.rows(table) for table in (tables.tickets, tables.clocks, tables.events, tables.messages)] == before
    assert (outcomes(world)[-1], world.rows(tables.receipts)[-1]["ticket_id"]) == ("bounce", ticket(world)["id"])


def test_two_reports_in_one_batch_are_one(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    sent = answered(world, ada, code)
    for _ in range(2):
        given = {"references": [delivery(world, sent)["mail_id"]], "failed": [(CUSTOMER, "5.1.1", True)]}
        world.write(DAEMON, "The mail could not be delivered.", kind="bounce", **given)
    world.run()
    assert len(events(world, "delivery.failed")) == 1
    assert ticket(world)["messages"] == 3


def forged(mail_id: str) -> str:
    local, _, domain = mail_id.partition("@")
    return f"{local[:-1]}{'a' if local[-1] != 'a' else 'b'}@{domain}"


@pytest.mark.parametrize("case", ["forged signature", "another recipient", "nothing of ours", "the id alone"])
def test_a_report_that_does_not_name_our_mail_and_its_recipient_changes_no_delivery(world: World, case: str) -> None:
    code, ada = world.ticket(), world.agent()
    sent = answered(world, ada, code)
    before = delivery(world, sent), ticket(world), world.rows(tables.clocks)
    given: dict[str, Any] = {
        "forged signature": {"references": [forged(before[0]["mail_id"])]},
        "another recipient": {"recipient": "b@example.com"},
        "nothing of ours": {"references": []},
        "the id alone": {"failed": []},
    }[case]
    bounce(world, sent, **given)
    assert (delivery(world, sent), ticket(world), world.rows(tables.clocks)) == before
    assert events(world, "delivery.failed") == []
    assert code == ticket(world)["code"]


def test_a_report_that_nobody_sent_for_has_no_clock_and_no_acknowledgement(world: World) -> None:
    world.write(
        DAEMON, "A thief took my money! Undeliverable.", kind="bounce", proved=True, failed=[(CUSTOMER, "5.1.1", True)]
    )
    world.run()
    assert ticket(world)["priority"] == Priority.LOW.rank
    assert world.rows(tables.clocks) == world.rows(tables.deliveries) == []


# The thread's signed address, where the report returns no header


def test_a_report_to_the_threads_address_that_names_the_customer_is_about_the_newest_answer(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    first, second = answered(world, ada, code), answered(world, ada, code)
    token = f"{code.lower()}.{world.vault.ring.sign('thread', code.lower(), CUSTOMER)}"
    bounce(world, first, references=[], tokens=[token])
    assert [delivery(world, one)["report"] for one in (first, second)] == ["", "failed"]


def test_a_report_with_our_id_to_the_threads_address_may_name_where_the_mail_was_forwarded(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    sent = answered(world, ada, code)
    token = f"{code.lower()}.{world.vault.ring.sign('thread', code.lower(), CUSTOMER)}"
    bounce(world, sent, "inner@elsewhere.example", tokens=[token])
    assert delivery(world, sent)["report"] == "failed"


def test_a_report_to_the_threads_address_that_names_somebody_else_is_a_note(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    sent = answered(world, ada, code)
    token = f"{code.lower()}.{world.vault.ring.sign('thread', code.lower(), CUSTOMER)}"
    bounce(world, sent, "b@example.com", references=[], tokens=[token])
    assert (delivery(world, sent)["report"], ticket(world)["messages"]) == ("", 3)


def test_a_returned_mail_names_its_elders_as_well_and_the_newest_is_meant(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    elder = answered(world, ada, code)
    world.pass_by(minutes=1)
    younger = answered(world, ada, code)
    names = [delivery(world, one)["mail_id"] for one in (elder, younger)]
    bounce(world, younger, references=names)
    assert [delivery(world, one)["report"] for one in (elder, younger)] == ["", "failed"]


# From a real report


def report_of(raw: bytes) -> bytes:
    head = raw.partition(b"\n\n")[0]
    fields = f"Final-Recipient: rfc822; {CUSTOMER}\nAction: failed\nStatus: 5.1.1\n".encode()
    return (
        b"From: MAILER-DAEMON@mx.example\nTo: support@pay.example\nSubject: Undelivered Mail Returned to Sender\n"
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nSorry.\n--b\n"
        b"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n" + fields + b"\n--b\n"
        b"Content-Type: text/rfc822-headers\n\n" + head + b"\n--b--\n"
    ).replace(b"\r\n", b"\n")


def test_a_report_as_mail_servers_write_it_finds_the_mail_that_we_sent(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    elder, sent = answered(world, ada, code), answered(world, ada, code)
    rows = [delivery(world, one) for one in (elder, sent)]
    mail = Outgoing(sent, "main", CUSTOMER, "Hello", "Hello.", rows[1]["mail_id"], references=(rows[0]["mail_id"],))
    body = report_of(compose(mail, MailAccount(name="main", address="support@pay.example")))
    receipt = Receipt("email", "main", "k", DAEMON, body, world.now, {"mail_from": "", "rcpt_to": []})
    asyncio.run(world.keeper.keep([receipt]))
    readers = {"email": lambda raw, envelope, _account: read(raw, envelope, ["support@pay.example"], MailListen())}
    pipeline = Pipeline(world.database, lambda: world.desk, readers, DEFAULT, world.voice, world.ids, "mail")
    world.pipeline.release()
    pipeline.round()
    assert [delivery(world, one)["report"] for one in (elder, sent)] == ["", "failed"]


# After fourteen days


def test_a_resolved_ticket_that_rests_is_closed_after_14_days_and_no_sooner(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    answered(world, ada, code, TicketState.RESOLVED)
    world.pass_by(hours=14 * 24 - 1)
    assert world.act(outcome.close) == 0
    world.pass_by(hours=1)
    assert world.act(outcome.close) == 1
    assert (ticket(world)["state"], ticket(world)["closed_at"]) == ("closed", world.now)
    assert world.act(outcome.close) == 0


def test_what_is_written_before_that_opens_it_and_after_it_is_a_new_linked_ticket(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    answered(world, ada, code, TicketState.RESOLVED)
    world.pass_by(hours=13 * 24)
    world.answer(code, CUSTOMER, "It still does not work")
    assert ticket(world)["state"] == "open"
    answered(world, ada, code, TicketState.RESOLVED)
    world.pass_by(hours=14 * 24)
    world.act(outcome.close)
    world.answer(code, CUSTOMER, "And again")
    old, new = world.rows(tables.tickets)
    assert (old["state"], new["state"], new["linked_id"]) == ("closed", "open", old["id"])


def test_a_program_that_writes_to_a_closed_ticket_opens_none(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    answered(world, ada, code, TicketState.RESOLVED)
    world.pass_by(hours=14 * 24)
    world.act(outcome.close)
    world.answer(code, CUSTOMER, "I am on leave", kind="automatic")
    [only] = world.rows(tables.tickets)
    assert (only["state"], only["messages"]) == ("closed", 3)
