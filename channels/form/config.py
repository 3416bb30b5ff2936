"""One form: its name in the address, what it asks, and how much it takes."""

from pydantic import BaseModel, ConfigDict, Field

from deskd.domain.ports import Capabilities
from deskd.domain.words import Category, Level

CHANNEL = "form"

CAPABILITIES = Capabilities(
    name=CHANNEL,
    secrets_in_receipt=True,
    one_conversation=False,
    acknowledges_in_place=True,
    replies_by="email",
    receipts_of_delivery=False,
    lookup_of_sent=False,
    redelivery_horizon_days=1,
    ack_deadline_s=10.0,
    text_limit=20_000,
    proves=Level.CLAIMED,
)


class FormConfig(BaseModel):
    """Section `forms` of the settings: one table a form, served at /form/NAME."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(default="help", pattern=r"^[a-z0-9-]{1,40}$")
    categories: tuple[Category, ...] = tuple(Category)
    max_files: int = Field(default=3, ge=0, le=10)
    max_file_mib: int = Field(default=10, ge=1, le=25)
    text_limit: int = Field(default=20_000, ge=500, le=100_000, description="characters of the message")

    @property
    def max_file_bytes(self) -> int:
        return self.max_file_mib << 20
