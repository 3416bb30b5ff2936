"""What a person does with a ticket, and what is refused to them."""

import json
import threading
from typing import Any

import pytest
from world import NOW, World

from deskd.acts import verbs
from deskd.acts.rights import CLAIM
from deskd.domain.errors import IllegalTransition, Lost, NotFound, Refused, Stale
from deskd.domain.ports import MINUTE
from deskd.domain.states import TicketState
from deskd.store import people, tables, tickets
from deskd.store.database import Database

URGENT = "A thief is taking money out of my account right now, I did not make this transfer"
PASSWORD = "I forgot my password"
WISH = "You should add a dark mode"


def ticket(world: World, code: str) -> Any:
    return next(row for row in world.rows(tables.tickets) if row["code"] == code)


def kinds(world: World, code: str) -> list[str]:
    mine = [row for row in world.rows(tables.events) if row["ticket_id"] == ticket(world, code)["id"]]
    return [row["kind"] for row in sorted(mine, key=lambda row: row["n"])]


def ledger(world: World, code: str, kind: str) -> list[str]:
    clock_id = world.clock(code, kind)["id"]
    return [row["act"] for row in world.rows(tables.clock_ledger) if row["clock_id"] == clock_id]


# What comes next


def test_next_gives_the_most_urgent_first_and_the_elder_of_two_alike(world: World) -> None:
    low, first, second = (
        world.ticket("a@example.com", WISH),
        world.ticket("b@example.com", PASSWORD),
        world.ticket("c@example.com", PASSWORD),
    )
    urgent = world.ticket("d@example.com", URGENT)
    given = [world.act(verbs.next_ticket, world.agent(f"Agent {n}"))[0].code for n in range(4)]
    assert given == [urgent, first, second, low]


def test_next_brings_the_customers_other_open_tickets_with_the_first(world: World) -> None:
    wish, urgent = world.ticket(text=WISH), world.ticket(text=URGENT)
    world.ticket("b@example.com")
    assert [one.code for one in world.act(verbs.next_ticket, world.agent())] == [urgent, wish]


def test_next_has_nothing_where_nothing_is_open(world: World) -> None:
    ada = world.agent()
    assert world.act(verbs.next_ticket, ada) == []
    code = world.ticket()
    world.act(verbs.move, ada, code, TicketState.RESOLVED)
    assert world.act(verbs.next_ticket, ada) == []


def test_next_looks_into_the_agents_own_queues_only(world: World) -> None:
    world.ticket("a@example.com", URGENT)
    mine = world.ticket("b@example.com", PASSWORD)
    ada = world.agent("Ada", queues=("accounts",))
    assert [one.code for one in world.act(verbs.next_ticket, ada)] == [mine]


def test_next_names_its_agent_on_the_ticket_and_in_an_event(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    world.act(verbs.next_ticket, ada)
    assert ticket(world, code)["agent_id"] == ada.id
    assert kinds(world, code) == ["ticket.opened", "ticket.claimed"]


# One agent a person


def test_two_agents_never_hold_one_person(world: World) -> None:
    world.ticket(text=URGENT)
    other = world.ticket(text=WISH)
    ada, bob = world.agent("Ada"), world.agent("Bob")
    world.act(verbs.next_ticket, ada)
    assert world.act(verbs.next_ticket, bob) == []
    with pytest.raises(Refused, match="Ada is with this customer"):
        world.act(verbs.claim, bob, other)
    with pytest.raises(Refused, match="Ada is with this customer"):
        world.act(verbs.reply, bob, other, "Hello.")
    with pytest.raises(Refused, match="Ada is with this customer"):
        world.act(verbs.move, bob, other, TicketState.RESOLVED)
    assert world.rows(tables.deliveries) == []


def test_agents_who_ask_at_the_same_moment_get_different_people(world: World, database: Database) -> None:
    for n in range(8):
        world.ticket(f"c{n % 4}@example.com", PASSWORD)
    agents, ready, got = [world.agent(f"Agent {n}") for n in range(6)], threading.Barrier(6), []

    def ask(agent: Any) -> None:
        ready.wait(10)
        with database.write() as connection:
            found = verbs.next_ticket(world.desk, connection, agent)
        got.append(found[0].customer_id if found else None)

    threads = [threading.Thread(target=ask, args=(agent,)) for agent in agents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    people_given = [one for one in got if one]
    assert len(got) == 6
    assert len(people_given) == len(set(people_given)) == 4


def test_a_claim_ends_by_release_by_time_or_with_the_agent(world: World) -> None:
    code, ada, bob = world.ticket(), world.agent("Ada"), world.agent("Bob")
    world.act(verbs.claim, ada, code)
    world.act(verbs.release, ada, code)
    world.act(verbs.claim, bob, code)
    world.now += CLAIM - 1
    with pytest.raises(Refused, match="Bob"):
        world.act(verbs.claim, ada, code)
    world.now += 1
    world.act(verbs.claim, ada, code)
    world.database.transact(lambda connection: people.switch_off(connection, "Ada"))
    world.act(verbs.claim, bob, code)


def test_whoever_works_on_a_ticket_keeps_its_customer(world: World) -> None:
    code, ada, bob = world.ticket(), world.agent("Ada"), world.agent("Bob")
    world.act(verbs.claim, ada, code)
    world.now += CLAIM - 1
    world.act(verbs.reply, ada, code, "We look into it.", then=TicketState.OPEN)
    world.now += CLAIM - 1
    assert world.act(verbs.next_ticket, bob) == []


def test_there_is_nothing_to_release_where_nobody_holds(world: World) -> None:
    code, ada = world.ticket(), world.agent("Ada")
    with pytest.raises(Refused, match="Nobody holds"):
        world.act(verbs.release, ada, code)


def test_a_ticket_of_another_queue_and_none_at_all_are_the_same_refusal(world: World) -> None:
    code, eve = world.ticket(), world.agent("Eve", queues=("security",))
    sentences = []
    for asked in (code, "00000000", "no code", ""):
        with pytest.raises(NotFound) as refusal:
            world.act(verbs.claim, eve, asked)
        sentences.append(str(refusal.value).replace(asked, "*") if asked else "")
    assert sentences[0] == sentences[1] == sentences[2]


# The answer


def test_a_reply_queues_exactly_one_delivery_with_its_message(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    delivery_id = world.act(verbs.reply, ada, code, "Use the link on the log-in page.")
    [delivery] = world.rows(tables.deliveries)
    [message] = [row for row in world.rows(tables.messages) if row["direction"] == "out"]
    assert (delivery["id"], delivery["state"], delivery["kind"]) == (delivery_id, "queued", "reply")
    assert (delivery["address"], delivery["message_id"]) == ("a@example.com", message["id"])
    assert (message["author"], message["text"], message["n"]) == ("Ada", "Use the link on the log-in page.", 2)
    assert (message["automatic"], delivery["meets_clock"]) == (False, True)
    assert ticket(world, code)["messages"] == 2


def test_a_reply_that_fails_leaves_neither_message_nor_delivery_nor_claim(world: World, database: Database) -> None:
    code, ada = world.ticket(), world.agent()

    def lose(connection: Any) -> None:
        verbs.reply(world.desk, connection, ada, code, "Hello.")
        raise Lost("Somebody else changed it.")

    with pytest.raises(Lost):
        database.transact(lose)
    assert world.rows(tables.deliveries) == world.rows(tables.claims) == []
    assert ticket(world, code)["state"] == "open"


def test_an_answer_that_misses_a_newer_message_is_refused_with_that_message(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    read = ticket(world, code)["last_in_id"]
    world.answer(code, "a@example.com", "It works again, thank you")
    with pytest.raises(Stale, match="wrote again") as refusal:
        world.act(verbs.reply, ada, code, "Please try again.", read=read)
    assert refusal.value.text == "It works again, thank you"
    assert world.rows(tables.deliveries) == []
    world.act(verbs.reply, ada, code, "Good.", read=ticket(world, code)["last_in_id"])
    assert len(world.rows(tables.deliveries)) == 1


def test_automatic_mail_makes_no_answer_stale(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    read = ticket(world, code)["last_in_id"]
    world.answer(code, "a@example.com", "I am on leave", kind="automatic")
    world.act(verbs.reply, ada, code, "Please try again.", read=read)
    assert len(world.rows(tables.deliveries)) == 1


@pytest.mark.parametrize(
    "words",
    [
        "Please send us the code from the SMS.",
        "请把收到的验证码发给我们。",
        "Install the screen sharing app so that our colleague can take control of your phone.",
        "See https://login.example.net/ for more.",
    ],
)
def test_words_that_the_guard_stops_are_refused_with_the_reason(world: World, words: str) -> None:
    code, ada = world.ticket(), world.agent()
    with pytest.raises(Refused, match="This answer is not sent: This"):
        world.act(verbs.reply, ada, code, words)
    assert world.rows(tables.deliveries) == []
    assert ticket(world, code)["state"] == "open"


def test_a_link_of_our_own_may_be_sent(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    world.act(verbs.reply, ada, code, "See https://help.example.com/x", links=frozenset({"help.example.com"}))
    assert len(world.rows(tables.deliveries)) == 1


def test_an_empty_answer_and_one_to_a_closed_ticket_are_refused(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    with pytest.raises(Refused, match="empty"):
        world.act(verbs.reply, ada, code, " \n")
    world.act(verbs.move, ada, code, TicketState.RESOLVED)
    world.act(verbs.move, ada, code, TicketState.CLOSED)
    with pytest.raises(Refused, match="closed for good"):
        world.act(verbs.reply, ada, code, "Hello.")
    assert world.rows(tables.deliveries) == []


@pytest.mark.parametrize("then", ["open", "waiting", "held", "resolved"])
def test_an_answer_says_what_follows(world: World, then: str) -> None:
    code, ada = world.ticket(), world.agent()
    world.act(verbs.reply, ada, code, "Hello.", then=TicketState(then))
    assert ticket(world, code)["state"] == then
    assert json.loads(world.rows(tables.events)[-1]["data"])["then"] == then


def test_a_second_answer_to_a_customer_who_owes_one_keeps_the_state(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    for words in ("Which phone is it?", "And which version?"):
        world.act(verbs.reply, ada, code, words)
    assert ticket(world, code)["state"] == "waiting"
    assert ledger(world, code, "resolution") == ["start", "pause"]


# What it does to the clocks


def test_waiting_pauses_the_resolution_clock_and_the_customers_answer_resumes_it(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    world.pass_by(hours=6)
    world.act(verbs.reply, ada, code, "Which phone is it?", then=TicketState.WAITING)
    paused = world.clock(code, "resolution")
    assert (paused["state"], paused["due_at"], paused["next_at"]) == ("paused", None, None)
    world.pass_by(hours=2)
    world.answer(code, "a@example.com", "The old one")
    assert ticket(world, code)["state"] == "open"
    resumed = world.clock(code, "resolution")
    assert (resumed["state"], resumed["ran_us"]) == ("running", paused["ran_us"])
    assert ledger(world, code, "resolution") == ["start", "pause", "resume"]
    assert ticket(world, code)["due_at"] == min(resumed["due_at"], world.clock(code, "first_response")["due_at"])


def test_held_stands_still_where_the_policy_says_so_and_not_while_money_is_moving(world: World) -> None:
    calm, moving, ada = world.ticket("a@example.com"), world.ticket("b@example.com", URGENT), world.agent()
    for code in (calm, moving):
        world.act(verbs.move, ada, code, TicketState.HELD)
    assert world.clock(calm, "resolution")["state"] == "paused"
    assert world.clock(moving, "resolution")["state"] == "running"


def test_resolved_meets_the_resolution_and_a_further_word_owes_it_again(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    world.act(verbs.reply, ada, code, "It is done.", then=TicketState.RESOLVED)
    assert world.clock(code, "resolution")["state"] == "met"
    assert ticket(world, code)["resolved_at"] == world.now
    world.answer(code, "a@example.com", "It still does not work")
    assert (ticket(world, code)["state"], ticket(world, code)["resolved_at"]) == ("open", None)
    assert ledger(world, code, "resolution") == ["start", "meet", "reopen"]


def test_automatic_mail_and_a_third_party_change_no_state_and_no_clock(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    world.act(verbs.reply, ada, code, "Which phone is it?")
    world.answer(code, "a@example.com", "I am on leave", kind="automatic")
    token = f"{code.lower()}.{world.vault.ring.sign('thread', code.lower(), 'a@example.com')}"
    world.write("friend@example.com", "It is the old one", tokens=[token])
    world.run()
    assert (ticket(world, code)["state"], ticket(world, code)["messages"]) == ("waiting", 4)
    assert world.clock(code, "resolution")["state"] == "paused"


def test_a_closed_ticket_is_final_and_what_comes_after_is_a_new_one_linked_to_it(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    world.act(verbs.move, ada, code, TicketState.RESOLVED)
    world.act(verbs.move, ada, code, TicketState.CLOSED)
    world.answer(code, "a@example.com", "I forgot it again")
    old, new = world.rows(tables.tickets)
    assert (old["state"], old["messages"]) == ("closed", 1)
    assert (new["state"], new["linked_id"], new["customer_id"]) == ("open", old["id"], old["customer_id"])
    with pytest.raises(IllegalTransition):
        world.act(verbs.move, ada, code, TicketState.OPEN)


# Corrections, notes, assignment, spam


def test_a_correction_is_a_row_with_old_new_who_why_and_rule_set(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    world.act(verbs.correct, ada, code, field="category", new="security", why="The phone was stolen.")
    world.act(verbs.correct, ada, code, field="priority", new="urgent", why="Now.")
    rows = [(r["field"], r["old"], r["new"], r["by"], r["why"]) for r in world.rows(tables.corrections)]
    assert rows == [
        ("category", "account", "security", "Ada", "The phone was stolen."),
        ("priority", "normal", "urgent", "Ada", "Now."),
    ]
    assert {(r["rule_set"], r["at"]) for r in world.rows(tables.corrections)} == {(1, world.now)}
    assert (ticket(world, code)["category"], ticket(world, code)["priority"]) == ("security", 0)
    assert ticket(world, code)["set_by_person"] == ["category", "priority"]


def test_what_a_person_set_is_not_set_back_by_the_rules(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    world.act(verbs.correct, ada, code, field="category", new="feedback", why="It is a wish.")
    world.answer(code, "a@example.com", "我的转账三天还没到账")
    assert ticket(world, code)["category"] == "feedback"


def test_a_note_goes_to_nobody_and_meets_nothing(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    world.act(verbs.note, ada, code, "He called as well.")
    assert [row["direction"] for row in world.rows(tables.messages)] == ["in", "note"]
    assert world.rows(tables.deliveries) == []
    assert {row["state"] for row in world.rows(tables.clocks)} == {"running"}
    with pytest.raises(Refused, match="empty"):
        world.act(verbs.note, ada, code, " ")


def test_a_ticket_is_assigned_to_who_serves_its_queue_and_to_nobody_else(world: World) -> None:
    code, ada, bob = world.ticket(), world.agent("Ada"), world.agent("Bob", queues=("accounts",))
    world.agent("Eve", queues=("security",))
    world.act(verbs.assign, ada, code, "Bob")
    assert ticket(world, code)["agent_id"] == bob.id
    for name in ("Eve", "Nobody"):
        with pytest.raises(NotFound, match=name):
            world.act(verbs.assign, ada, code, name)
    world.act(verbs.assign, ada, code, "")
    assert ticket(world, code)["agent_id"] is None


def test_spam_leaves_queue_and_clocks(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    world.act(verbs.spam, ada, code, is_spam=True)
    assert world.act(verbs.next_ticket, ada) == []
    assert {row["state"] for row in world.rows(tables.clocks)} == {"cancelled"}
    world.pass_by(hours=1000)
    assert world.tick() == {}
    with pytest.raises(Refused, match="already"):
        world.act(verbs.spam, ada, code, is_spam=True)


def test_what_came_as_spam_has_no_clock_until_it_is_released_from_the_time_of_receipt(world: World) -> None:
    code, ada = world.ticket(spam="The mail server says so."), world.agent()
    came = world.now
    assert world.rows(tables.clocks) == []
    assert world.act(verbs.next_ticket, ada) == []
    world.pass_by(hours=3)
    world.act(verbs.spam, ada, code, is_spam=False)
    assert [world.clock(code, kind)["since"] for kind in ("first_response", "resolution")] == [came, came]
    assert [one.code for one in world.act(verbs.next_ticket, ada)] == [code]


def test_what_a_person_took_for_spam_loses_no_time_when_it_is_released(world: World) -> None:
    code, ada = world.ticket(), world.agent()
    before = {kind: world.clock(code, kind)["due_at"] for kind in ("first_response", "resolution")}
    world.pass_by(hours=7)
    world.act(verbs.spam, ada, code, is_spam=True)
    world.pass_by(hours=30)
    world.act(verbs.spam, ada, code, is_spam=False)
    assert {kind: world.clock(code, kind)["due_at"] for kind in before} == before
    assert ticket(world, code)["due_at"] == before["first_response"]


def test_who_acts_on_what_has_changed_meanwhile_is_told_so(world: World, database: Database) -> None:
    code, ada = world.ticket(), world.agent()
    with database.read() as connection:
        matter = verbs.find(connection, ada, code)
    world.act(verbs.note, ada, code, "First.")
    plan = verbs.Plan()
    matter.event(world.desk, "note.added", "Ada", NOW)
    matter.save(plan)
    with pytest.raises(Lost):
        database.transact(lambda connection: verbs.write(connection, [plan]))


def test_the_queue_shows_what_others_hold_only_when_asked(world: World, database: Database) -> None:
    world.ticket()
    ada, bob = world.agent("Ada"), world.agent("Bob")
    world.act(verbs.next_ticket, ada)
    with database.read() as connection:
        seen = [
            len(tickets.listed(connection, tickets.queued((), world.now, bob.id, 10, claimed=claimed)))
            for claimed in (False, True)
        ]
    assert seen == [0, 1]
    assert CLAIM == 15 * MINUTE


def test_an_answer_to_a_number_that_no_channel_reaches_is_refused_and_the_matter_stays_open(world: World) -> None:
    ada = world.agent()
    made = world.act(verbs.open_by_hand, ada, "+8613800138000", "I lost my phone", "call")
    with pytest.raises(Refused, match=r"No account of ours writes to a phone\. Call \+8613800138000"):
        world.act(verbs.reply, ada, made.code, "We have frozen it.")
    assert world.rows(tables.deliveries) == []
    assert world.rows(tables.tickets)[0]["state"] == "open"
