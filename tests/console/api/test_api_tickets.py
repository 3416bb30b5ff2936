"""Tickets, messages, notes, claims, customers: what an agent does on the pages, for programs."""

import pytest
from api_world import V1, client, problem, served, writes_on
from console_world import ConsoleWorld

from deskd.domain.ports import DAY, HOUR
from deskd.store import tables

CARD = "4111 1111 1111 1111"


def codes(answer: object) -> list[str]:
    return [row["code"] for row in answer.json()["items"]]


def test_the_list_is_the_newest_first_and_narrowed_by_what_is_asked(world: ConsoleWorld) -> None:
    praise = world.ticket("I like your app, thank you", email="a@example.com")
    theft = world.ticket("有人盗用了我的账户，这笔转账不是我操作的", email="b@example.com")
    asks = client(world)
    where = f"{V1}/tickets"
    assert codes(asks.get(where)) == [theft, praise]
    row = asks.get(where).json()["items"][0]
    assert (row["category"], row["priority"], row["language"]) == ("security", "urgent", "zh-Hans")
    assert row["state"] == "open"
    assert row["created"].endswith("Z")
    for params, found in (
        ({"category": "security"}, [theft]),
        ({"category": ["security", "feedback"]}, [theft, praise]),
        ({"priority": "urgent"}, [theft]),
        ({"queue": row["queue"]}, [theft]),
        ({"state": "waiting"}, []),
        ({"state": ["waiting", "open"]}, [theft, praise]),
        ({"agent": "Agent A"}, []),
        ({"agent": "Nobody"}, []),
        ({"spam": "true"}, []),
        ({"spam": "false"}, [theft, praise]),
    ):
        assert codes(asks.get(where, params=params)) == found, params
    asks.post(f"{where}/{praise}/assign", json={"to": "Agent A"})
    assert codes(asks.get(where, params={"agent": "Agent A"})) == [praise]


def test_one_ticket_is_shown_whole_with_its_address_shortened_and_facts_in_short(world: ConsoleWorld) -> None:
    code = world.ticket("my transfer did not arrive", phone="13800138000")
    whole = client(world).get(f"{V1}/tickets/{code.lower().removeprefix('up-')}").json()
    assert whole["ticket"]["code"] == code
    assert whole["sender"] == {"kind": "email", "address": "c***@example.com", "level": "claimed"}
    assert {"kind": "phone", "short": "138****8000"} in whole["facts"]
    assert {clock["kind"] for clock in whole["clocks"]} == {"first_response", "resolution"}
    assert all(clock["due"] for clock in whole["clocks"])
    assert whole["reasons"][0]["en"]
    assert "13800138000" not in str(whole)
    assert "customer@example.com" not in str(whole)


def test_one_opened_by_hand_loses_its_secrets_and_sends_nothing(world: ConsoleWorld) -> None:
    asks = client(world)
    given = {"address": "+86 138 0013 8000", "text": f"My card {CARD} was declined", "reason": "call"}
    made = asks.post(f"{V1}/tickets", json=given)
    assert made.status_code == 201
    shown = asks.get(f"{V1}/tickets/{made.json()['code']}").json()
    assert shown["sender"] == {"kind": "phone", "address": "***8000", "level": "claimed"}
    assert CARD not in str(asks.get(f"{V1}/tickets/{made.json()['code']}/messages").json())
    assert world.rows(tables.deliveries) == []
    refusal = asks.post(f"{V1}/tickets", json=given | {"address": "nobody"})
    assert "mail address or the phone number" in problem(refusal, 409, "refused")


def test_corrections_assignments_and_states_are_the_desks_own_verbs(world: ConsoleWorld) -> None:
    code, asks = world.ticket(), client(world)
    here = f"{V1}/tickets/{code}"
    head = asks.post(f"{here}/set", json={"field": "priority", "new": "urgent", "why": "a payroll"}).json()
    assert head["priority"] == "urgent"
    assert world.rows(tables.corrections)[0]["why"] == "a payroll"
    problem(asks.post(f"{here}/set", json={"field": "topic", "new": "no such", "why": "w"}), 409, "refused")
    problem(asks.post(f"{here}/set", json={"field": "priority", "new": "low", "why": " "}), 409, "refused")
    assert asks.post(f"{here}/assign", json={"to": "Agent A"}).json()["agent"] == "Agent A"
    assert asks.post(f"{here}/assign", json={"to": None}).json()["agent"] is None
    problem(asks.post(f"{here}/assign", json={"to": "Agent B"}), 404, "not-found")  # who does not serve the queue
    assert asks.post(f"{here}/state", json={"state": "resolved"}).json()["resolved"]
    problem(asks.post(f"{here}/state", json={"state": "resolved"}), 409, "state")
    problem(asks.post(f"{here}/state", json={"state": "closed"}), 422, "invalid")
    assert {row["by"] for row in world.rows(tables.events) if row["kind"] == "state.set"} == {"Agent A"}


def test_a_ticket_that_leaves_ones_queues_is_told_once_more_and_then_gone(world: ConsoleWorld) -> None:
    code = world.ticket()
    served(world, "Tina", world.rows(tables.tickets)[0]["queue"])
    asks, other = client(world, name="Tina"), {"field": "queue", "new": "nowhere", "why": "not ours"}
    moved = asks.post(f"{V1}/tickets/{code}/set", json=other)
    assert (moved.status_code, moved.json()["queue"]) == (200, "nowhere")
    problem(asks.get(f"{V1}/tickets/{code}"), 404, "not-found")


def test_messages_come_in_order_with_what_became_of_the_answers(world: ConsoleWorld) -> None:
    code, asks = world.ticket("my transfer did not arrive"), client(world)
    here = f"{V1}/tickets/{code}"
    asks.post(f"{here}/replies", json={"text": "We are looking into it.", "then": "open"})
    head = asks.post(f"{here}/notes", json={"text": f"They said {CARD}"}).json()
    items = asks.get(f"{here}/messages").json()["items"]
    assert head["messages"] == 3
    assert [(m["n"], m["direction"], m["author"]) for m in items] == [
        (1, "in", "customer"),
        (2, "out", "Agent A"),
        (3, "note", "Agent A"),
    ]
    assert [m["delivery"] for m in items] == [None, "queued", None]
    assert CARD not in items[2]["text"]
    assert items[0]["id"] == head["last_message"]


@pytest.mark.parametrize("then", ["waiting", "open", "held", "resolved"])
def test_an_answer_says_what_follows_and_is_rung_for(world: ConsoleWorld, then: str) -> None:
    code, asks = world.ticket(), client(world)
    made = asks.post(f"{V1}/tickets/{code}/replies", json={"text": "We looked into it.", "then": then})
    assert (made.status_code, made.json()["ticket"]["state"]) == (201, then)
    [row] = world.rows(tables.deliveries)
    assert (row["id"], row["state"], row["kind"]) == (made.json()["delivery"], "queued", "reply")
    assert world.rings == 1


def test_an_answer_that_would_miss_a_newer_message_is_refused_with_that_message(world: ConsoleWorld) -> None:
    code, asks = world.ticket("my transfer did not arrive"), client(world)
    here = f"{V1}/tickets/{code}"
    asks.post(f"{here}/claim")
    read = asks.get(here).json()["ticket"]["last_message"]
    world.now += HOUR // 6
    newer = writes_on(world, code, "It has arrived now, thank you")
    for given in ({"read": read}, {"read": None}, {}):
        refusal = asks.post(f"{here}/replies", json={"text": "Please wait.", **given})
        assert "wrote again" in problem(refusal, 409, "stale")
        assert refusal.json()["newer"]["id"] == newer
        assert refusal.json()["newer"]["text"] == "It has arrived now, thank you"
    assert world.rows(tables.deliveries) == []
    assert asks.post(f"{here}/replies", json={"text": "Glad to hear it.", "read": newer}).status_code == 201


@pytest.mark.parametrize(
    "text",
    [
        "Please send us your password.",
        f"Your card {CARD} is blocked.",
        "It is due on […].",
        "https://evil.example",
        " ",
    ],
)
def test_words_that_may_not_leave_do_not(world: ConsoleWorld, text: str) -> None:
    code = world.ticket()
    problem(client(world).post(f"{V1}/tickets/{code}/replies", json={"text": text}), 409, "refused")
    assert world.rows(tables.deliveries) == []
    assert world.rings == 0


def test_next_takes_the_most_urgent_with_the_customers_other_ones_and_release_lets_go(world: ConsoleWorld) -> None:
    world.ticket("I like your app, thank you", email="a@example.com")
    other = world.ticket("my transfer did not arrive", email="b@example.com")
    urgent = world.ticket("有人盗用了我的账户，这笔转账不是我操作的", email="b@example.com")
    asks, colleague = client(world), client(world, name="Super")
    taken = asks.post(f"{V1}/claims/next").json()["tickets"]
    assert [row["code"] for row in taken] == [urgent, other]
    assert taken[0]["agent"] == "Agent A"
    assert asks.get(f"{V1}/tickets/{other}").json()["holder"] == "Agent A"
    refusal = colleague.post(f"{V1}/tickets/{other}/claim")
    assert "Agent A is with this customer" in problem(refusal, 409, "refused")
    assert asks.post(f"{V1}/tickets/{urgent}/release").status_code == 200
    assert colleague.post(f"{V1}/tickets/{other}/claim").json()["code"] == other
    problem(asks.post(f"{V1}/tickets/{other}/release"), 409, "refused")


def test_next_tells_nothing_of_the_customers_tickets_in_foreign_queues(world: ConsoleWorld) -> None:
    mine = world.ticket("my transfer did not arrive")
    world.ticket("有人盗用了我的账户，这笔转账不是我操作的")
    served(world, "Tina", world.rows(tables.tickets)[0]["queue"])
    taken = client(world, name="Tina").post(f"{V1}/claims/next").json()["tickets"]
    assert [row["code"] for row in taken] == [mine]


def test_a_customer_is_seen_through_their_tickets(world: ConsoleWorld) -> None:
    first = world.ticket("my transfer did not arrive", name="Customer A")
    second = world.ticket("I forgot my password")
    asks = client(world)
    one = asks.get(f"{V1}/tickets/{first}").json()["ticket"]["customer"]
    shown = asks.get(f"{V1}/customers/{one}").json()
    assert (shown["id"], shown["name"]) == (one, "Customer A")
    assert [row["address"] for row in shown["addresses"]] == ["c***@example.com"]
    assert codes(asks.get(f"{V1}/customers/{one}/tickets")) == [second, first]
    queue = next(row["queue"] for row in world.rows(tables.tickets) if row["code"] == second.replace("-", "")[2:])
    served(world, "Pia", queue)
    assert codes(client(world, name="Pia").get(f"{V1}/customers/{one}/tickets")) == [second]


def test_a_queue_has_its_depth_and_its_eldest(world: ConsoleWorld) -> None:
    world.ticket("my transfer did not arrive", email="a@example.com")
    first = world.now
    world.now += DAY
    world.ticket("my transfer did not arrive", email="b@example.com")
    name = world.rows(tables.tickets)[0]["queue"]
    rows = {row["name"]: row for row in client(world).get(f"{V1}/queues").json()["items"]}
    assert rows[name]["depth"] == 2
    assert rows[name]["oldest"] == f"2026-05-28T20:26:40{'' if first % 1_000_000 == 0 else '.'}Z"
    empty = next(row for row in rows.values() if row["name"] != name)
    assert (empty["depth"], empty["oldest"]) == (0, None)


def test_feedback_shows_what_is_owed_and_is_declined_with_a_reason(world: ConsoleWorld) -> None:
    code, asks = world.ticket("I have a suggestion: please add a dark mode to the app"), client(world)
    here = f"{V1}/tickets/{code}"
    assert asks.get(here).json()["feedback"] == {"state": "open", "verdict": "", "why": "", "resolved_by": ""}
    refusal = asks.post(f"{here}/state", json={"state": "resolved"})
    assert "owed an answer" in refusal.json()["detail"]
    made = asks.post(f"{here}/replies", json={"text": "We can't.", "declined": "It would hide warnings"})
    assert (made.status_code, made.json()["ticket"]["state"]) == (201, "held")
    owed = {"state": "decided", "verdict": "declined", "why": "It would hide warnings", "resolved_by": "Agent A"}
    assert asks.get(here).json()["feedback"] == owed
    assert asks.get(f"{V1}/tickets/{world.ticket()}").json()["feedback"] is None
