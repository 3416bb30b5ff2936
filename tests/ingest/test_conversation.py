"""On a channel with one conversation a contact, messages find their ticket by who wrote where."""

from world import World

from deskd.acts import verbs
from deskd.domain.states import TicketState
from deskd.store import tables


def _said(world: World, text: str, **more: str) -> None:
    world.write("a", text, channel="talk", proved=True, **more)
    world.run()


def test_what_a_contact_says_next_belongs_to_the_same_ticket(world: World) -> None:
    for text in ("my transfer did not arrive", "it was on Monday"):
        _said(world, text)
    [ticket] = world.rows(tables.tickets)
    assert ticket["messages"] == 3  # the acknowledgement is one of them


def test_two_texts_of_one_batch_are_one_ticket(world: World) -> None:
    world.write("a", "my transfer did not arrive", channel="talk")
    world.write("a", "it was on Monday", channel="talk")
    world.run()
    assert [ticket["messages"] for ticket in world.rows(tables.tickets)] == [2]


def test_another_contact_account_or_channel_is_another_ticket(world: World) -> None:
    _said(world, "my transfer did not arrive")
    _said(world, "my transfer did not arrive", account="second")
    world.write("b", "my transfer did not arrive", channel="talk")
    for _ in range(2):
        world.write("a", "my transfer did not arrive")  # on line, where a contact may have many
    world.run()
    assert len(world.rows(tables.tickets)) == 5


def test_a_resolved_matter_is_taken_up_again_for_three_days(world: World) -> None:
    _said(world, "my transfer did not arrive")
    [first] = world.rows(tables.tickets)
    world.act(verbs.reply, world.agent(), first["code"], "It is there now.", then=TicketState.RESOLVED)
    world.pass_by(hours=71)
    _said(world, "no, it is not")
    [again] = world.rows(tables.tickets)
    assert (again["state"], again["resolved_at"]) == ("open", None)


def test_what_comes_later_is_another_matter_linked_to_the_first(world: World) -> None:
    _said(world, "my transfer did not arrive")
    [first] = world.rows(tables.tickets)
    world.act(verbs.reply, world.agent(), first["code"], "It is there now.", then=TicketState.RESOLVED)
    world.pass_by(hours=73)
    _said(world, "I forgot my password")
    old, new = sorted(world.rows(tables.tickets), key=lambda row: row["created_at"])
    assert (old["state"], new["linked_id"]) == ("resolved", old["id"])
    world.pass_by(minutes=1)
    _said(world, "it is the one of the app")
    assert [row["messages"] for row in world.rows(tables.tickets) if row["id"] == new["id"]] == [3]


def test_one_that_waits_for_the_customer_is_found_however_late(world: World) -> None:
    _said(world, "my transfer did not arrive")
    [first] = world.rows(tables.tickets)
    world.act(verbs.reply, world.agent(), first["code"], "Which one?", then=TicketState.WAITING)
    world.pass_by(hours=24 * 30)
    _said(world, "the one of Monday")
    assert [row["state"] for row in world.rows(tables.tickets)] == ["open"]


def test_the_answer_leaves_by_the_account_they_wrote_to(world: World) -> None:
    _said(world, "my transfer did not arrive", account="second")
    assert [(row["channel"], row["account"]) for row in world.rows(tables.deliveries)] == [("talk", "second")]


def test_an_answer_that_is_too_long_for_the_channel_leaves_in_parts_in_their_order(world: World) -> None:
    _said(world, "my transfer did not arrive")
    [ticket] = world.rows(tables.tickets)
    words = [f"Sentence {n} of a long answer is here." for n in range(80)]
    last = world.act(verbs.reply, world.agent(), ticket["code"], " ".join(words))
    out = [row for row in world.rows(tables.messages) if row["direction"] == "out" and not row["automatic"]]
    out.sort(key=lambda row: row["n"])
    assert " ".join(row["text"] for row in out) == " ".join(words)
    assert all(len(row["text"]) <= 1000 for row in out)
    assert len(out) > 2
    queued = {row["message_id"]: row for row in world.rows(tables.deliveries)}
    times = [queued[row["id"]]["created_at"] for row in out]
    assert times == sorted(set(times))
    assert queued[out[-1]["id"]]["id"] == last
