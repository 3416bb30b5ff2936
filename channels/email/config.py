"""What the settings say of mail: where it comes in, whose it is, where it goes out."""

from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from channels import Channel
from channels.email.ids import LOCAL_PART, PLUS
from deskd.domain.ports import Capabilities
from deskd.domain.words import Level

MIB = 1024 * 1024
MAX_NAME = 45  # octets: one encoded word, so that no mail program shows half of it
UNIX_PEER = "unix"  # what an envelope calls a peer at the unix socket

CHANNEL = Channel(
    name="email",
    capabilities=Capabilities(
        name="email",
        identity="email",
        texts="email",
        secrets_in_receipt=False,
        one_conversation=False,
        acknowledges_in_place=False,
        replies_by="email",
        receipts_of_delivery=False,
        lookup_of_sent=False,
        redelivery_horizon_days=5,  # RFC 5321 section 4.5.4.1
        ack_deadline_s=600,  # section 4.5.3.2.6
        text_limit=1_000_000,
        proves=Level.CLAIMED,
    ),
    read="channels.email.incoming:read",
    listener="channels.email.receive:MailListener",
    poller="channels.email.imap:poller",
    sender="channels.email.send:MailSender",
)


class MailListen(BaseModel):
    """The way in for mail that an MTA hands on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field("127.0.0.1", description="Where SMTP and LMTP listen; keep it on loopback behind a real MTA")
    smtp_port: int = Field(2525, ge=0, le=65535, description="Port of SMTP; 0: any free one")
    lmtp_port: int = Field(0, ge=0, le=65535, description="Port of LMTP; 0: none")
    lmtp_socket: str = Field("", description="Path of a unix socket for LMTP, which only the MTA may open; empty: none")
    size_limit: int = Field(36 * MIB, ge=1024, description="Bytes of the largest mail: 25 MB of files and their coding")
    trusted_mta: list[IPv4Network | IPv6Network] = Field(
        default_factory=list, description="Networks of the MTA whose Authentication-Results are believed"
    )
    authserv_id: str = Field("", description="The name that this MTA writes first in Authentication-Results")


class MailImap(BaseModel):
    """The account's mailbox, where mail is fetched instead of handed on; without a host there is none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field("", pattern=r"^[a-zA-Z0-9.:-]*$", description="The IMAP server; empty: nothing is fetched")
    port: int = Field(993, ge=1, le=65535, description="Its port")
    security: Literal["tls", "none"] = Field("tls", description="tls, from the first byte; none on loopback only")
    user: str = Field("", description="Log-in")
    password: str = Field("", description="file:PATH or env:NAME, never the password itself")
    folder: str = Field("INBOX", min_length=1, description="The folder that is fetched from")
    processed: str = Field("Processed", description="The folder to which fetched mail is moved; empty: it stays")
    import_existing: bool = Field(False, description="Fetch also what lies there at the first connection")
    poll_s: float = Field(60, gt=0, le=60, description="Seconds after which it is looked at, even without a hint")
    authserv_id: str = Field(
        "", description="What the provider writes first in Authentication-Results; empty: no sender is proved"
    )

    @model_validator(mode="after")
    def _can_be_used(self) -> "MailImap":
        if self.host and not (self.user and self.password):
            raise ValueError(f"{self.host} has no user or no password; set both, or no host")
        if self.host and self.security == "none" and not _loopback(self.host):
            raise ValueError(f'security = "none" would send the password in clear to {self.host}; use "tls"')
        if self.processed == self.folder:
            raise ValueError(f"{self.folder} can't take what is fetched from it; name another folder in processed")
        if any("\0" in name for name in (self.user, self.folder, self.processed)):
            raise ValueError("a NUL can stand in no name")
        return self


class MailAccount(BaseModel):
    """One address of the desk."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field("main", pattern=r"^[a-z][a-z0-9-]{0,39}$", description="The account's name")
    address: str = Field(
        "support@desk.example",
        pattern=r"^[a-zA-Z0-9._=-]+@[a-zA-Z0-9.-]+$",
        description="What customers write to; mail to it with a plus part (support+x@) must come here too",
    )
    from_name: str = Field("UPay Support", description="The name that customers see as the sender")
    from_name_zh: str = Field("UPay 客服", description="The same on mail that is written in Chinese")
    imap: MailImap = MailImap()

    @field_validator("from_name", "from_name_zh")
    @classmethod
    def _one_encoded_word(cls, name: str) -> str:
        if len(name.encode("utf-8", "replace")) > MAX_NAME:
            raise ValueError(f"{name} is too long for a sender's name: {MAX_NAME} octets at most")
        return name

    @field_validator("address")
    @classmethod
    def _has_room(cls, address: str) -> str:
        if len(address.rpartition("@")[0]) + PLUS > LOCAL_PART:
            raise ValueError(f"{address} is too long: a thread's token needs {PLUS} of its {LOCAL_PART} characters")
        return address


class MailRelay(BaseModel):
    """The submission server that carries mail out; it looks up MX and deals with the world."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field("127.0.0.1", description="The submission server")
    port: int = Field(25, ge=1, le=65535, description="Its port")
    security: Literal["none", "starttls", "tls"] = Field("none", description="none (loopback only), starttls or tls")
    user: str = Field("", description="Log-in, if it wants one")
    password: str = Field("", description="file:PATH or env:NAME, never the password itself")
    connections: int = Field(8, ge=1, le=64, description="Connections kept to it at once")
    timeout_s: float = Field(60, gt=0, le=600, description="Seconds for each answer but the last")
    data_timeout_s: float = Field(
        600, gt=0, le=840, description="Seconds for the answer to the whole mail; RFC 5321 grants ten minutes"
    )

    @model_validator(mode="after")
    def _plain_only_at_home(self) -> "MailRelay":
        if self.security == "none" and not _loopback(self.host):
            raise ValueError(f'security = "none" would send mail in clear to {self.host}; use "starttls" or "tls"')
        return self


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
