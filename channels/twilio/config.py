"""What the settings say of an account at Twilio, and its secrets."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from channels import Tools
from deskd.domain.errors import Off

API = "https://api.twilio.com"
_ORIGIN = r"^(https://[a-z0-9.-]+(:[0-9]{1,5})?|http://(127\.0\.0\.1|localhost)(:[0-9]{1,5})?)$"
_SECRET = Annotated[str, StringConstraints(pattern=r"^(file|env):.+$")]


class Account(BaseModel):
    """Who we are at Twilio."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,39}$", description="The account's name, as in its webhook's address")
    account_sid: str = Field(pattern=r"^AC[0-9a-f]{32}$", description="AC and 32 hexadecimal digits")
    auth_tokens: list[_SECRET] = Field(
        min_length=1,
        max_length=4,
        description="file:PATH or env:NAME of the AuthToken that signs, and of the next one while they are exchanged",
    )
    api_key: str = Field("", pattern=r"^(SK[0-9a-f]{32})?$", description="API key to send with; empty: the AuthToken")
    api_secret: str = Field("", pattern=r"^((file|env):.+)?$", description="file:PATH or env:NAME of the key's secret")
    api: str = Field(API, pattern=_ORIGIN, description="Where the API is; http:// on loopback only")

    @model_validator(mode="after")
    def _key_and_secret(self) -> "Account":
        if bool(self.api_key) != bool(self.api_secret):
            raise ValueError("api_key and api_secret are given together, or neither")
        return self


def tokens(account: Account, tools: Tools, channel: str) -> list[str]:
    """The AuthTokens by which webhooks are proved. Off: none is there, or nobody can reach us."""
    reachable(account, tools, channel)
    found = [value for name in account.auth_tokens if (value := tools.secret(name))]
    if not found:
        raise Off(f"The account {account.name} of {channel} is off: its secret {account.auth_tokens[0]} is not there.")
    return found


def login(account: Account, tools: Tools, channel: str) -> tuple[str, str]:
    """User and password of the API. Off: as in `tokens`; without callbacks no outcome could be cleared up."""
    reachable(account, tools, channel)
    if not account.api_key:
        return account.account_sid, tokens(account, tools, channel)[0]
    secret = tools.secret(account.api_secret)
    if not secret:
        raise Off(f"The account {account.name} of {channel} is off: its secret {account.api_secret} is not there.")
    return account.api_key, secret


def reachable(account: Account, tools: Tools, channel: str) -> None:
    if not tools.public_url:
        raise Off(
            f"The account {account.name} of {channel} is off: web.public_url is empty, and Twilio signs for that URL."
        )
