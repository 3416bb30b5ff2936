"""Who is at the console: log-in, session, and whether a change was asked for by our own page.

A session is a 256-bit token in a cookie, stored as its SHA-256: idle 15 minutes, 12 hours at most, new at each log-in.
"""

import asyncio
import base64
import hashlib
import hmac
from dataclasses import dataclass

from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from deskd.acts.parked import OFFICE
from deskd.console.context import Context
from deskd.domain.ports import HOUR, MINUTE, Micros
from deskd.domain.ticket import Agent
from deskd.domain.words import Role
from deskd.store import limits, people

IDLE: Micros = 15 * MINUTE
ABSOLUTE: Micros = 12 * HOUR
SEEN_EVERY: Micros = MINUTE  # a page view is not a write, but once a minute
TRIES, SPAN = 10, 30 * MINUTE  # attempts a name
NAME_LIMIT = PASSWORD_LIMIT = 200  # characters; argon2 is not given more to chew


@dataclass(frozen=True, slots=True)
class Session:
    agent: Agent
    csrf: str
    digest: bytes

    @property
    def office(self) -> bool:
        """Whether the pages of supervisors and ops are theirs."""
        return self.agent.role in {*OFFICE, Role.ADMIN}


class Door:
    def __init__(self, context: Context) -> None:
        self._context = context
        self.cookie = "__Host-deskd" if context.secure_cookies else "deskd"
        self._nobody = context.hasher.hash(_text(context.random(32)))  # what an unknown name is compared with

    async def session(self, request: Request) -> Session | None:
        """Who asks. A session that is over, or whose agent is off, is nobody."""
        token = request.cookies.get(self.cookie, "")
        if not token:
            return None
        digest, now = _digest(token), self._context.clock()
        row = await self._context.read(lambda c: people.session(c, digest, IDLE, ABSOLUTE, now))
        if row is None:
            return None
        if row["seen_at"] <= now - SEEN_EVERY:
            await self._context.write(lambda c: people.seen(c, digest, now))
        return Session(people.agent_of(row), row["csrf"], digest)

    async def log_in(self, request: Request, name: str, password: str) -> str | None:
        """The new session's token; None, in the same time, for a wrong name, a wrong password and too many tries."""
        context, now = self._context, self._context.clock()
        name, password = name[:NAME_LIMIT], password[: PASSWORD_LIMIT + 1]
        subject = context.desk().vault.ring.digest("limit", "login", name)
        row_id = context.desk().ids()

        def begin(connection: Connection) -> tuple[bool, str]:
            taken = limits.take(connection, row_id, "login", subject, now, span=SPAN, at_most=TRIES)
            return taken, people.password_of(connection, name)

        allowed, kept = await context.write(begin)
        right = await asyncio.to_thread(self._matches, kept or self._nobody, password)
        if not (allowed and kept and right):
            return None
        token, csrf, old = _text(context.random(32)), _text(context.random(32)), request.cookies.get(self.cookie, "")

        def end(connection: Connection) -> bool:
            agent = people.named(connection, name)
            if agent is None or not agent.active:
                return False
            limits.forgive(connection, "login", subject)
            people.close_session(connection, _digest(old))
            people.open_session(connection, _digest(token), agent.id, csrf, now)
            return True

        return token if await context.write(end) else None

    async def log_out(self, session: Session) -> None:
        await self._context.write(lambda c: people.close_session(c, session.digest))

    def hand_out(self, answer: Response, token: str) -> None:
        secure = self._context.secure_cookies
        answer.set_cookie(self.cookie, token, path="/", secure=secure, httponly=True, samesite="lax")

    def take_back(self, answer: Response) -> None:
        secure = self._context.secure_cookies
        answer.delete_cookie(self.cookie, path="/", secure=secure, httponly=True, samesite="lax")

    def _matches(self, kept: str, password: str) -> bool:
        try:
            return self._context.hasher.verify(kept, password) and len(password) <= PASSWORD_LIMIT
        except (VerificationError, InvalidHashError):
            return False


def from_our_page(request: Request, public_url: str) -> None:
    """Refuses what another site sent. Sec-Fetch-Site decides where the browser sends it, else Origin.

    Our own Referrer-Policy makes browsers say "Origin: null" on our forms, always together with Sec-Fetch-Site.
    A peer that sends neither is no browser.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise HTTPException(403)
        return
    ours = {public_url.rstrip("/"), f"{request.url.scheme}://{request.headers.get('host', '')}"}
    if origin is not None and origin not in ours:
        raise HTTPException(403)


def with_token(session: Session, token: object) -> None:
    if not hmac.compare_digest(str(token).encode("utf-8", "replace"), session.csrf.encode()):
        raise HTTPException(403)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
