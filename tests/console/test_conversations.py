"""A ticket of a channel where customers talk: what its page says and offers."""

import asyncio
import json
from dataclasses import replace

import pytest
from console_world import ConsoleWorld, act
from fakes.telegram import private

import channels
from channels.telegram.parse import read
from channels.telegram.receipt import receipt_of
from deskd.domain.words import Language
from deskd.store import tables
from ingest.masking.formats import DEFAULT
from ingest.pipeline import Pipeline


@pytest.fixture
def talk(world: ConsoleWorld) -> ConsoleWorld:
    declared = {**world.desk.channels, "telegram": channels.load("telegram").capabilities}
    world.desk = replace(world.desk, channels=declared, accounts={**world.desk.accounts, "telegram": ("bot",)})
    voice = world.context.voice
    world.pipeline = Pipeline(world.database, lambda: world.desk, {"telegram": read}, DEFAULT, voice, world.ids, "talk")
    return world


def said(world: ConsoleWorld, text: str, number: int = 1) -> str:
    """The code of the only ticket after a customer has written to the bot."""
    update = {"update_id": number, "message": private(5, text, number)}
    asyncio.run(world.keep([receipt_of("bot", "1", json.dumps(update).encode(), world.now)]))
    [ticket] = world.rows(tables.tickets)
    return f"UP-{ticket['code'][:4]}-{ticket['code'][4:]}"


def test_a_ready_made_text_is_as_short_as_its_channel_says_it(talk: ConsoleWorld) -> None:
    path = f"/console/t/{said(talk, 'My transfer has not arrived')}"
    page = act(talk.logged_in(), f"{path}/text", ready="too_little")
    assert "One sentence more: what did you do, when, and what did the screen say?" in page.text
    assert "reply to this mail" not in page.text


def test_the_page_names_the_way_of_the_answer_and_how_far_the_customer_is_proved(talk: ConsoleWorld) -> None:
    path = f"/console/t/{said(talk, 'My transfer has not arrived')}"
    page = talk.logged_in().get(path)
    assert "Goes by Telegram to 5" in page.text
    chinese = talk.logged_in().get(path, headers={"accept-language": "zh-TW"}, params={"lang": Language.ZH_HANT})
    assert "Telegram 證明由這個 Telegram 帳號發出" in chinese.text
