"""Who writes in a chat: whoever has the browser in which it began.

A session is a token of 256 bits that we made and signed, in a cookie; of it only the digest is ever stored, which is
the customer's address. A token that is lost is lost: the next message is a new customer's.
"""

import base64
import hashlib

from starlette.requests import Request
from starlette.responses import Response

from deskd.console.context import Context

DAYS = 30  # that a browser keeps it: an answer may come tomorrow
ADDRESS = 32  # hexadecimal digits of the SHA-256 that are the address: 128 bits


class Visitors:
    def __init__(self, context: Context) -> None:
        self._context = context
        self.cookie = "__Host-deskd-chat" if context.secure_cookies else "deskd-chat"

    def of(self, request: Request) -> str:
        """The address of the session; "" for none, and for a token that is not ours."""
        token, _, tag = request.cookies.get(self.cookie, "").partition(".")
        if not self._context.desk().vault.ring.signed(tag, "chat-session", token):
            return ""
        return _address(token)

    def begin(self, request: Request, answer: Response) -> str:
        """The address of a new session, its token handed out with the answer."""
        token = base64.urlsafe_b64encode(self._context.random(32)).rstrip(b"=").decode()
        self._hand_out(request, answer, f"{token}.{self._context.desk().vault.ring.sign('chat-session', token)}")
        return _address(token)

    def keep(self, request: Request, answer: Response) -> None:
        """The same session, for another while."""
        self._hand_out(request, answer, request.cookies[self.cookie])

    def end(self, request: Request, answer: Response) -> None:
        self._hand_out(request, answer, "", seconds=0)

    def _hand_out(self, request: Request, answer: Response, value: str, seconds: int = DAYS * 86_400) -> None:
        """First-party; in a frame of another site a cookie of that site's alone, which browsers take only over TLS.

        Starlette's own set_cookie knows Partitioned from Python 3.14 on.
        """
        framed = request.headers.get("sec-fetch-dest") == "iframe" or request.query_params.get("framed") == "1"
        other = framed and self._context.secure_cookies
        where = "SameSite=None; Secure; Partitioned" if other else "SameSite=Lax"
        secure = "; Secure" if self._context.secure_cookies and not other else ""
        cookie = f"{self.cookie}={value}; Path=/; Max-Age={seconds}; HttpOnly; {where}{secure}"
        answer.headers.append("set-cookie", cookie)


def _address(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()[:ADDRESS]
