"""The chat: a page, what it sends and hears, and the script by which other sites embed it.

What a customer writes is kept before it is acknowledged, once an id. What they see is read from the conversation, so
their own words come back to them as we keep them: with the secrets taken out.
"""

import json
import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from channels.chat.config import CHANNEL, NAME, TEXT_LIMIT, ChatAccount
from deskd.acts.acknowledge import shut
from deskd.acts.marks import mark
from deskd.console.context import Context
from deskd.console.live import Live
from deskd.console.login import from_our_page
from deskd.console.pace import Paces
from deskd.console.render import HERE, Pages, reader
from deskd.console.stream import Stream
from deskd.console.visitor import Visitors
from deskd.console.words import NAMES, words_of
from deskd.domain.errors import Lost
from deskd.domain.ports import SECOND, Keep, Micros, Receipt
from deskd.domain.states import Report, TicketState
from deskd.domain.ticket import Ticket
from deskd.domain.words import ClockKind, Language
from deskd.store import conversations, views
from deskd.store.conversations import Conversation
from deskd.texts.promises import promise
from router.decide import decide
from router.facts import Facts
from sla import clocks

STREAMS = 8  # of one session: so many windows
ALL_STREAMS = 2_000  # of this process; a thread more for each would be too many, a socket is not
RETRY_AFTER_S = 5
TRIES = 3  # while others work on the ticket
LOADER_S = 3600  # that browsers keep /chat.js
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; require-trusted-types-for 'script'; frame-ancestors {sites}"
)
SAID = (  # what the page's script says
    "chat_you", "chat_automatic", "chat_sending", "chat_kept", "chat_failed", "chat_away", "chat_resolved",
    "chat_leave_sure", "chat_cookies", "chat_slower",
)  # fmt: skip


class Chat:
    """keep: what frees a receipt of its secrets before it is kept."""

    def __init__(self, context: Context, pages: Pages, keep: Keep) -> None:
        self._context, self._pages, self._keep = context, pages, keep
        self._visitors, self._live, self._paces = Visitors(context), Live(context, NAME), Paces(context.clock)
        self._loader = (HERE / "static" / "chat.js").read_bytes()

    async def page(self, request: Request) -> Response:
        config, language = self._config(request), reader(request)
        talk = self._talk(config, self._visitors.of(request))
        note = await self._context.read(lambda c: self._note(c, talk, language))
        site = request.query_params.get("from", "")
        words = words_of(language)
        answer: Response = self._pages.show(
            request,
            "chat.html",
            house=config.brand or self._context.brand,
            note=note,
            site=site if site in config.hosts else "",
            said=json.dumps({name.removeprefix("chat_"): words[name] for name in SAID}, ensure_ascii=False),
            form=next(iter(self._context.forms), ""),
            languages=[(str(tag), name) for tag, name in NAMES.items() if tag is not language],
            limit=TEXT_LIMIT,
        )
        answer.headers["content-security-policy"] = CSP.format(sites=" ".join(config.hosts) or "'none'")
        if talk.address:
            self._visitors.keep(request, answer)
        else:
            self._visitors.begin(request, answer)
        return answer

    async def loader(self, request: Request) -> Response:
        """For any site to load; which of them may frame the page is the page's own word."""
        headers = {
            "cache-control": f"public, max-age={LOADER_S}",
            "cross-origin-resource-policy": "cross-origin",
            "access-control-allow-origin": "*",  # without it no `integrity` of the other site's can be checked
        }
        return Response(self._loader, 200, headers, "text/javascript")

    async def write(self, request: Request) -> Response:
        """201 when it is kept, 200 when it was before; 422 with what is wrong, 429 when it is too much at once."""
        config, given = self._config(request), await self._json(request)
        key, text, errors = _message(given)
        if errors:
            said = words_of(reader(request))
            return JSONResponse({"errors": {field: said[why] for field, why in errors.items()}}, 422)
        answer = JSONResponse({"id": key})
        session = self._visitors.of(request) or self._visitors.begin(request, answer)
        if wait := self._paces.wait(session, key):
            return self._too_fast(request, wait)
        body = json.dumps({"id": key, "text": text}, ensure_ascii=False).encode()
        envelope = {"session": session}
        receipt = Receipt(NAME, config.name, f"{session}:{key}", session, body, self._context.clock(), envelope)
        [kept] = await self._keep([receipt])
        answer.status_code = 200 if kept.repeated else 201
        return answer

    async def events(self, request: Request) -> Response | Stream:
        """The conversation behind Last-Event-ID, then whatever is said; 401 without a session."""
        from_our_page(request, self._context.public_url)
        talk, language = self._own(request), reader(request)
        if self._live.following(talk.account, talk.address) >= STREAMS or self._live.everybody >= ALL_STREAMS:
            raise HTTPException(503, headers={"retry-after": str(RETRY_AFTER_S)})
        after = _number(request.headers.get("last-event-id", request.query_params.get("after", "")))
        return Stream(self._context, self._live, talk, after, lambda c: self._state(c, talk, language))

    async def seen(self, request: Request) -> Response:
        """The page has the lines up to `seq`, or they were read there. Told as often as one likes."""
        given, talk = await self._json(request), self._own(request)
        upto, read = given.get("seq"), given.get("read")
        if type(upto) is not int or type(read) is not bool or set(given) != {"seq", "read"}:
            raise HTTPException(422)
        report, desk = Report.READ if read else Report.DELIVERED, self._context.desk()
        for left in reversed(range(TRIES)):
            try:
                await self._context.write(lambda c: mark(desk, c, talk, min(max(upto, 0), 1 << 31), report))
                break
            except Lost:
                if not left:
                    raise
        return Response(status_code=204)

    async def leave(self, request: Request) -> Response:
        """The browser forgets the conversation: somebody else may use it next."""
        self._config(request)
        await self._json(request)
        answer = Response(status_code=204)
        self._visitors.end(request, answer)
        return answer

    def _config(self, request: Request) -> ChatAccount:
        config = self._context.chats.get(request.path_params["name"])
        if config is None:
            raise HTTPException(404)
        return config

    def _talk(self, config: ChatAccount, address: str) -> Conversation:
        return Conversation(NAME, config.name, CHANNEL.capabilities.identity, address)

    def _own(self, request: Request) -> Conversation:
        """The session's own conversation, and no way to name another."""
        config, address = self._config(request), self._visitors.of(request)
        if not address:
            raise HTTPException(401)
        return self._talk(config, address)

    async def _json(self, request: Request) -> Mapping[str, Any]:
        """The body, from our own page or from no browser: other sites cannot send this type without asking first."""
        from_our_page(request, self._context.public_url)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise HTTPException(415)
        try:
            given = json.loads(await request.body())
        except (ValueError, RecursionError) as error:
            raise HTTPException(400) from error
        if not isinstance(given, dict):
            raise HTTPException(400)
        return given

    def _too_fast(self, request: Request, wait: Micros) -> Response:
        seconds = -(-wait // SECOND)
        words = words_of(reader(request))
        return JSONResponse({"error": words["chat_slower"]}, 429, {"retry-after": str(seconds)})

    def _state(self, connection: Connection, talk: Conversation, language: Language) -> dict[str, Any]:
        """Whose it is, whether it is settled, and what to know before writing."""
        ticket = conversations.newest(connection, talk)
        settled = ticket is not None and ticket.state in {TicketState.RESOLVED, TicketState.CLOSED}
        state = "settled" if settled else "open" if ticket else "new"
        return {"who": talk.address[:8], "state": state, "note": self._note(connection, talk, language, ticket)}

    def _note(
        self, connection: Connection, talk: Conversation, language: Language, ticket: Ticket | None = None
    ) -> str:
        """Outside of the hours in which somebody is there: by when they answer, and what cannot wait; else ""."""
        desk, voice, now = self._context.desk(), self._context.voice, self._context.clock()
        ticket = ticket or (conversations.newest(connection, talk) if talk.address else None)
        owed = ticket if ticket and ticket.state not in {TicketState.RESOLVED, TicketState.CLOSED} else None
        first = Facts("", talk.channel, talk.account, at=now)
        policy = owed.policy if owed else decide(first, desk.rules).policy
        if not shut(desk.book.calendar(desk.book.policy(policy).calendar), now):
            return ""
        due = views.response_due(connection, owed.id) if owed else None
        if due is None:
            kind = ClockKind.NEXT_RESPONSE if owed and owed.answered_at else ClockKind.FIRST_RESPONSE
            due = clocks.start(desk.book, kind, policy, True, now)[0].due_at or now
        words = words_of(language)
        said = [words["chat_shut"].format(due=promise(max(due, now), voice.zone, language, now)), words["chat_urgent"]]
        if voice.hotline:
            said.append(words["chat_hotline"].format(hotline=voice.hotline))
        return (" " if language is Language.EN else "").join(said)


def _message(given: Mapping[str, Any]) -> tuple[str, str, dict[str, str]]:
    """(id, text, field → the word that says what is wrong with it)."""
    errors = {str(name)[:100]: "x_unknown" for name in set(given) - {"id", "text"}}
    key, text = given.get("id"), given.get("text")
    try:
        key = str(uuid.UUID(key)) if isinstance(key, str) else ""
    except ValueError:
        key = ""
    if not key:
        errors["id"] = "x_id"
    if not isinstance(text, str):
        return key, "", errors | {"text": "x_type"}
    text = text.replace("\x00", "").replace("\r\n", "\n").encode("utf-8", "replace").decode()
    if not text.strip():
        errors["text"] = "x_message"
    elif len(text.encode("utf-16-le")) // 2 > TEXT_LIMIT:
        errors["text"] = "x_long"
    return key, text, errors


def _number(given: str) -> int:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
