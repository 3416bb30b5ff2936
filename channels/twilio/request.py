"""A webhook of Twilio's: proved before anything of it is believed, then a form."""

import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import parse_qsl

from channels.twilio.signature import Fields, form_signed
from deskd.domain.errors import Forged
from deskd.domain.ports import Hooked

HEADER = "x-twilio-signature"
_FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 500  # a message has some thirty, and ten more for each of ten files
OURS = "ob"  # the parameter of a callback's URL that names our delivery


def proved(request: Hooked, account_sid: str, tokens: Sequence[str]) -> dict[str, str | list[str]]:
    """The fields of a form that one of the tokens signed, as posted: JSON-ready, in order, a name's values together.

    Forged for all else: another method or content, no signature or a wrong one, a form of another account's.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method != "POST" or kind != _FORM:
        raise Forged("It is no posted form, as Twilio's webhooks are.")
    fields = form(request.body)
    if not form_signed(request.url, fields, request.headers.get(HEADER, ""), tokens):
        raise Forged("It is not signed with the account's AuthToken for this URL. Is web.public_url right?")
    if ("AccountSid", account_sid) not in fields:
        raise Forged("It is of another account of Twilio's than the settings name.")
    return together(fields)


def form(body: bytes) -> Fields:
    """Every field, blank ones as well; what is not UTF-8 is replaced. Forged where there are far too many."""
    try:
        return parse_qsl(
            body.decode("utf-8", "replace"), keep_blank_values=True, errors="replace", max_num_fields=_MOST_FIELDS
        )
    except ValueError as error:
        raise Forged("It has more fields than any webhook of Twilio's.") from error


def together(fields: Fields) -> dict[str, str | list[str]]:
    given: dict[str, list[str]] = {}
    for name, value in fields:
        given.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in given.items()}


def as_receipt(fields: Mapping[str, object]) -> bytes:
    return json.dumps(fields, ensure_ascii=False).encode("utf-8", "surrogatepass")


def first(fields: Mapping[str, object], name: str) -> str:
    """A field's value, of several the first; "" where there is none."""
    value = fields.get(name, "")
    value = value[0] if isinstance(value, list) and value else value
    return value if isinstance(value, str) else ""


def ours(delivery_id: str, account: str, sign: Callable[..., str]) -> str:
    """What names our delivery in the URL of its callbacks: nobody can make up another one's."""
    return f"{delivery_id}.{sign(OURS, account, delivery_id)}"


def delivery_of(url: str, account: str, sign: Callable[..., str]) -> str:
    """Our delivery that a callback's URL names; "" where it names none, or one that is not signed by us."""
    for name, value in parse_qsl(url.partition("?")[2], errors="replace"):
        delivery_id = value.partition(".")[0]
        made = ours(delivery_id, account, sign)
        if name == OURS and hmac.compare_digest(value.encode("utf-8", "replace"), made.encode("utf-8", "replace")):
            return delivery_id
    return ""
