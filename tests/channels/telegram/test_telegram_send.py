"""What each answer of the Bot API means for a message."""

import asyncio
import logging
from collections.abc import Sequence

import pytest
import structlog
from fakes.telegram import BLOCKED, BROKEN, FLOOD, NO_CHAT, TOKEN, Answer, BotApi

from channels.telegram import send as send_module
from channels.telegram.config import TelegramAccount
from channels.telegram.pace import Pace
from channels.telegram.send import TelegramSender
from deskd.acts.parts import parts
from deskd.domain.errors import ChannelError, Fate
from deskd.domain.ports import File, Outcome, Outgoing


class Quick(Pace):
    """Counts turns and waits for none."""

    def chat(self, chat: str, now: float) -> float:
        super().chat(chat, now)
        return 0.0

    def bot(self, now: float) -> float:
        super().bot(now)
        return 0.0


def outgoing(text: str = "We are looking into it.", address: str = "5", **more: object) -> Outgoing:
    return Outgoing("d1", "bot", address, "", text, "m1", **more)  # type: ignore[arg-type]


def send(
    api: BotApi, *messages: Outgoing, token: str = TOKEN, url: str = ""
) -> tuple[list[Outcome | ChannelError], int]:
    """What became of each, in turn by one sender, and how often the wire was announced."""
    wired: list[int] = []

    async def on_wire() -> None:
        wired.append(len(api.ledger))

    async def one(sender: TelegramSender, message: Outgoing) -> Outcome | ChannelError:
        try:
            return await sender.send(message, on_wire)
        except ChannelError as error:
            return error

    async def run() -> list[Outcome | ChannelError]:
        sender = TelegramSender(TelegramAccount(api_url=url or api.url), token, Quick())
        try:
            return [await one(sender, message) for message in messages or [outgoing()]]
        finally:
            await sender.close()

    return asyncio.run(run()), len(wired)


def failure(result: Sequence[Outcome | ChannelError]) -> ChannelError:
    [error] = result
    assert isinstance(error, ChannelError)
    return error


def test_a_message_leaves_once_as_it_was_written() -> None:
    with BotApi().open() as api:
        [outcome], wired = send(api, outgoing("*not* _markup_ <b> & `x` 😀"))
    [sent] = api.ledger
    assert isinstance(outcome, Outcome)
    assert (sent.chat, sent.text) == (5, "*not* _markup_ <b> & `x` 😀")
    assert (outcome.provider_id, wired) == (f"5:{sent.message_id}", 1)


@pytest.mark.parametrize(
    ("plan", "fate", "code", "arrived"),
    [
        (FLOOD, Fate.NEVER_LEFT, "429", 0),
        (BLOCKED, Fate.REJECTED, "blocked", 0),
        (NO_CHAT, Fate.REJECTED, "chat", 0),
        ((400, {"description": "Bad Request: of a new kind"}), Fate.REJECTED, "400", 0),
        ((400, {}), Fate.REJECTED, "400", 0),
        (BROKEN, Fate.AMBIGUOUS, "502", 0),
        ("take, then 502", Fate.AMBIGUOUS, "502", 1),
        ("take, then drop", Fate.AMBIGUOUS, "lost", 1),
        ("drop", Fate.AMBIGUOUS, "lost", 0),
        ("garbage", Fate.AMBIGUOUS, "body", 1),
        ((404, {"description": "Not Found"}), Fate.NEVER_LEFT, "404", 0),
    ],
)
def test_each_answer_has_its_fate(plan: Answer | str, fate: Fate, code: str, arrived: int) -> None:
    with BotApi().open() as api:
        api.planned.append(plan)
        result, wired = send(api)
    error = failure(result)
    assert (error.fate, error.code, len(api.ledger), wired) == (fate, code, arrived, 1)


def test_silence_after_the_request_is_ambiguous_and_asked_no_second_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """tdlib/telegram-bot-api#126: there is no key by which a second one would be known."""
    monkeypatch.setattr(send_module, "CALL_SECONDS", 0.2)
    with BotApi().open() as api:
        api.planned.append("take, then stall")
        error = failure(send(api)[0])
    assert (error.fate, error.retry_after, len(api.ledger)) == (Fate.AMBIGUOUS, None, 1)


def test_no_connection_is_never_left_and_no_wire() -> None:
    with BotApi().open() as api:
        pass
    result, wired = send(api)
    assert (failure(result).fate, wired) == (Fate.NEVER_LEFT, 0)


def test_a_token_that_is_not_known_is_our_fault() -> None:
    with BotApi().open() as api:
        error = failure(send(api, token="1234:" + "x" * 30)[0])
    assert (error.fate, error.ours, error.code) == (Fate.NEVER_LEFT, True, "401")


def test_while_telegram_wants_silence_the_bot_is_silent_to_everybody() -> None:
    """At most one call in each retry_after, whoever it is to (CHANNELS T7)."""
    with BotApi().open() as api:
        api.planned.append(FLOOD)
        errors, _ = send(api, outgoing(), outgoing(address="6"), outgoing(address="7"))
    assert api.calls == ["sendMessage"]
    waits = [error.retry_after for error in errors if isinstance(error, ChannelError)]
    assert len(waits) == 3
    assert all(wait is not None and 30 < wait <= 35 for wait in waits)
    assert {error.fate for error in errors if isinstance(error, ChannelError)} == {Fate.NEVER_LEFT}


@pytest.mark.parametrize("address", ["-100123", "0", "abc", "", "5; x", "１２", "9" * 17])
def test_only_a_private_chat_is_written_to(address: str) -> None:
    with BotApi().open() as api:
        result, wired = send(api, outgoing(address=address))
    assert (failure(result).fate, wired, api.calls) == (Fate.REJECTED, 0, [])


def test_files_are_refused_before_anything_leaves() -> None:
    with BotApi().open() as api:
        result, wired = send(api, outgoing(files=(File("a.png", "image/png", b"x"),)))
    assert (failure(result).fate, wired, api.calls) == (Fate.REJECTED, 0, [])


def test_a_part_as_the_desk_cuts_it_is_not_too_long_for_telegram() -> None:
    """4,096 UTF-16 units, and a character beyond U+FFFF at the border (CHANNELS T9)."""
    pieces = parts("x" * 4095 + "😀" * 2100, 4096)
    with BotApi().open() as api:
        results, _ = send(api, *(outgoing(piece) for piece in pieces))
        too_long = failure(send(api, outgoing("x" * 4097))[0])
    assert all(isinstance(one, Outcome) for one in results)
    assert "".join(sent.text for sent in api.ledger) == "x" * 4095 + "😀" * 2100
    assert (too_long.fate, too_long.code) == (Fate.REJECTED, "length")


def test_no_token_is_logged_or_said(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with structlog.testing.capture_logs() as logs, BotApi().open() as api:
        api.planned += [FLOOD]
        said = [repr(send(api)), repr(send(api, token="1234:" + "x" * 30))]
    assert logs
    for secret in (TOKEN, TOKEN.partition(":")[2], "x" * 30):
        assert secret not in repr(logs) + caplog.text + "".join(said)
