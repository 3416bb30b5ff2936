"""Which text receives a message: one a ticket, chosen by what was written and when."""

import pytest
from world import World

from deskd.acts.acknowledge import text_for
from deskd.domain.ports import HOUR, MINUTE
from deskd.store import tables, tickets

MORNING = 6  # hours after half past four


@pytest.mark.parametrize(
    ("hours", "text", "begins"),
    [
        (MORNING, "I forgot my password", "Hello, your message is here."),
        (0, "I forgot my password", "Hello, your message is registered as"),
        (0, "有人盗用了我的账户，这笔转账不是我操作的", "安全专员已优先接手"),
        (MORNING, "我的转账没到账，卡号 4111 1111 1111 1111", "您的来信里有不该给任何人看的内容"),
        (MORNING, "建议增加夜间模式", "您的意见已登记"),
        (MORNING, "我不想活了，钱都没了", "看到您这样写"),
    ],
)
def test_one_acknowledgement_says_what_the_moment_asks_for(world: World, hours: int, text: str, begins: str) -> None:
    world.pass_by(hours=hours)
    world.ticket(text=text, proved=True)
    [message] = [row for row in world.rows(tables.messages) if row["direction"] == "out"]
    assert message["text"].startswith(begins)
    assert len(world.rows(tables.deliveries)) == 1


def test_a_complaint_and_praise_are_not_received_as_suggestions(world: World) -> None:
    world.pass_by(hours=MORNING)
    for text in ("投诉你们客服态度恶劣", "客服小王非常耐心，表扬一下"):
        world.ticket(f"{len(text)}@example.com", text, proved=True)
    said = [row["text"] for row in world.rows(tables.messages) if row["direction"] == "out"]
    assert len(said) == 2
    assert not [text for text in said if "做还是不做" in text]


@pytest.mark.parametrize(
    ("minutes", "shut"),
    [(0, True), (4 * 60 + 30, True), (4 * 60 + 35, False), (7 * 60 + 50, False), (8 * 60 + 40, False), (14 * 60, True)],
)
def test_the_desk_is_shut_before_and_after_the_days_work_and_not_at_noon(
    world: World, minutes: int, shut: bool
) -> None:
    """04:26 in `office`, 9 to 12 and 13 to 18, of a Friday."""
    code = world.ticket(text="I want to ask about something else entirely")
    with world.database.read() as connection:
        ticket = tickets.by_code(connection, code)
    assert ticket is not None
    assert ticket.policy == "other"
    at = world.now + minutes * MINUTE
    assert (text_for(world.desk, ticket, at, secret=False) == "out_of_hours") is shut
    assert text_for(world.desk, ticket, at + 24 * HOUR, secret=False) == "out_of_hours"  # a Saturday
