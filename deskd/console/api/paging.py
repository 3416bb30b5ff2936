"""Pages: a cursor is the position of the last row that was given, signed together with the list it is of."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import TypeVar

from deskd.console.api.asked import PageQuery
from deskd.console.api.problems import Problem
from deskd.store.keyring import KeyRing

T = TypeVar("T")


def page(
    ring: KeyRing, of: str, query: PageQuery, rows: Callable[[str, int], Sequence[T]], at: Callable[[T], str]
) -> tuple[Sequence[T], str | None]:
    """(rows of this page, cursor of the next). rows(position, limit): those behind it, "" for the beginning.

    Raises Problem for a cursor of another list, of other filters, or of nobody.
    """
    filters = query.model_dump_json(exclude={"limit", "cursor"})
    found = rows(position(ring, of + filters, query.cursor), query.limit + 1)
    shown = found[: query.limit]
    return shown, cursor(ring, of + filters, at(shown[-1])) if len(found) > query.limit else None


def cursor(ring: KeyRing, of: str, at: str) -> str:
    written = base64.urlsafe_b64encode(at.encode()).rstrip(b"=").decode()
    return f"{ring.sign('cursor', of, at)}{written}"


def position(ring: KeyRing, of: str, given: str) -> str:
    if not given:
        return ""
    tag, written = given[:17], given[17:]
    try:
        at = base64.urlsafe_b64decode(written + "=" * (-len(written) % 4)).decode()
    except (binascii.Error, ValueError):
        at = ""
    if not at or not ring.signed(tag, "cursor", of, at):
        raise Problem(422, "cursor", "This cursor is not of this list with these filters; begin without one.")
    return at
