"""The Bot API as far as deskd speaks it: a small strict server on loopback with a ledger of what it took.

Written after core.telegram.org/bots/api and the source of telegram-bot-api: updates wait until an offset above their
number confirms them; a later getUpdates ends an earlier one with 409; with a webhook set there is no getUpdates; a
webhook is tried again on everything but 2xx. What deskd would not send, it refuses with 400.
"""

import json
import threading
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "123456789:AAtestAAtestAAtestAAtestAAtestAAtest"
SECRET = "webhook_secret-0123456789"
LIMIT = 4096  # UTF-16 units of one message
MOST_WAIT_S = 50

Answer = tuple[int, dict[str, Any]]
FLOOD: Answer = (429, {"description": "Too Many Requests: retry after 35", "parameters": {"retry_after": 35}})
BLOCKED: Answer = (403, {"description": "Forbidden: bot was blocked by the user"})
NO_CHAT: Answer = (400, {"description": "Bad Request: chat not found"})
BROKEN: Answer = (502, {"description": "Bad Gateway"})


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that the chat shows."""

    chat: int
    text: str
    message_id: int


@dataclass
class BotApi:
    """planned: what becomes of the next messages, in their order: an Answer instead of taking it; "take, then 502",
    "take, then drop", "take, then stall", "drop", "garbage" after taking it. calls: every method that was called.
    """

    token: str = TOKEN
    planned: deque[Answer | str] = field(default_factory=deque)
    polled: deque[Answer] = field(default_factory=deque)  # answers instead of updates, likewise
    ledger: list[Sent] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)  # parameters of each getUpdates
    confirmed: list[int] = field(default_factory=list)
    webhook: str = ""
    url: str = ""

    def __post_init__(self) -> None:
        self._waiting: list[tuple[int, Any]] = []
        self._turn = threading.Condition()
        self._polls = 0  # numbers the getUpdates that came; an earlier one ends when a later one comes
        self._closed = threading.Event()
        self._number, self._message = 900_000, 100

    @contextmanager
    def open(self) -> Iterator["BotApi"]:
        handler = type("Handler", (_Handler,), {"api": self})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = False
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield self
        finally:
            self._closed.set()
            with self._turn:
                self._turn.notify_all()
            server.shutdown()
            thread.join()
            server.server_close()

    def write(self, chat: int, text: str, **more: Any) -> dict[str, Any]:
        """A person writes to the bot in private; the update, which waits for getUpdates."""
        update = {"update_id": self.next_id(), "message": private(chat, text, self.next_message()) | more}
        self.queue(update)
        return update

    def queue(self, update: Any, number: int | None = None) -> None:
        with self._turn:
            self._waiting.append((number if number is not None else int(update["update_id"]), update))
            self._turn.notify_all()

    def next_id(self) -> int:
        with self._turn:
            self._number += 1
            return self._number

    def next_message(self) -> int:
        with self._turn:
            self._message += 1
            return self._message

    def gap(self, number: int) -> None:
        """A week without updates: the next one has a random number."""
        self._number = number - 1

    def waiting(self) -> int:
        with self._turn:
            return len(self._waiting)

    def hand_over(self, url: str, update: Any, secret: str = SECRET, tries: int = 1) -> list[int]:
        """By webhook, again until it is taken; the status of each try, 0 for none."""
        raw = update if isinstance(update, bytes) else json.dumps(update).encode()
        headers = {"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": secret}
        statuses: list[int] = []
        for _ in range(tries):
            try:
                with urllib.request.urlopen(urllib.request.Request(url, raw, headers), timeout=10) as answer:
                    statuses.append(answer.status)
            except urllib.error.HTTPError as error:
                statuses.append(error.code)
                error.close()
            except OSError:
                statuses.append(0)
            if statuses[-1] == 200:
                break
        return statuses

    def called(self, method: str, given: Any) -> Answer | str:
        self.calls.append(method)
        if method == "getUpdates":
            return self._get_updates(given)
        if method == "sendMessage":
            return self._send(given)
        return _bad("method")

    def _get_updates(self, given: dict[str, Any]) -> Answer:
        if set(given) - {"offset", "limit", "timeout", "allowed_updates"} or not _names(given.get("allowed_updates")):
            return _bad("parameters")
        if not 1 <= given.get("limit", 100) <= 100 or not 0 <= given.get("timeout", 0) <= MOST_WAIT_S:
            return _bad("limits")
        with self._turn:
            self.requests.append(given)
            if self.polled:
                return self.polled.popleft()
            if self.webhook:
                return 409, {"description": "Conflict: can't use getUpdates method while webhook is active"}
            self._polls += 1
            mine = self._polls
            self._turn.notify_all()
            first = given.get("offset")
            self._confirm(first)
            self._turn.wait_for(
                lambda: self._from(first) or self._polls != mine or self._closed.is_set(), given.get("timeout", 0)
            )
            if self._polls != mine:
                return 409, {"description": "Conflict: terminated by other getUpdates request"}
            return 200, {"result": self._from(first)[: given.get("limit", 100)]}

    def _from(self, first: int | None) -> list[Any]:
        return [update for number, update in self._waiting if first is None or number >= first]

    def _confirm(self, offset: int | None) -> None:
        """To the letter of the page: everything under the offset, whenever it came."""
        if offset is None:
            return
        gone = [number for number, _ in self._waiting if number < offset]
        self.confirmed += gone
        self._waiting = [one for one in self._waiting if one[0] >= offset]

    def _send(self, given: dict[str, Any]) -> Answer | str:
        chat, text = given.get("chat_id"), given.get("text")
        if set(given) - {"chat_id", "text", "link_preview_options"} or not isinstance(chat, int):
            return _bad("parameters")
        if not isinstance(text, str) or not text.strip():
            return 400, {"description": "Bad Request: message text is empty"}
        if len(text.encode("utf-16-le")) // 2 > LIMIT:
            return 400, {"description": "Bad Request: message is too long"}
        plan = self.planned.popleft() if self.planned else ""
        if isinstance(plan, tuple):
            return plan
        if plan == "drop":
            return plan
        sent = Sent(chat, text, self.next_message())
        self.ledger.append(sent)
        message = {"message_id": sent.message_id, "chat": {"id": chat, "type": "private"}, "date": 1, "text": text}
        return BROKEN if plan == "take, then 502" else plan or (200, {"result": message})

    def stall(self) -> None:
        self._closed.wait()


class _Handler(BaseHTTPRequestHandler):
    api: BotApi
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        token, _, method = self.path.removeprefix("/bot").partition("/")
        if token != self.api.token:
            answer: Answer | str = (401, {"description": "Unauthorized"})
        elif self.headers.get("content-type") != "application/json":
            answer = _bad("content type")
        else:
            answer = self.api.called(method, json.loads(body))
        if isinstance(answer, tuple):
            self._answer(answer[0], json.dumps(_whole(*answer)).encode())
        elif answer == "garbage":
            self._answer(200, b"<html>")
        else:
            self._break_off(answer)

    def _break_off(self, how: str) -> None:
        if how.endswith("stall"):
            self.api.stall()
        self.close_connection = True

    def _answer(self, status: int, body: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # the client has gone

    def log_message(self, *_words: Any) -> None:
        pass


def private(chat: int, text: str, message_id: int) -> dict[str, Any]:
    who = {"id": chat, "is_bot": False, "first_name": "Customer", "last_name": "A", "language_code": "en"}
    return {
        "message_id": message_id,
        "from": who,
        "chat": {"id": chat, "first_name": "Customer", "last_name": "A", "type": "private"},
        "date": 1_780_000_000,
        "text": text,
    }


def _names(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)


def _bad(why: str) -> Answer:
    return 400, {"description": f"Bad Request: {why}"}


def _whole(status: int, said: dict[str, Any]) -> dict[str, Any]:
    return {"ok": status == 200} | ({} if status == 200 else {"error_code": status}) | said
