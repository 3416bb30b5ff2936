"""Idempotency-Key: what is asked again is done once and answered the same, for a day.

The answer is kept in the transaction of the act. What was refused changed nothing and is not kept: the same key may
then be used again.
"""

import hmac
import re
from collections.abc import Callable

from starlette.requests import Request

from deskd.console.api.on import On
from deskd.console.api.problems import Problem
from deskd.store import api_answers

HEADER = "idempotency-key"
KEY = re.compile(r"[\x21-\x7e]{1,255}")
Answered = tuple[int, bytes, bool]
"""Status, JSON, whether it was answered before."""


def key_of(request: Request) -> str:
    """ "" for none. Raises Problem 400 for one that is none."""
    keys = request.headers.getlist(HEADER)
    if keys and (len(keys) > 1 or not KEY.fullmatch(keys[0])):
        raise Problem(400, "key", "An Idempotency-Key is one header of 1 to 255 visible ASCII characters.")
    return keys[0] if keys else ""


def once(on: On, key: str, asked: tuple[str, ...], status: int, work: Callable[[], bytes]) -> Answered:
    """The first answer to this key of this agent; `work` is called where there was none. asked: method, path, body.

    Raises Problem 422 where the key was used for something else.
    """
    ring = on.desk.vault.ring
    digest, mark = ring.digest("lookup", "api-key", on.agent.id, key), ring.digest("lookup", "api-words", *asked)
    owner = f"api-answer:{digest.hex()}"
    held = api_answers.claim(on.connection, digest, mark, on.now)
    if held is not None:
        if not hmac.compare_digest(bytes(held["print"]), mark):
            raise Problem(422, "key-reused", "This Idempotency-Key was used for something else; take a new one.")
        return held["status"], ring.unseal_small(owner, bytes(held["sealed"])), True
    said = work()
    api_answers.keep(on.connection, digest, status, ring.seal_small(owner, said))
    return status, said, False
