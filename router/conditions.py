"""What a rule may ask and what it may say: the models that a rule file is read into. Unknown keys are refused."""

from datetime import time
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, field_validator, model_validator

from deskd.domain.words import Category, Found, Language, Level, Priority
from router.normalise import raw

MAX_TEXT = 20_000  # characters of one pattern with its groups put in; a longer one is better split


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, (str, dict)) else tuple(value) if isinstance(value, list) else value


Text = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.\-]{0,79}$")]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_as_tuple), Field(min_length=1)]

Matter = Annotated[str, StringConstraints(pattern=r"^[a-z]+/[a-z0-9_.\-]+$")]  # category/topic

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class TimeOfWeek(_Strict):
    """Local hours on some weekdays. `from` is inside, `to` is not; hours over midnight belong to the evening's day."""

    zone: str
    days: Annotated[tuple[str, ...], BeforeValidator(_as_tuple)] = DAYS
    start: time = Field(default=time(0), alias="from")
    end: time = Field(default=time(0), alias="to", description="00:00 is the end of the day")

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"no time zone is called {value!r}") from error
        return value

    @field_validator("days")
    @classmethod
    def _known_days(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := [day for day in value if day not in DAYS]:
            raise ValueError(f"{unknown[0]!r} is no weekday; write {', '.join(DAYS)}")
        return value


class Condition(_Strict):
    """All keys that are given must hold. A list of values holds when one of them does.

    `words` are found in the text in either spelling; a Latin word only as a whole word. `pattern` is RE2 on normalised
    text: lower case, no apostrophes, ASCII punctuation but 。 and 、; `{name}` stands for a group of the word list.
    `channel`, `account`, `address` and `attachments` take `*`.
    """

    all: Annotated[tuple["Condition", ...], BeforeValidator(_as_tuple)] = ()
    any: Annotated[tuple["Condition", ...], BeforeValidator(_as_tuple)] = ()
    none: Annotated[tuple["Condition", ...], BeforeValidator(_as_tuple), Field(alias="not")] = ()
    channel: Texts | None = None
    account: Texts | None = None
    address: Texts | None = None
    language: Annotated[tuple[Language, ...], BeforeValidator(_as_tuple)] | None = None
    words: Texts | None = None
    pattern: Texts | None = None
    attachments: Texts | None = None
    level: Annotated[tuple[Level, ...], BeforeValidator(_as_tuple)] | None = None
    time: TimeOfWeek | None = None
    found: Annotated[tuple[Found, ...], BeforeValidator(_as_tuple)] | None = None
    previous_category: Annotated[tuple[Category, ...], BeforeValidator(_as_tuple)] | None = None
    wished_category: Annotated[tuple[Category, ...], BeforeValidator(_as_tuple)] | None = None
    known_customer: bool | None = None

    @field_validator("words")
    @classmethod
    def _something_is_left(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if blank := [word for word in value or () if not raw(word)]:
            raise ValueError(f"nothing is left of the word {blank[0]!r} once it is normalised")
        return value

    @property
    def empty(self) -> bool:
        """Holds for every message."""
        return not self.model_fields_set


class Then(_Strict):
    category: Category | None = None
    topic: Name | None = None
    queue: Name | None = None
    priority: Priority | None = None
    policy: Name | None = None
    tags: Annotated[tuple[Name, ...], BeforeValidator(_as_tuple)] = ()
    also: Annotated[tuple[Matter, ...], BeforeValidator(_as_tuple)] = ()
    spam: bool = False

    @model_validator(mode="after")
    def _topic_has_its_category(self) -> "Then":
        if self.topic and not self.category:
            raise ValueError("a topic is a label inside a category: name the category as well")
        if self.spam and not self.category:
            raise ValueError("spam is an act on a whole message: name the category that it then has")
        if not self.model_fields_set:
            raise ValueError("the rule says nothing: give a category, queue, priority, policy, tags or also")
        return self


class ReasonText(_Strict):
    """The sentence that agents read; `zh` in Simplified characters."""

    en: Text
    zh: Text


class Rule(_Strict):
    name: Name
    strength: Annotated[str, StringConstraints(pattern="^(hard|default|hint)$")] = "default"
    when: Condition = Condition()
    then: Then
    reason: ReasonText
