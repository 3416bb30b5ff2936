"""What the settings say of bots, and what the channel declares."""

from pydantic import BaseModel, ConfigDict, Field

from channels import Channel
from deskd.domain.ports import Capabilities
from deskd.domain.words import Level

NAME = "telegram"
TEXT_UNITS = 4096  # UTF-16 units of one message (core.telegram.org/bots/api#sendmessage)
UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
"""What we ask for, always in so many words: left out, Telegram goes on with whatever was asked before (CHANNELS T4)."""

CHANNEL = Channel(
    name=NAME,
    capabilities=Capabilities(
        name=NAME,
        identity=NAME,
        texts="chat",
        secrets_in_receipt=True,
        one_conversation=True,
        acknowledges_in_place=False,
        replies_by=NAME,
        receipts_of_delivery=False,
        lookup_of_sent=False,
        redelivery_horizon_days=1,  # updates are kept for 24 hours
        ack_deadline_s=30.0,
        text_limit=TEXT_UNITS,
        proves=Level.CHANNEL,
    ),
    read="channels.telegram.parse:read",
    settings="channels.telegram.config:Telegram",
    hook="channels.telegram.receive:hook",
    poller="channels.telegram.receive:poller",
    sender="channels.telegram.send:sender",
    about="channels.telegram.about:about",
    ids=frozenset(
        {
            *("id", "file_id", "file_unique_id", "media_group_id", "custom_emoji_id", "inline_message_id"),
            *("business_connection_id", "chat_instance", "effect_id", "invoice_payload", "shipping_option_id"),
            *("telegram_payment_charge_id", "provider_payment_charge_id", "mime_type", "language_code", "type"),
        }
    ),
)


class TelegramAccount(BaseModel):
    """One bot."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field("bot", pattern=r"^[a-z][a-z0-9-]{0,39}$", description="The account's name")
    token: str = Field("", description="file:PATH or env:NAME of the bot's token, never the token itself")
    webhook_secret: str = Field(
        "", description="file:PATH or env:NAME of the secret_token of setWebhook; empty: deskd asks for updates itself"
    )
    api_url: str = Field(
        "https://api.telegram.org",
        pattern=r"^(https://[a-z0-9.-]+|http://(127\.0\.0\.1|localhost))(:[1-9][0-9]{0,4})?$",
        description="Where the Bot API is; http:// only on loopback",
    )
    poll_s: int = Field(25, ge=0, le=50, description="Seconds that Telegram may wait with its answer for an update")


class Telegram(BaseModel):
    """Bots on Telegram, each under [[telegram.accounts]]: name, token, webhook_secret, api_url, poll_s."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    accounts: list[TelegramAccount] = Field(default_factory=list, description="One bot each")
