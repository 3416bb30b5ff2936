"""The chats: /chat/NAME, as a page of its own or embedded in others by /chat.js."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from channels import Channel
from deskd.domain.ports import Capabilities
from deskd.domain.words import Level

NAME = "chat"
TEXT_LIMIT = 4_000  # UTF-16 units of one message, as a browser counts them (CHANNELS C9)
CHANNEL = Channel(
    name=NAME,
    capabilities=Capabilities(
        name=NAME,
        identity=NAME,
        texts=NAME,
        secrets_in_receipt=True,
        one_conversation=True,
        acknowledges_in_place=False,
        replies_by=NAME,
        receipts_of_delivery=True,
        lookup_of_sent=False,
        redelivery_horizon_days=1,
        ack_deadline_s=10.0,
        text_limit=TEXT_LIMIT,
        proves=Level.CLAIMED,
        live=True,
    ),
    read="channels.chat.parse:read",
    settings="channels.chat.config:Chat",
    sender="channels.chat.send:sender",
    ids=frozenset({"id"}),
)

_ORIGIN = re.compile(r"https?://[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::[0-9]{1,5})?")


def _origin(given: str) -> str:
    if not _ORIGIN.fullmatch(given):
        raise ValueError(f"{given!r} is no origin; write it as https://www.example.com, without a path or a star")
    return given


class ChatAccount(BaseModel):
    """One chat, served at /chat/NAME."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field("help", pattern=r"^[a-z0-9-]{1,40}$", description="The last part of its address")
    hosts: list[Annotated[str, AfterValidator(_origin)]] = Field(
        default_factory=list,
        max_length=20,
        description="Sites that may embed it, as https://www.example.com; none: no other",
    )
    brand: str = Field("", max_length=60, description="The name above it; empty: the brand of [desk]")


class Chat(BaseModel):
    """The chats: /chat/NAME, and /chat.js for the sites that embed them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    accounts: list[ChatAccount] = Field(default_factory=lambda: [ChatAccount()], description="One page each")
