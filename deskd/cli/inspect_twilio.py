"""`deskd inspect twilio` and `twilio-signature`: what deskd makes of a webhook's form, and whether it is signed."""

from collections.abc import Mapping
from typing import Any

from channels.sms import parse as sms
from channels.twilio.request import as_receipt, first, together
from channels.twilio.signature import Fields, body_signed, form_signed


def event(request: Mapping[str, Any]) -> dict[str, Any]:
    """`channel`: sms."""
    channel = request.get("channel", "sms")
    if channel != "sms":
        raise ValueError(f'channel is "{channel}"; of Twilio\'s there is sms.')
    fields = together(_fields(request["params"]))
    made = sms.read(as_receipt(fields), {}, "")
    about = {"from": first(fields, "From"), "to": first(fields, "To"), "message_sid": first(fields, "MessageSid")}
    if made.reported is not None:
        said = made.reported
        return {"event": about | {"kind": "status", "report": str(said.report), "code": said.code, "note": said.note}}
    return {
        "event": about
        | {
            "kind": str(made.kind),
            "sender_id": made.sender.address,
            "text": made.reply,
            "attachments": [{"content_type": kind} for kind in sms.kinds_of(fields)],
            "suppress_auto_answer": bool(made.no_ack_why),
            "warnings": list(made.warnings),
        }
    }


def signature(request: Mapping[str, Any]) -> dict[str, Any]:
    """`params`: a form's fields, as an object or as pairs; as a text, or in `body`: another body."""
    given = request["params"] if "params" in request else request["body"]
    url, token, said = (_text(request, name) for name in ("url", "token", "signature"))
    if isinstance(given, str):
        return {"valid": body_signed(url, given.encode("utf-8", "surrogatepass"), said, [token])}
    return {"valid": form_signed(url, _fields(given), said, [token])}


def _fields(given: Any) -> Fields:
    """Of an object, whose values are texts or lists of them, or of pairs. TypeError for anything else."""
    pairs = list(given.items()) if isinstance(given, dict) else given
    if not isinstance(pairs, list) or not all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in pairs):
        raise TypeError("params must be an object or a list of pairs.")
    found = [(name, one) for name, value in pairs for one in (value if isinstance(value, list) else [value])]
    if not all(isinstance(word, str) for pair in found for word in pair):
        raise TypeError("Names and values of params must be strings.")
    return found


def _text(request: Mapping[str, Any], name: str) -> str:
    if not isinstance(request[name], str):
        raise TypeError(f"{name} must be a string.")
    return str(request[name])
