"""What nobody said to us: it opens nothing, and is shown where its sender's conversation is under way."""

from dataclasses import replace

import pytest
from world import LINE, World

from deskd.acts import verbs
from deskd.store import tables


@pytest.fixture
def talk(world: World) -> World:
    """A channel of one conversation a contact."""
    world.desk = replace(world.desk, channels={"line": replace(LINE, one_conversation=True)})
    return world


def outcomes(world: World) -> list[str]:
    return [row["outcome"] for row in world.rows(tables.receipts)]


@pytest.mark.parametrize("who", ["a@example.com", ""])
def test_a_stranger_s_notice_makes_no_ticket_and_nobody_known(talk: World, who: str) -> None:
    talk.write(who, "[my_chat_member kicked]", kind="notice")
    talk.run()
    assert outcomes(talk) == ["notice"]
    for table in (tables.tickets, tables.customers, tables.identities, tables.messages, tables.events):
        assert talk.rows(table) == []


def test_a_customer_s_notice_stands_in_their_conversation_and_moves_nothing(talk: World) -> None:
    code = talk.ticket()
    talk.act(verbs.reply, talk.agent(), code, "Which phone is it?")
    before = talk.rows(tables.tickets)[0]["state"]
    talk.write("a@example.com", "[my_chat_member kicked]", kind="notice")
    talk.run()
    [ticket] = talk.rows(tables.tickets)
    notice = talk.rows(tables.messages)[-1]
    assert outcomes(talk) == ["ticket", "note"]
    assert (ticket["state"], before) == ("waiting", "waiting")
    assert (notice["text"], notice["automatic"], notice["ticket_id"]) == ("[my_chat_member kicked]", True, ticket["id"])


def test_a_notice_after_all_is_closed_opens_nothing(talk: World) -> None:
    talk.ticket()
    with talk.database.write() as connection:
        connection.execute(tables.tickets.update().values(state="closed"))
    talk.write("a@example.com", "[my_chat_member kicked]", kind="notice")
    talk.run()
    assert outcomes(talk) == ["ticket", "notice"]
    assert len(talk.rows(tables.tickets)) == 1


def test_a_notice_before_the_first_message_is_no_obstacle_to_it(talk: World) -> None:
    """/start, then the question; both in one batch."""
    talk.write("a@example.com", "/start", kind="notice")
    talk.write("a@example.com", "I forgot my password")
    talk.run()
    assert outcomes(talk) == ["notice", "ticket"]
    assert len(talk.rows(tables.customers)) == 1
