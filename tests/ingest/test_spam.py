"""What becomes of advertising: kept without clock and answer, listed, released; never a known customer's (DESIGN 6)."""

import pytest
from sqlalchemy import select
from world import World

from deskd.acts import verbs
from deskd.store import tables, views

ADVERT = "兼职日结，加微信，稳赚不赔"
WHO = "seller@example.com"


def tickets(world: World) -> list[tuple[bool, str]]:
    """(spam, why) of every ticket, the eldest first."""
    with world.database.read() as connection:
        return [(row["spam"], views.spam_why(connection, row["id"])) for row in world.rows(tables.tickets)]


def test_a_rules_act_keeps_a_strangers_advertising_without_clock_and_answer(world: World) -> None:
    world.ticket(WHO, ADVERT, proved=True)
    assert tickets(world) == [(True, "Looks like advertising, from nobody we know.")]
    assert world.rows(tables.clocks) == []
    assert world.rows(tables.deliveries) == []


def test_words_of_advertising_beside_a_matter_are_a_matter(world: World) -> None:
    world.ticket(WHO, f"有人打电话让我把验证码给他，我给了，钱被转走。他发来：{ADVERT}")
    [(spam, _)] = tickets(world)
    assert not spam
    assert world.rows(tables.clocks)


@pytest.mark.parametrize("more", [{}, {"spam": "Our mail server marked it as spam."}])
def test_a_known_customer_is_never_made_spam_by_a_machine(world: World, more: dict[str, str]) -> None:
    world.ticket(WHO, "我的转账三天还没到账")
    world.ticket(WHO, ADVERT, **more)
    assert [spam for spam, _ in tickets(world)] == [False, False]
    assert "spam" not in world.rows(tables.tickets)[1]["tags"]


def test_who_was_only_ever_spam_is_no_known_customer(world: World) -> None:
    for _ in range(2):
        world.ticket(WHO, ADVERT)
    assert [spam for spam, _ in tickets(world)] == [True, True]


def test_one_batch_knows_what_its_earlier_receipts_made(world: World) -> None:
    world.write(WHO, "我的转账三天还没到账")
    world.write(WHO, ADVERT)
    world.run()
    assert [spam for spam, _ in tickets(world)] == [False, False]


def test_a_blocked_sender_is_spam_until_one_of_the_tickets_is_released(world: World) -> None:
    code, ada = world.ticket(WHO, "我的转账三天还没到账"), world.agent()
    world.act(verbs.spam, ada, code, is_spam=True, block=True)
    again = world.ticket(WHO, "我的转账三天还没到账")
    assert tickets(world)[1] == (True, "The sender is blocked.")
    world.act(verbs.spam, ada, again, is_spam=False)
    world.ticket(WHO, "我的转账三天还没到账")
    assert tickets(world)[2] == (False, "")
    with world.database.read() as connection:
        assert set(connection.scalars(select(tables.identities.c.blocked))) == {False}


def test_spam_that_a_person_marked_says_who_and_blocks_nobody_by_itself(world: World) -> None:
    code, ada = world.ticket(WHO, "我的转账三天还没到账"), world.agent()
    world.act(verbs.spam, ada, code, is_spam=True)
    assert tickets(world) == [(True, "Ada marked it.")]
    world.ticket(WHO, "我的转账三天还没到账")
    assert not tickets(world)[1][0]
