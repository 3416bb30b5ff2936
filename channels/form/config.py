"""One form: its name in the address, what it asks, and how much it takes."""

from pydantic import BaseModel, ConfigDict, Field

from channels import Channel
from deskd.domain.ports import Capabilities
from deskd.domain.words import Category, Level

NAME = "form"
CHANNEL = Channel(
    name=NAME,
    capabilities=Capabilities(
        name=NAME,
        identity="email",
        texts=NAME,
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
    ),
    read="channels.form.parse:read",
)


class FormConfig(BaseModel):
    """One form, served at /form/NAME."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field("help", pattern=r"^[a-z0-9-]{1,40}$", description="The last part of its address")
    categories: tuple[Category, ...] = Field(tuple(Category), description="What it asks to choose from, in this order")
    max_files: int = Field(3, ge=0, le=10, description="Files that one submission may bring; 0: none")
    max_file_mib: int = Field(10, ge=1, le=25, description="MiB of the largest of them")
    text_limit: int = Field(20_000, ge=500, le=100_000, description="Characters of the message")

    @property
    def max_file_bytes(self) -> int:
        return self.max_file_mib << 20
