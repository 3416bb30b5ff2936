"""What agents write holds no secret either: an answer with one is refused, all else is kept with its mark."""

import pytest
from world import World

from deskd.acts import verbs
from deskd.domain.errors import Refused
from deskd.store import tables

CARD = "4111 1111 1111 1111"


@pytest.mark.parametrize("secret", [f"card {CARD}", "验证码是 482913", "password: hunter2xyz"])
def test_an_answer_that_holds_a_secret_is_not_queued(world: World, secret: str) -> None:
    code, agent = world.ticket(), world.agent()
    with pytest.raises(Refused, match="holds a card number, code, password or key"):
        world.act(verbs.reply, agent, code, f"Thank you. {secret}")
    assert world.rows(tables.deliveries) == []


def test_an_answer_keeps_what_an_agent_needs_to_say(world: World) -> None:
    code, agent = world.ticket(), world.agent()
    said = "Call +852 3001 0003 about T202611240012345678, 230.00 HKD, card ending 1111."
    world.act(verbs.reply, agent, code, said)
    assert world.rows(tables.messages)[-1]["text"] == said


def test_a_note_a_reason_and_a_call_that_was_written_down_lose_their_secrets(world: World) -> None:
    code, agent = world.ticket(), world.agent()
    world.act(verbs.note, agent, code, f"Customer read {CARD} to me.")
    world.act(verbs.correct, agent, code, field="priority", new="high", why=f"Card {CARD}")
    world.act(verbs.open_by_hand, agent, "+8613800138000", f"Card {CARD} is gone", f"Call about {CARD}")
    words = [row[column] for row in world.rows(tables.messages) for column in ("text", "reply", "subject")]
    words += [row["why"] for row in world.rows(tables.corrections)]
    words += [row["subject"] for row in world.rows(tables.tickets)]
    assert "Customer read [card 411111******1111] to me." in words
    assert not any("1111 1111" in word for word in words)
