"""An answer in the chat: it stands in the conversation from the moment at which it is accepted."""

from collections.abc import Awaitable, Callable

from channels import Tools
from channels.chat.config import ChatAccount
from deskd.domain.ports import Outcome, Outgoing

SHOWN = "Shown in the chat."


class ChatSender:
    async def send(self, message: Outgoing, on_wire: Callable[[], Awaitable[None]]) -> Outcome:
        """Nothing can refuse it: whether the customer's browser has it, and when they read it, is reported later."""
        await on_wire()
        return Outcome("", SHOWN)

    async def close(self) -> None:
        """There is no connection to close."""


def sender(_account: ChatAccount, _tools: Tools) -> ChatSender:
    return ChatSender()
