"""The form and its JSON twin: read, secrets destroyed, kept, and only then acknowledged with the public code.

The page carries a UUID: sent twice it is one ticket, and its code follows from it.
"""

import asyncio
import json
import uuid
from typing import Any

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from channels.form.config import NAME, FormConfig
from deskd.acts.acknowledge import text_for
from deskd.console.context import Context
from deskd.console.filled import Filled, Unreadable, from_json, from_page, sealed_words
from deskd.console.login import from_our_page
from deskd.console.render import Pages, reader
from deskd.console.words import NAMES, moment, words_of
from deskd.domain import code as public_code
from deskd.domain.ports import Kept, Micros, Receipt
from deskd.domain.states import ReceiptState
from deskd.domain.ticket import Ticket
from deskd.domain.words import Category
from deskd.store import receipts, tickets, views
from deskd.texts.promises import promise

POLL_S = 0.05
SENT = "?sent"  # a POST to the address of the page itself would drop it from the browser's memory: RFC 9111, 4.4
FACTS: dict[str, tuple[Category, ...]] = {  # what the page asks, and for which categories; nothing chosen: all of it
    "phone": (Category.ACCOUNT, Category.TRANSFER, Category.SECURITY, Category.OTHER),
    "reference": (Category.TRANSFER, Category.SECURITY, Category.OTHER),
    "amount": (Category.TRANSFER, Category.SECURITY),
    "time": (Category.ACCOUNT, Category.TRANSFER, Category.SECURITY),
}


class Form:
    def __init__(self, context: Context, pages: Pages) -> None:
        self._context, self._pages = context, pages

    async def page(self, request: Request) -> Response:
        """Holds nothing of anybody's, so it may be kept for the way back: which then has the same id, and is one."""
        answer = self._ask(request, self._config(request), Filled(id=self._new_id()))
        answer.headers["cache-control"] = "private, no-cache"
        return answer

    async def post(self, request: Request) -> Response:
        """201 with the code; 200 when it was sent before; 422 with what is wrong; 409 for an id with other words."""
        config = self._config(request)
        from_our_page(request, self._context.public_url)
        programme = request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"
        try:
            filled = await (from_json(request, config) if programme else from_page(request, config, self._new_id))
        except Unreadable as error:
            if programme:
                said = words_of(reader(request))
                errors = {field: said[f"x_{why}"] for field, why in error.errors.items()}
                return JSONResponse({"errors": errors}, 422)
            return self._ask(request, config, error.filled, error.errors, 422)
        code, kept, same, removed = await self._keep(config, filled)
        if not same:
            return self._other_words(request, config, filled, code, programme=programme)
        return await self._saved(request, code, kept, removed=removed, programme=programme)

    def _config(self, request: Request) -> FormConfig:
        config = self._context.forms.get(request.path_params["name"])
        if config is None:
            raise HTTPException(404)
        return config

    def _new_id(self) -> str:
        return str(uuid.UUID(bytes=self._context.random(16), version=4))

    async def _keep(self, config: FormConfig, filled: Filled) -> tuple[str, Kept, bool, bool]:
        """(code, what keep said, whether these are the words kept under this id, whether a secret was destroyed)."""
        ring, now = self._context.desk().vault.ring, self._context.clock()
        body = await asyncio.to_thread(sealed_words, filled, self._context.formats)
        raw = json.dumps(body, ensure_ascii=False).encode()
        mark = ring.digest("lookup", "form-words", raw.decode()).hex()
        code = await self._context.read(lambda c: self._code(c, config, filled.id))
        envelope = {"code": code, "id": filled.id, "print": mark}
        lane = str(body["email"])
        [kept] = await self._context.keep([Receipt(NAME, config.name, filled.id, lane, raw, now, envelope)])
        if kept.repeated:
            code, first = await self._context.read(lambda c: self._first(c, kept.receipt_id, code))
            return code, kept, first in {"", mark}, bool(body["found"])
        return code, kept, True, bool(body["found"])

    def _code(self, connection: Connection, config: FormConfig, key: str) -> str:
        """From the id's HMAC; the next try while another ticket has it. A known id keeps its code."""
        ring = self._context.desk().vault.ring
        known = views.receipt_of(connection, ring.digest("dedupe", NAME, config.name, key))
        for n in range(100):
            parts = ("form", config.name, key, *([str(n)] if n else []))
            code = public_code.code_of(int.from_bytes(ring.digest("lookup", *parts)[:5], "big") >> 5)
            if known or tickets.by_code(connection, code) is None:
                return code
        raise HTTPException(503)

    def _first(self, connection: Connection, receipt_id: str, otherwise: str) -> tuple[str, str]:
        """(code, print) of the receipt that was kept first; the print is "" once its raw form is gone."""
        row = receipts.one(connection, receipt_id)
        envelope: dict[str, Any] = {}
        if row is not None and row["data_key"] is not None:
            envelope = receipts.opened(row, self._context.desk().vault).envelope
        code = str(envelope.get("code", otherwise))
        if row is not None and row["state"] == ReceiptState.DONE and row["ticket_id"]:
            found = tickets.by_ids(connection, [row["ticket_id"]])
            code = found[0].code if found else code
        return code, str(envelope.get("print", ""))

    async def _due(self, code: str) -> tuple[Ticket | None, Micros | None]:
        """Its ticket, if it is there soon enough, and by when it promises an answer."""

        def look(connection: Connection) -> tuple[Ticket | None, Micros | None]:
            ticket = tickets.by_code(connection, code)
            return ticket, views.first_due(connection, ticket.id) if ticket else None

        left = int(self._context.ticket_wait_s / POLL_S)
        while True:
            ticket, due = await self._context.read(look)
            if ticket or left <= 0:
                return ticket, due
            left -= 1
            await asyncio.sleep(POLL_S)

    async def _saved(self, request: Request, code: str, kept: Kept, *, removed: bool, programme: bool) -> Response:
        language, shown, voice = reader(request), public_code.shown(code), self._context.voice
        words, (ticket, due) = words_of(language), await self._due(code)
        heading, text, promised, name = words["f_saved"], words["f_saved_text"].format(code=shown), "", ""
        if ticket is not None and due is not None:
            promised = promise(due, voice.zone, language, self._context.clock())
            name = text_for(self._context.desk(), ticket, ticket.created_at, secret=removed)
            said = voice.texts.render(name, language, NAME, code=shown, due=promised)
            heading, text = said.subject, said.text
        status = 200 if kept.repeated else 201
        if programme:
            times = {"due": promised or None, "due_at": moment(due)}
            return JSONResponse({"code": shown, **times, "text": text, "removed": removed}, status)
        told = removed and name != "secret_seen"
        return self._pages.show(
            request, "form_saved.html", status, heading=heading, code=shown, text=text, removed=told
        )

    def _other_words(
        self, request: Request, config: FormConfig, filled: Filled, code: str, *, programme: bool
    ) -> Response:
        sentence = words_of(reader(request))["x_again"].format(code=public_code.shown(code))
        if programme:
            return JSONResponse({"error": sentence}, 409)
        return self._ask(request, config, filled.renewed(self._new_id()), {}, 409, again=sentence)

    def _ask(
        self,
        request: Request,
        config: FormConfig,
        filled: Filled,
        errors: dict[str, str] | None = None,
        status: int = 200,
        *,
        again: str = "",
    ) -> Response:
        wish = request.query_params.get("lang", "")
        where = request.url.path + SENT + (f"&lang={reader(request)}" if wish else "")
        said = {"config": config, "filled": filled, "errors": errors or {}, "again": again, "where": where}
        others = [(str(tag), name) for tag, name in NAMES.items() if tag is not reader(request)]
        return self._pages.show(request, "form.html", status, languages=others, facts=FACTS, **said)
