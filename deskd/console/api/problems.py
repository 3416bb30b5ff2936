"""What went wrong, as RFC 9457 has it: one sentence, and a type by which a program tells the kinds apart."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deskd.console.api.answers import Message
from deskd.domain.errors import Denied, DeskError, IllegalTransition, Lost, NotFound, Refused, StoreAway

BELOW = "/api/"
MEDIA = "application/problem+json"
RETRY_AFTER_S = 5
KINDS: tuple[tuple[type[DeskError], int, str], ...] = (
    (StoreAway, 503, "away"),
    (NotFound, 404, "not-found"),
    (Denied, 403, "denied"),
    (Lost, 409, "lost"),
    (IllegalTransition, 409, "state"),
    (Refused, 409, "refused"),
)
PLAIN: Mapping[int, tuple[str, str]] = {
    404: ("not-found", "There is nothing at this address; /api/openapi.json lists what there is."),
    405: ("method", "This address does not take that method; the header Allow names those it takes."),
    413: ("too-large", "The body is larger than 256 KiB."),
    503: ("away", "The desk cannot reach its database; try again in a few seconds."),
}


class Problem(Exception):
    """An answer that is none: shown as it stands, and nothing of the request is kept."""

    def __init__(
        self, status: int, kind: str, sentence: str, headers: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(sentence)
        self.status, self.kind, self.sentence, self.headers, self.more = status, kind, sentence, headers, more


class Fault(BaseModel):
    """What an error's body is."""

    model_config = ConfigDict(extra="forbid", title="Problem", defer_build=True)

    type: str = Field(description="urn:deskd:problem: and a word that stays the same")
    title: str
    status: int
    detail: str = Field(description="One sentence: what is wrong, and what to do")
    newer: Message | None = Field(None, description="Of a stale reply: the message that it would have missed")


def body(status: int, kind: str, sentence: str, **more: Any) -> dict[str, Any]:
    said = {"type": f"urn:deskd:problem:{kind}", "title": HTTPStatus(status).phrase, "status": status}
    return said | {"detail": sentence} | more


def answer(
    status: int, kind: str, sentence: str, headers: Mapping[str, str] | None = None, **more: Any
) -> JSONResponse:
    return JSONResponse(body(status, kind, sentence, **more), status, headers, MEDIA)


async def shown(_request: Request, error: Exception) -> Response:
    if not isinstance(error, Problem):
        raise error
    return answer(error.status, error.kind, error.sentence, error.headers, **error.more)


def of_api(request: Request) -> bool:
    return request.url.path.startswith(BELOW)


def of_desk(error: Exception) -> Response:
    """An act that the desk refused; a database that is away says nothing about itself to outsiders."""
    status, kind = next(((status, kind) for of, status, kind in KINDS if isinstance(error, of)), (409, "refused"))
    if status == 503:
        return of_http(503, {"retry-after": str(RETRY_AFTER_S)})
    return answer(status, kind, str(error))


def of_http(status: int, headers: Mapping[str, str] | None) -> Response:
    kind, sentence = PLAIN.get(status, ("malformed", "The request could not be read."))
    return answer(status, kind, sentence, headers)
