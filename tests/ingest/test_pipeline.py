"""From kept receipts to tickets, on a real database, with a reader of plain lines instead of a channel."""

import pytest
from sqlalchemy import func, select
from world import World

from deskd.acts import verbs
from deskd.domain.errors import Refused
from deskd.domain.states import ReceiptState
from deskd.domain.words import Priority
from deskd.store import events, receipts, tables, views


def test_a_receipt_becomes_a_routed_ticket_with_two_clocks_and_an_event(world: World) -> None:
    world.write("a@example.com", "我的转账三天还没到账")
    world.run()
    [ticket] = world.rows(tables.tickets)
    assert (ticket["category"], ticket["state"], ticket["messages"]) == ("transfer", "open", 1)
    assert {clock["kind"] for clock in world.rows(tables.clocks)} == {"first_response", "resolution"}
    assert [event["kind"] for event in world.rows(tables.events)] == ["ticket.opened"]
    [decision] = world.rows(tables.decisions)
    assert decision["reasons"]


def test_the_same_key_is_kept_once_for_ever(world: World) -> None:
    for _ in range(3):
        world.write("a@example.com", "hello", key="same")
    world.run()
    world.write("a@example.com", "hello", key="same")
    world.run()
    assert len(world.rows(tables.tickets)) == 1


def test_what_a_parser_cannot_read_is_parked_and_delays_nobody(world: World) -> None:
    world.write("a@example.com", "boom")
    world.write("b@example.com", "I forgot my password")
    world.run()
    assert len(world.rows(tables.tickets)) == 1
    [stuck] = [row for row in world.rows(tables.receipts) if row["state"] == ReceiptState.PARKED]
    assert (stuck["step"], stuck["reason"]) == ("look", "RuntimeError")


def test_a_receipt_that_ended_the_process_three_times_is_parked(world: World) -> None:
    world.write("a@example.com", "poison")
    with world.database.write() as connection:
        connection.execute(tables.receipts.update().values(attempts=receipts.TRIES))
    world.run()
    [stuck] = world.rows(tables.receipts)
    assert stuck["state"] == ReceiptState.PARKED


def test_only_a_proved_sender_is_acknowledged_and_the_ticket_says_why_not(world: World) -> None:
    world.write("proved@example.com", "I forgot my password", proved=True)
    world.write("claimed@example.com", "I forgot my password")
    world.run()
    [delivery] = world.rows(tables.deliveries)
    assert (delivery["address"], delivery["kind"]) == ("proved@example.com", "ack")
    assert [t["ack"] for t in world.rows(tables.tickets)] == ["", "The sender is not proved."]


def test_a_reference_joins_only_when_it_was_sent_to_this_very_address(world: World) -> None:
    world.write("proved@example.com", "I forgot my password", proved=True)
    world.run()
    [delivery] = world.rows(tables.deliveries)
    world.write("proved@example.com", "still no mail", references=[delivery["mail_id"]])
    world.write("stranger@example.com", "let me in", references=[delivery["mail_id"]])
    world.run()
    assert [t["messages"] for t in world.rows(tables.tickets)] == [3, 1]


def test_a_signed_token_joins_its_owner_and_makes_anybody_else_a_third_party(world: World) -> None:
    world.write("owner@example.com", "I forgot my password")
    world.run()
    [ticket] = world.rows(tables.tickets)
    code = ticket["code"].lower()
    token = f"{code}.{world.desk.vault.ring.sign('thread', code, 'owner@example.com')}"
    forged = token[:-1] + ("a" if token[-1] != "a" else "b")
    world.write("owner@example.com", "more", tokens=["garbage.x", token])
    world.write("friend@example.com", "I know more", tokens=[token])
    world.write("thief@example.com", "let me in", tokens=[forged])
    world.run()
    tickets = world.rows(tables.tickets)
    assert [t["messages"] for t in tickets] == [3, 1]
    assert [m["third_party"] for m in world.rows(tables.messages)] == [False, False, True, False]


def test_a_secret_is_destroyed_in_the_words_and_with_the_raw_receipt(world: World) -> None:
    world.write("a@example.com", "my card 4111 1111 1111 1111 was declined")
    world.run()
    [message] = world.rows(tables.messages)
    [receipt] = world.rows(tables.receipts)
    assert "4111 1111" not in message["text"]
    assert message["found"] == ["card"]
    assert receipt["data_key"] is None
    assert receipt["body"] is None


def test_two_pipelines_share_the_work_and_double_nothing(world: World) -> None:
    for n in range(40):
        world.write(f"c{n}@example.com", "I forgot my password")
    other = world.another("two")
    while world.pipeline.round().total + other.round().total:
        pass
    assert len(world.rows(tables.tickets)) == 40


def test_events_are_numbered_without_a_gap_and_chained(world: World) -> None:
    for n in range(5):
        world.write(f"c{n}@example.com", "I forgot my password")
    world.run()
    with world.database.write() as connection:
        last = events.number(connection, events.last(connection))
    with world.database.read() as connection:
        assert [row["seq"] for row in events.feed(connection, 0)] == list(range(1, last[0] + 1))
        assert events.verify(connection) is None
        assert connection.scalar(select(func.count()).select_from(tables.events)) == last[0]


def test_a_ticket_that_automatic_mail_opened_gets_its_clocks_when_a_person_writes(world: World) -> None:
    world.write("a@example.com", "I am out of the office", kind="automatic")
    world.run()
    assert world.rows(tables.clocks) == []
    [ticket] = world.rows(tables.tickets)
    code = ticket["code"].lower()
    token = f"{code}.{world.desk.vault.ring.sign('thread', code, 'a@example.com')}"
    world.write("a@example.com", "I am back, where is my transfer?", tokens=[token])
    world.run()
    assert len(world.rows(tables.clocks)) == 2
    assert (ticket["priority"], world.rows(tables.tickets)[0]["priority"]) == (Priority.LOW.rank, Priority.NORMAL.rank)


def test_automatic_mail_to_one_address_is_capped_whatever_its_headers_say(world: World) -> None:
    for n in range(6):
        world.write("loop@example.com", f"I am a robot too {n}", proved=True)
        if n == 2:
            world.run()
    world.run()
    assert len(world.rows(tables.deliveries)) == 3
    assert sum("Enough automatic mails" in t["ack"] for t in world.rows(tables.tickets)) == 3


def test_senders_without_an_address_are_strangers_to_each_other_and_cannot_be_answered(world: World) -> None:
    for n in range(3):
        world.write("", f"I forgot my password {n}", proved=n == 2)
        if n:
            world.run()
    tickets, who = world.rows(tables.tickets), world.rows(tables.identities)
    assert len({ticket["customer_id"] for ticket in tickets}) == len({ticket["identity_id"] for ticket in tickets}) == 3
    receipts_kept = {row["id"] for row in world.rows(tables.receipts)}
    assert {(row["kind"], row["address"]) for row in who} == {("nobody", one) for one in receipts_kept}
    assert world.rows(tables.deliveries) == []
    with pytest.raises(Refused, match="no answer can be sent"):
        world.act(verbs.reply, world.agent(), tickets[0]["code"], "Hello.")
    ada = world.agent("Bob")
    assert len(world.act(verbs.next_ticket, ada)) == 1


def test_who_has_no_address_and_holds_a_threads_token_is_a_third_party_there(world: World) -> None:
    code = world.ticket("owner@example.com")
    token = f"{code.lower()}.{world.vault.ring.sign('thread', code.lower(), 'owner@example.com')}"
    world.write("", "I know more", tokens=[token])
    world.run()
    assert [m["third_party"] for m in world.rows(tables.messages)] == [False, True]


def test_a_large_receipt_that_held_a_secret_leaves_no_file(world: World) -> None:
    long = "密码是 hunter2secret。" + "我的转账三天还没到账。" * 30_000
    world.write("a@example.com", long)
    assert [path for path in (world.vault.folder / "receipts").rglob("*") if path.is_file()]
    world.run()
    assert not [path for path in (world.vault.folder / "receipts").rglob("*") if path.is_file()]


def test_two_pipelines_share_what_waits_and_none_is_done_twice(world: World) -> None:
    other = world.another("two")
    for n in range(80):
        world.write(f"c{n}@example.com", "I forgot my password")
    both = {"one": world.pipeline.round().total, "two": other.round().total}
    assert all(both.values())  # the second finds lanes that the first has left
    while world.pipeline.round().total + other.round().total:
        pass
    assert len(world.rows(tables.tickets)) == 80


def test_a_pipeline_that_has_nothing_left_gives_its_lanes_back(world: World) -> None:
    world.write("a@example.com", "I forgot my password")
    world.run()
    other = world.another("two")
    world.write("a@example.com", "I forgot my password again")
    assert other.round().total == 1


def test_a_pipeline_that_only_helps_takes_nothing_while_little_waits(world: World) -> None:
    helping = world.another("two", least=3)
    for n in range(2):
        world.write(f"c{n}@example.com", "I forgot my password")
    assert helping.round().total == 0
    world.write("c3@example.com", "I forgot my password")
    assert helping.round().total == 3


def standing(world: World) -> list[tuple[list[str], set[str]]]:
    """(what it changed, the rules it named) of each decision that made the ticket what it is."""
    [ticket] = world.rows(tables.tickets)
    with world.database.read() as connection:
        found = views.standing_decisions(connection, ticket["id"])
    return [(row["changed"], {reason["rule"] for reason in row["reasons"]}) for row in found]


def test_the_decision_that_stands_is_not_hidden_by_what_a_later_message_said(world: World) -> None:
    code = world.ticket("a@example.com", "我的转账三天还没到账")
    world.answer(code, "a@example.com", "你好")
    assert len(world.rows(tables.decisions)) == 2
    [(changed, rules)] = standing(world)
    assert "category" in changed
    assert any(rule.startswith("transfer.") for rule in rules)


def test_a_later_message_that_moves_the_ticket_stands_beside_the_first(world: World) -> None:
    code = world.ticket("a@example.com", "我的转账三天还没到账")
    world.answer(code, "a@example.com", "有人打电话让我把验证码给他，我给了，钱被转走")
    [_, (changed, rules)] = standing(world)
    assert {"category", "queue"} <= set(changed)
    assert any(rule.startswith("security.") for rule in rules)
