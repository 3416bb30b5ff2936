"""Who is told when a promise is in danger or broken, and what the mail may say."""

import email.policy
import json
from dataclasses import replace
from email import message_from_bytes
from typing import Any

import pytest
from world import World

from channels.email.compose import LOOP_HEADER, compose
from channels.email.config import MailAccount
from deskd.acts import notice, verbs
from deskd.acts.desk import Staff
from deskd.domain.ports import Outgoing
from deskd.domain.states import DeliveryState
from deskd.domain.words import Role
from deskd.store import deliveries, people, tables, tickets

URGENT = "A thief is taking money out of my account right now, I did not make this transfer"
URL = "https://desk.example"


@pytest.fixture
def world(world: World) -> World:
    world.desk = replace(world.desk, staff=Staff("main", "Asia/Shanghai", URL))
    return world


def late(world: World, minutes: int = 20) -> str:
    """The code of an urgent ticket that nobody has answered; its clocks were looked at after so many minutes."""
    code = world.ticket(text=URGENT)
    world.pass_by(minutes=minutes)
    world.tick()
    return code


def sent(world: World) -> list[Any]:
    return [row for row in world.rows(tables.deliveries) if row["kind"] == "notice"]


def escalations(world: World) -> list[Any]:
    return [json.loads(row["data"]) for row in world.rows(tables.events) if row["kind"] == "clock.escalate"]


def test_the_supervisor_of_the_queue_is_told_by_mail_and_the_event_says_so(world: World) -> None:
    boss = world.agent("Boss", ("security",), Role.SUPERVISOR, mail="boss@staff.example")
    world.agent("Other", ("transfers",), Role.SUPERVISOR, mail="other@staff.example")
    world.agent("Silent", ("security",), Role.SUPERVISOR)
    world.agent("Ada", mail="ada@staff.example")
    late(world)
    [one] = sent(world)
    assert (one["address"], one["account"], one["channel"], one["state"]) == (boss.mail, "main", "email", "queued")
    due = world.rows(tables.clocks)[0]["due_at"]
    assert escalations(world) == [
        {"clock": "first_response", "due": due, "to": "supervisor", "told": [boss.id], "withheld": []}
    ]


def test_the_second_step_tells_ops_and_no_step_tells_twice(world: World) -> None:
    world.agent("Boss", (), Role.SUPERVISOR, mail="boss@staff.example")
    world.agent("Olga", (), Role.OPS, mail="olga@staff.example")
    late(world)
    for _ in range(3):
        world.pass_by(minutes=20)
        world.tick()
    assert [one["address"] for one in sent(world)] == ["boss@staff.example", "olga@staff.example"]


def test_without_such_a_person_the_admins_are_told_and_without_any_the_event_says_nobody(world: World) -> None:
    late(world)
    world.agent("Root", (), Role.ADMIN, mail="root@staff.example")
    world.pass_by(minutes=20)
    world.tick()
    assert [one["address"] for one in sent(world)] == ["root@staff.example"]
    assert [len(one["told"]) for one in escalations(world)] == [0, 1]


def test_who_is_switched_off_is_told_nothing(world: World) -> None:
    world.agent("Boss", (), Role.SUPERVISOR, mail="boss@staff.example")
    world.database.transact(lambda connection: people.switch_off(connection, "Boss"))
    late(world)
    assert sent(world) == []


def mail(world: World, row: Any) -> Any:
    """The mail as it leaves, read again."""
    with world.database.read() as connection:
        content = deliveries.contents(connection, [row])[row["id"]]
    outgoing = Outgoing(
        row["id"],
        "main",
        row["address"],
        content.subject,
        content.text,
        row["mail_id"],
        content.in_reply_to,
        content.references,
        automatic=content.automatic,
        created_at=row["created_at"],
    )
    raw = compose(outgoing, MailAccount(address="help@desk.example"))
    return message_from_bytes(raw, policy=email.policy.default)


def test_the_mail_names_code_queue_clock_and_time_and_no_word_of_the_customers(world: World) -> None:
    world.agent("Boss", (), Role.SUPERVISOR, mail="boss@staff.example", languages=("en",))
    code = late(world)
    shown = f"UP-{code[:4]}-{code[4:]}"
    message = mail(world, sent(world)[0])
    assert message["Subject"] == f"[{shown}] First response: 5 min late"
    assert message.get_body(("plain",)).get_content().replace("\r\n", "\n").strip() == (
        f"Ticket {shown}, queue security.\n"
        "First response: due 2026-05-29 04:41 (Asia/Shanghai), 5 min late.\n"
        f"Open it: {URL}/console/t/{shown}\n"
        "This mail is automatic. Nobody reads answers to it."
    )
    for word in (*URGENT.split(), "a@example.com"):
        assert len(word) < 5 or word not in str(message)


def test_the_mail_is_marked_as_automatic_and_belongs_to_no_thread(world: World) -> None:
    world.agent("Boss", (), Role.SUPERVISOR, mail="boss@staff.example")
    late(world)
    message = mail(world, sent(world)[0])
    assert message["Auto-Submitted"].startswith("auto-")
    assert message[LOOP_HEADER]
    assert message["In-Reply-To"] is message["References"] is None
    assert "后续" not in message["Subject"]
    assert "首次响应：" in message["Subject"]
    assert "First response" in message["Subject"]  # who has named no language reads both


def test_without_a_public_address_there_is_no_link_and_without_an_account_no_mail(world: World) -> None:
    world.agent("Boss", (), Role.SUPERVISOR, mail="boss@staff.example")
    world.desk = replace(world.desk, staff=Staff("main"))
    late(world)
    assert "http" not in mail(world, sent(world)[0]).get_body(("plain",)).get_content()
    world.desk = replace(world.desk, staff=Staff())
    late(world, minutes=20)
    assert len(sent(world)) == 1


def test_more_than_twenty_an_hour_are_withheld_from_one_person_and_the_event_says_from_whom(world: World) -> None:
    boss = world.agent("Boss", (), Role.SUPERVISOR, mail="boss@staff.example")
    for n in range(notice.MOST + 2):
        world.ticket(f"c{n}@example.com", URGENT)
    world.pass_by(minutes=20)
    world.tick()
    assert len(sent(world)) == notice.MOST
    assert [one["withheld"] for one in escalations(world)].count([boss.id]) == 2
    world.pass_by(hours=1)
    world.ticket("late@example.com", URGENT)
    world.pass_by(minutes=20)
    world.tick()
    assert len([one for one in sent(world) if one["created_at"] == world.now]) > 0


def test_a_notice_meets_no_clock_and_stands_in_no_thread(world: World) -> None:
    world.agent("Boss", (), Role.SUPERVISOR, mail="boss@staff.example")
    code = late(world)
    [one] = sent(world)
    world.settle(one["id"])
    assert world.clock(code, "first_response")["state"] == "running"
    with world.database.read() as connection:
        assert [m["direction"] for m in tickets.thread(connection, one["ticket_id"])] == ["in"]
    [ticket] = world.rows(tables.tickets)
    assert (ticket["answered_at"], ticket["state"]) == (None, "open")


def test_a_notice_that_is_refused_changes_nothing_of_the_ticket(world: World) -> None:
    world.agent("Boss", (), Role.SUPERVISOR, mail="boss@staff.example")
    late(world)
    before = {k: v for k, v in world.rows(tables.tickets)[0].items() if k != "events"}
    world.settle(sent(world)[0]["id"], DeliveryState.REJECTED)
    assert {k: v for k, v in world.rows(tables.tickets)[0].items() if k != "events"} == before


def test_a_notice_that_waits_holds_no_answer_back_and_an_answer_no_notice(world: World) -> None:
    world.agent("Boss", (), Role.SUPERVISOR, mail="boss@staff.example")
    code = late(world)
    world.act(verbs.reply, world.agent("Ada"), code, "We have stopped it.")

    def lease(connection: Any) -> set[str]:
        rows = deliveries.lease(connection, "main", "w", now=world.now, until=world.now + 60, limit=9)
        return {row["kind"] for row in rows}

    assert world.database.transact(lease) == {"notice", "reply"}


def test_what_one_of_us_answers_to_a_notice_is_no_word_of_the_customers(world: World) -> None:
    world.agent("Boss", (), Role.SUPERVISOR, mail="boss@staff.example")
    code = late(world)
    [one] = sent(world)
    world.write("boss@staff.example", "I look into it", references=[one["mail_id"]])
    world.run()
    theirs = next(row for row in world.rows(tables.tickets) if row["code"] == code)
    [answer] = [row for row in world.rows(tables.messages) if row["text"] == "I look into it"]
    assert answer["ticket_id"] != theirs["id"]
    assert theirs["last_in_at"] < one["created_at"]


def test_the_customers_thread_names_no_notice(world: World) -> None:
    world.agent("Boss", (), Role.SUPERVISOR, mail="boss@staff.example")
    code = late(world)
    world.settle(sent(world)[0]["id"])
    world.act(verbs.reply, world.agent("Ada"), code, "We have stopped it.")
    [row] = [row for row in world.rows(tables.deliveries) if row["kind"] == "reply"]
    with world.database.read() as connection:
        assert sent(world)[0]["mail_id"] not in deliveries.contents(connection, [row])[row["id"]].references
