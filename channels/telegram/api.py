"""One bot's way to the Bot API: a method, its parameters, its result, and what each refusal means."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from channels.telegram.config import TelegramAccount
from channels.telegram.receipt import whole
from deskd.domain.errors import ChannelError, Fate
from deskd.outbound.answers import LONGEST_WAIT, MINUTE, Answer, refusal
from deskd.outbound.client import Client
from deskd.outbound.exchange import Limits
from deskd.outbound.peers import Peer

OK = 200
FLOOD, CONFLICT = "429", "409"  # codes of a ChannelError
_NO_BOT = frozenset({401, 404})  # of a token that was taken back, or of none: never this message's fault
REFUSED = {  # a part of Telegram's description → code, sentence
    "blocked by the user": ("blocked", "The customer has blocked the bot: nothing reaches them on Telegram."),
    "user is deactivated": ("deactivated", "The customer's Telegram account has been deleted."),
    "can't initiate conversation": ("stranger", "The customer has not started the bot, which may not write first."),
    "chat not found": ("chat", "Telegram knows no such chat of this bot."),
    "message is too long": ("length", "Telegram takes no message that long."),
    "message text is empty": ("empty", "Telegram takes no empty message."),
}


async def _nothing() -> None:
    pass


class Bot:
    """Belongs to one event loop. call_s: seconds for one call in all."""

    def __init__(self, account: TelegramAccount, token: str, call_s: float) -> None:
        self._base = f"{account.api_url}/bot{token}"
        self._client = Client([Peer(account.api_url)], limits=Limits(call_s=call_s))

    async def call(
        self,
        method: str,
        given: Mapping[str, Any],
        request_id: str,
        on_wire: Callable[[], Awaitable[None]] = _nothing,
    ) -> Any:
        """The method's result. ChannelError, also when the answer is none of the Bot API's."""
        answer = await self._client.call(
            "POST",
            f"{self._base}/{method}",
            request_id=request_id,
            headers={"Content-Type": "application/json"},
            body=json.dumps(given, ensure_ascii=False).encode("utf-8", "replace"),
            on_wire=on_wire,
        )
        return result_of(answer)

    async def close(self) -> None:
        await self._client.close()


def result_of(answer: Answer) -> Any:
    """Of an answer that says ok. What is said with 200 and cannot be read may stand for a message that was taken."""
    said = _said(answer)
    if answer.status == OK and said.get("ok") is True and "result" in said:
        return said["result"]
    if answer.status == OK:
        raise ChannelError(Fate.AMBIGUOUS, f"{answer.host} gave an answer that is none of the Bot API's.", code="body")
    raise _refused(answer, said)


def _said(answer: Answer) -> dict[str, Any]:
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _refused(answer: Answer, said: Mapping[str, Any]) -> ChannelError:
    error = refusal(answer) or ChannelError(Fate.AMBIGUOUS, f"{answer.host} answered {answer.status}.", code="status")
    if answer.status in _NO_BOT:
        note = f"Telegram does not know this bot's token ({answer.status})."
        return ChannelError(Fate.NEVER_LEFT, note, code=error.code, retry_after=MINUTE, ours=True)
    if error.code == FLOOD:
        error.retry_after = _wait(said, error.retry_after or MINUTE)
    if error.fate is Fate.REJECTED:
        description = str(said.get("description", ""))
        known = next((told for words, told in REFUSED.items() if words in description), None)
        code, note = known or (error.code, f"Telegram refused it ({answer.status}).")
        return ChannelError(Fate.REJECTED, note, code=code)
    return error


def _wait(said: Mapping[str, Any], otherwise: float) -> float:
    """Seconds of `parameters.retry_after`; what the header said where there are none."""
    given = said.get("parameters")
    seconds = whole(given.get("retry_after")) if isinstance(given, dict) else None
    return min(float(seconds), LONGEST_WAIT) if seconds is not None and seconds > 0 else otherwise
