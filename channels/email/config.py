"""What the settings say of mail: where it comes in, whose it is, where it goes out."""

from ipaddress import IPv4Network, IPv6Network, ip_address

from pydantic import BaseModel, ConfigDict, Field, model_validator

MIB = 1024 * 1024


class MailListen(BaseModel):
    """The way in for mail that an MTA hands on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field("127.0.0.1", description="Where SMTP listens; keep it on loopback behind a real MTA")
    smtp_port: int = Field(2525, ge=0, le=65535, description="Port of SMTP; 0: any free one")
    size_limit: int = Field(36 * MIB, ge=1024, description="Bytes of the largest mail: 25 MB of files and their coding")
    trusted_mta: list[IPv4Network | IPv6Network] = Field(
        default_factory=list, description="Networks of the MTA whose Authentication-Results are believed"
    )
    authserv_id: str = Field("", description="The name that this MTA writes first in Authentication-Results")


class MailAccount(BaseModel):
    """One address of the desk."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field("main", pattern=r"^[a-z][a-z0-9-]{0,39}$", description="The account's name")
    address: str = Field("support@desk.example", pattern=r"^[^@\s]+@[^@\s]+$", description="What customers write to")
    from_name: str = Field("UPay Support", description="The name that customers see as the sender")


class MailRelay(BaseModel):
    """The submission server that carries mail out; it looks up MX and deals with the world."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field("127.0.0.1", description="The submission server")
    port: int = Field(25, ge=1, le=65535, description="Its port")
    security: str = Field("none", pattern="^(none|starttls|tls)$", description="none (loopback only), starttls or tls")
    user: str = Field("", description="Log-in, if it wants one")
    password: str = Field("", description="file:PATH or env:NAME, never the password itself")
    timeout_s: float = Field(60, gt=0, le=600, description="Seconds for each answer; ten minutes for the last one")

    @model_validator(mode="after")
    def _plain_only_at_home(self) -> "MailRelay":
        if self.security == "none" and not _loopback(self.host):
            raise ValueError(f"security = none would send mail in clear to {self.host}; use starttls or tls")
        return self


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
