"""What is asked, strictly: unknown fields, names that stand twice and values of another type are refused.

Each refusal is one sentence that names the field and never repeats its value: that may be a customer's.
"""

import json
import re
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError
from starlette.datastructures import QueryParams

from deskd.acts.names import CORRECTABLE
from deskd.console.api.problems import Problem
from deskd.domain.states import DeliveryState, TicketState
from deskd.domain.words import Category, Priority
from deskd.outbox.decide import Decision

NO_NUL = r"^[^\x00]*$"  # PostgreSQL keeps none
MOST_A_PAGE, A_PAGE = 200, 50
ID = re.compile(r"[0-9a-f]{32}")


def _number(given: object) -> object:
    """An address holds text; "5" is a number, " 5", "5.0" and "0_5" are none."""
    if not isinstance(given, str):
        return given
    return int(given) if re.fullmatch(r"[0-9]{1,9}", given) else None


def _flag(given: object) -> object:
    return {"true": True, "false": False}.get(given) if isinstance(given, str) else given


Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000, pattern=NO_NUL)]
Why = Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=NO_NUL)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NO_NUL)]
Maybe = Annotated[str, StringConstraints(max_length=200, pattern=NO_NUL)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Size = Annotated[int, BeforeValidator(_number), Field(ge=1, le=MOST_A_PAGE, description="How many, at most")]


class Correctable(StrEnum):
    """What a correction may set."""

    CATEGORY, TOPIC, QUEUE, PRIORITY = CORRECTABLE


class After(StrEnum):
    """What a ticket may be made, also by an answer; what is closed is closed by time."""

    OPEN = TicketState.OPEN
    WAITING = TicketState.WAITING
    HELD = TicketState.HELD
    RESOLVED = TicketState.RESOLVED


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class PageQuery(Asked):
    limit: Size = A_PAGE
    cursor: Maybe = Field("", description="`next` of the page before, with the same filters")


class TicketQuery(PageQuery):
    state: list[TicketState] = Field(default_factory=list, max_length=20)
    queue: list[Word] = Field(default_factory=list, max_length=20)
    category: list[Category] = Field(default_factory=list, max_length=20)
    priority: list[Priority] = Field(default_factory=list, max_length=20)
    agent: Maybe = Field("", description="The name of the agent it is assigned to")
    spam: Flag = Field(default=False, description="Spam alone; else none of it")


class DeliveryQuery(PageQuery):
    state: list[DeliveryState] = Field(default_factory=list, max_length=20)


class NewTicket(Asked):
    address: Word = Field(description="The mail address or phone number that the customer named")
    text: Text
    reason: Why = Field(description="call, visit, or why we write first")


class Correction(Asked):
    field: Correctable
    new: Word
    why: Why


class Assignment(Asked):
    to: Word | None = Field(description="An agent by name; null: nobody")


class Move(Asked):
    state: After


class Reply(Asked):
    text: Text
    then: After = After.WAITING
    read: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")] | None = Field(
        None,
        description="Id of the customer's last message that was read; null: what was there at the agent's last act",
    )
    declined: Annotated[str, StringConstraints(max_length=200)] = Field(
        "", description="Why feedback is not followed; it resolves the ticket when the answer has arrived"
    )


class Note(Asked):
    text: Text


class Verdict(Asked):
    verdict: Decision
    why: Why


class Dismissal(Asked):
    why: Why


class Words(Asked):
    text: Text
    subject: Maybe = ""
    channel: Maybe = ""


A = TypeVar("A", bound=Asked)


def read_body(shape: type[A], raw: bytes) -> A:
    """Raises Problem: 400 for what is no JSON, 422 for what is not of this shape."""
    try:
        json.loads(raw, object_pairs_hook=_once)
        return shape.model_validate_json(raw, strict=True)
    except ValidationError as error:
        if error.errors(include_input=False)[0]["type"] != "json_invalid":  # half a surrogate pair is, for one
            raise Problem(422, "invalid", _sentence(error)) from None
    except (ValueError, RecursionError):
        pass
    raise Problem(400, "malformed", "The body is not JSON in UTF-8.")


def read_query(shape: type[A], given: QueryParams) -> A:
    """Raises Problem 422. What a list takes may stand more than once."""
    values: dict[str, Any] = {}
    for name, value in given.multi_items():
        values.setdefault(name, []).append(value)
    for name, many in values.items():
        field = shape.model_fields.get(name)
        if field is not None and field.default_factory is list:
            continue
        if len(many) > 1:
            raise Problem(422, "invalid", f'"{name[:100]}" stands more than once in the address.')
        values[name] = many[0]
    try:
        return shape.model_validate(values)
    except ValidationError as error:
        raise Problem(422, "invalid", _sentence(error)) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    held = dict(pairs)
    if len(held) < len(pairs):
        raise Problem(422, "invalid", "A name stands twice in the body.")
    return held


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])[:100] or "body"
    if first["type"] == "extra_forbidden":
        return f'There is no field "{where}" here.'
    if first["type"] == "missing":
        return f'The field "{where}" is missing.'
    return f'"{where}" is refused: {first["msg"][:1].lower()}{first["msg"][1:]}.'
