"""What the settings say of text messages: one account is one of our numbers."""

from pydantic import BaseModel, ConfigDict, Field

from channels import Channel
from channels.twilio.config import Account
from deskd.domain.ports import Capabilities
from deskd.domain.words import Level

NAME = "sms"
TEXT_UNITS = 670  # UTF-16: ten parts of UCS-2, which phones put together; Twilio takes 1,600, and then 24 of Chinese
VALIDITY_S = 14_400  # four hours: an answer that comes a night later only confuses (CHANNELS SO9)
CHINA = "+86"
NOT_TO_CHINA = (  # CHANNELS SO8
    "Networks of mainland China take only texts that are registered with them; answer by mail or chat, or call."
)
_IDS = (
    "MessageSid SmsSid SmsMessageSid AccountSid MessagingServiceSid OriginalRepliedMessageSid From To ApiVersion "
    "SmsStatus MessageStatus ErrorCode NumMedia NumSegments RawDlrDoneDate ReferralNumMedia"
)

CHANNEL = Channel(
    name=NAME,
    capabilities=Capabilities(
        name=NAME,
        identity="phone",
        texts=NAME,
        secrets_in_receipt=True,
        one_conversation=True,
        acknowledges_in_place=False,
        replies_by=NAME,
        receipts_of_delivery=True,
        lookup_of_sent=False,
        redelivery_horizon_days=1,  # five repetitions within a minute at most; then the fallback URL
        ack_deadline_s=15,
        text_limit=TEXT_UNITS,
        proves=Level.CHANNEL,  # CHANNELS I1
    ),
    read="channels.sms.parse:read",
    settings="channels.sms.config:Sms",
    hook="channels.sms.receive:SmsHook",
    sender="channels.sms.send:SmsSender",
    ids=frozenset(_IDS.split()) | {f"MediaUrl{n}" for n in range(10)},
)


class SmsAccount(Account):
    """One of our numbers at Twilio."""

    number: str = Field(pattern=r"^\+[1-9][0-9]{6,14}$", description="The number in E.164: +14155550123")
    messaging_service_sid: str = Field(
        "", pattern=r"^(MG[0-9a-f]{32})?$", description="The Messaging Service that the number is in, if it is in one"
    )
    validity_s: int = Field(
        VALIDITY_S, ge=60, le=36_000, description="Seconds within which a message must leave Twilio, or it is dropped"
    )


class Sms(BaseModel):
    """Text messages by Twilio; docs/sms.md."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    accounts: list[SmsAccount] = Field(
        default_factory=list, description="Our numbers; in the place of this line, one table [[sms.accounts]] each"
    )
