"""`deskd inspect KIND`: what deskd makes of a message, without keeping it. No network, no store."""

import base64
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from channels.email import parse as mail
from channels.telegram import parse as telegram
from deskd import settings
from deskd.cli import inspect_twilio
from deskd.cli.given import content, text
from deskd.cli.options import AsJson
from deskd.domain.errors import DeskError, NotFound
from deskd.domain.words import Level
from ingest.masking.mask import inspect as mask_inspect
from router.decide import decide
from router.facts import Facts
from router.rules import RuleSet, defaults, load
from sla.inspect import due

Answer = Callable[[Mapping[str, Any]], dict[str, Any]]


def command(
    kind: Annotated[str, typer.Argument(help="email, reply, telegram, twilio, twilio-signature, mask, route or due")],
    files: Annotated[list[Path] | None, typer.Argument(help="None: one JSON object a line from standard input")] = None,
    path: Annotated[Path | None, typer.Option("--settings", help="route by the rules of this settings file")] = None,
    rules_file: Annotated[str, typer.Option("--rules", help="route by the rules of this file, or by none")] = "",
    as_json: AsJson = False,
) -> None:
    known = kinds(rule_set(rules_file, path))
    if kind not in known:
        raise NotFound(f'There is no kind "{kind}"; there are {", ".join(known)}.')
    if not files:
        answer_lines(known[kind], iter(sys.stdin.buffer.readline, b""))
        return
    for file in files:
        said = _answered(known[kind], partial(request_of, kind, content(file)))
        if "error" in said:
            raise DeskError(f"{file}: {said['error']}")
        typer.echo(json.dumps(said["result"], ensure_ascii=False, indent=None if as_json else 2))


def kinds(rules: RuleSet) -> dict[str, Answer]:
    return {
        "email": lambda r: mail.to_json(mail.parse(_raw(_text(r, "raw_b64")))),
        "reply": _reply,
        "telegram": _telegram,
        "twilio": inspect_twilio.event,
        "twilio-signature": inspect_twilio.signature,
        "mask": lambda r: mask_inspect({"text": _text(r, "text")}),
        "route": lambda r: _route(r, rules),
        "due": lambda r: due({k: v for k, v in r.items() if k != "id"}),
    }


def rule_set(choice: str, path: Path | None = None) -> RuleSet:
    """Of a rule file, of none for "none", of a settings file, or those that are shipped."""
    if choice == "none":
        return load([])
    if choice:
        return settings.rules_of(text(Path(choice)))
    return settings.load(path).rules if path else defaults()


def answer_lines(answer: Answer, lines: Iterator[bytes]) -> None:
    """One JSON object a line in, one out. A bad line is answered with its error and ends nothing."""
    for line in lines:
        if line.strip():
            said = _answered(answer, partial(json.loads, line))
            sys.stdout.write(json.dumps(said, ensure_ascii=True) + "\n")
            sys.stdout.flush()  # whoever asks line by line waits for it


def _answered(answer: Answer, read: Callable[[], Any]) -> dict[str, Any]:
    said: dict[str, Any] = {"id": None}
    try:
        request = read()
        if not isinstance(request, dict):
            raise TypeError("This must be one JSON object.")
        said["id"] = request.get("id")
        return said | {"result": answer(request)}
    except KeyError as error:
        return said | {"error": f"{error.args[0]} is missing."}
    except RecursionError:
        return said | {"error": "This is nested too deeply."}
    except Exception as error:  # noqa: BLE001 - any line may come; the next one is answered all the same
        return said | {"error": str(error) or type(error).__name__}


def request_of(kind: str, raw: bytes) -> dict[str, Any]:
    """A file's content as the request that its kind wants: JSON where it is an object, else raw."""
    if kind == "email":
        return {"raw_b64": base64.b64encode(raw).decode()}
    written = raw.decode("utf-8", "replace")
    if written.lstrip().startswith("{"):
        try:
            given = dict(json.loads(written))
            return {"update": given} if kind == "telegram" and "update" not in given else given
        except ValueError:
            return {"text": written}
    return {"text": written}


def _raw(coded: str) -> bytes:
    try:
        return base64.b64decode("".join(coded.split()), validate=True)
    except ValueError as error:
        raise ValueError("raw_b64 is not base 64.") from error


def _text(request: Mapping[str, Any], name: str, otherwise: str | None = None) -> str:
    """A string of the request. KeyError where it must be there and is not; TypeError for anything but a string."""
    value = request[name] if otherwise is None else request.get(name, otherwise)
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a string.")
    return value


def _reply(request: Mapping[str, Any]) -> dict[str, Any]:
    if "text" not in request and "html" not in request:
        raise KeyError("text or html")
    said = mail.split_reply(request.get("text"), request.get("html"))
    return {"reply": said.reply, "quoted": said.quoted, "signature": said.signature}


def _telegram(request: Mapping[str, Any]) -> dict[str, Any]:
    update = request["update"]
    if not isinstance(update, dict):
        raise TypeError("update must be an object.")
    return {"event": telegram.to_json(telegram.parse(update))}


def _route(request: Mapping[str, Any], rules: RuleSet) -> dict[str, Any]:
    decision = decide(
        Facts(
            text=_text(request, "text"),
            subject=_text(request, "subject", ""),
            channel=_text(request, "channel", ""),
            address=_text(request, "from", ""),
            at=int(request.get("at", 0)),
            level=Level.CLAIMED,
        ),
        rules,
    )
    return {
        "category": decision.category,
        "topic": decision.topic,
        "queue": decision.queue,
        "priority": decision.priority,
        "tags": sorted(decision.tags),
        "also": list(decision.also),
        "confidence": decision.confidence,
        "reasons": [{"code": r.code, "rule": r.rule, "en": r.text_en, "zh": r.text_zh} for r in decision.reasons],
    }
