"""`deskd ingest`: a file goes the way of a message that has just arrived: kept, then made a ticket."""

import asyncio
import json
import time
import uuid
from collections.abc import Callable, Collection, Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer
from starlette.exceptions import HTTPException
from starlette.requests import Request

from channels.form.config import NAME as FORM
from deskd import app
from deskd.cli.desk import opened, ring
from deskd.cli.given import content
from deskd.cli.options import DEFAULT, AsJson, SettingsFile
from deskd.cli.output import of_ticket, show
from deskd.console.filled import Unreadable, from_json, sealed_words
from deskd.console.words import words_of
from deskd.domain.errors import DeskError, Refused, StoreAway
from deskd.domain.ports import Receipt
from deskd.domain.states import ReceiptState
from deskd.domain.words import Language
from deskd.store import receipts, tickets
from deskd.store.keeper import Keeper
from ingest.masking.formats import DEFAULT as FORMATS

AT_ONCE = 64  # files in memory at a time
PAUSE_SECONDS = 0.05  # between two looks at what another process makes of it
LOOKS = 200

Read = Callable[[app.Parts, Path, bytes], Receipt]


def command(
    channel: Annotated[str, typer.Argument(help="email (raw mails) or form (the JSON that /form/NAME takes)")],
    files: Annotated[list[Path], typer.Argument(help="One message each")],
    path: SettingsFile = DEFAULT,
    as_json: AsJson = False,
) -> None:
    with opened(path) as parts:
        if channel not in _READ:
            raise Refused(f'"{channel}" takes no files; these do: {", ".join(_READ)}.')
        rows: list[dict[str, Any]] = []
        waiting = iter(files)
        while some := list(islice(waiting, AT_ONCE)):
            kept = asyncio.run(_keep(parts, [_READ[channel](parts, file, content(file)) for file in some]))
            _settle(parts, kept)
            rows += [_outcome(parts, one) for one in kept]
        ring(parts)
    show(rows, as_json=as_json)


async def _keep(parts: app.Parts, made: Sequence[Receipt]) -> list[str]:
    keeper = Keeper(parts.database, parts.vault, app.new_id)
    try:
        return [one.receipt_id for one in await keeper.keep(made)]
    finally:
        await keeper.close()


def _settle(parts: app.Parts, ids: Collection[str]) -> None:
    """Until each is a ticket or parked: by our own pipeline, or by that of a daemon which holds the lane."""
    pipeline = app.pipeline(parts, lambda _accounts: None)
    try:
        for _ in range(LOOKS):
            try:
                while pipeline.round().total:
                    pass
            except StoreAway:  # a daemon has taken the lane over meanwhile; a store that is really away says so below
                pass
            with parts.database.read() as connection:
                rows = [receipts.one(connection, one) for one in ids]
            if not any(row is not None and row["state"] == ReceiptState.KEPT for row in rows):
                return
            time.sleep(PAUSE_SECONDS)
    finally:
        pipeline.release()


def _outcome(parts: app.Parts, receipt_id: str) -> dict[str, Any]:
    with parts.database.read() as connection:
        row = receipts.one(connection, receipt_id)
        found = tickets.by_ids(connection, [row["ticket_id"]]) if row and row["ticket_id"] else []
    said = {"receipt": receipt_id, "outcome": (row["outcome"] or row["state"]) if row else "gone"}
    return said | (of_ticket(found[0]) if found else {})


def _mail(parts: app.Parts, _file: Path, raw: bytes) -> Receipt:
    account = parts.settings.mail.accounts[0]
    envelope = {"rcpt_to": [account.address]}
    return Receipt("email", account.name, app.mail_key(raw), app.mail_lane(raw), raw, app.now(), envelope)


def _form(parts: app.Parts, file: Path, raw: bytes) -> Receipt:
    """As a post of the same JSON: checked, and its secrets destroyed before it is kept."""
    config = parts.settings.form.pages[0]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": raw, "more_body": False}

    key = str(uuid.UUID(bytes=app.random_bytes(16), version=4)).encode()
    request = Request({"type": "http", "method": "POST", "headers": [(b"idempotency-key", key)]}, receive)
    try:
        filled = asyncio.run(from_json(request, config))
    except HTTPException as error:
        raise DeskError(f"{file} is not one JSON object, as the form takes it.") from error
    except Unreadable as error:
        said = words_of(Language.EN)
        why = "; ".join(f"{name}: {said[f'x_{what}']}" for name, what in error.errors.items())
        raise DeskError(f"{file} can't be sent in by the form {config.name}: {why}") from error
    body = sealed_words(filled, FORMATS)
    sealed = json.dumps(body, ensure_ascii=False).encode()
    return Receipt(FORM, config.name, filled.id, str(body["email"]), sealed, app.now(), {"id": filled.id})


_READ: dict[str, Read] = {"email": _mail, "form": _form}
