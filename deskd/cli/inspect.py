"""`deskd inspect KIND`: what deskd makes of a message, without keeping it. No network, no store."""

import base64
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from channels.email import parse as mail
from deskd.domain.errors import DeskError
from deskd.domain.words import Level
from ingest.masking.mask import inspect as mask_inspect
from router.decide import decide
from router.facts import Facts
from router.rules import RuleSet, defaults, load, load_text
from sla.inspect import due

Answer = Callable[[Mapping[str, Any]], dict[str, Any]]


def kinds(rules: RuleSet) -> dict[str, Answer]:
    return {
        "email": lambda r: mail.to_json(mail.parse(base64.b64decode(r["raw_b64"]))),
        "reply": _reply,
        "mask": lambda r: mask_inspect({"text": r["text"]}),
        "route": lambda r: _route(r, rules),
        "due": lambda r: due({k: v for k, v in r.items() if k != "id"}),
    }


def rule_set(choice: str) -> RuleSet:
    """`none`, a file, or "" for the shipped ones."""
    if choice == "none":
        return load([])
    return load_text(Path(choice).read_text("utf-8")) if choice else defaults()


def answer_lines(answer: Answer, lines: Iterator[bytes]) -> None:
    """One JSON object a line in, one out. A bad line is answered with its error and ends nothing."""
    for line in lines:
        if not line.strip():
            continue
        said: dict[str, Any] = {"id": None}
        try:
            request = json.loads(line)
            said["id"] = request.get("id")
            said["result"] = answer(request)
        except KeyError as error:
            said["error"] = f"{error.args[0]} is missing."
        except (ValueError, TypeError, AttributeError, DeskError) as error:
            said["error"] = str(error) or type(error).__name__
        sys.stdout.write(json.dumps(said, ensure_ascii=True) + "\n")
    sys.stdout.flush()


def request_of(kind: str, content: bytes) -> dict[str, Any]:
    """A file's content as the request that its kind wants: JSON where it is an object, else raw."""
    if kind == "email":
        return {"raw_b64": base64.b64encode(content).decode()}
    text = content.decode("utf-8", "replace")
    if text.lstrip().startswith("{"):
        try:
            return dict(json.loads(text))
        except ValueError:
            return {"text": text}
    return {"text": text}


def _reply(request: Mapping[str, Any]) -> dict[str, Any]:
    said = mail.split_reply(request.get("text"), request.get("html"))
    return {"reply": said.reply, "quoted": said.quoted, "signature": said.signature}


def _route(request: Mapping[str, Any], rules: RuleSet) -> dict[str, Any]:
    decision = decide(
        Facts(
            text=request["text"],
            subject=request.get("subject", ""),
            channel=request.get("channel", ""),
            address=request.get("from", ""),
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
