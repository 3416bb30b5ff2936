"""The names that we sign: Message-IDs of what we send, and the plus part by which an answer finds its ticket again.

The keys stay with the caller: `sign(*parts)` is a version letter and 16 base-32 characters (80 bits, CHANNELS ET2,
ET3). What is read here is a claim until the caller has checked its signature.
"""

import re
from collections.abc import Callable

from deskd.domain import code as public_code

Sign = Callable[..., str]

LOCAL_PART = 64  # octets, RFC 5321 section 4.5.3.1.1
PLUS = 1 + 8 + 1 + 17  # "+", code, ".", signature: what a thread address adds to the account's local part
_SIGNATURE = "[a-z][a-z2-7]{16}"
_MAIL_ID = re.compile(rf"<?([0-9a-f]{{32}})\.({_SIGNATURE})@[a-z0-9.-]{{1,255}}>?", re.IGNORECASE)
_PLUS = re.compile(rf"\+([0-9a-z]{{8}})\.({_SIGNATURE})@", re.IGNORECASE)


def message_id(delivery_id: str, address: str, sign: Sign, domain: str) -> str:
    """`delivery_id.signature@domain`, no brackets, bound to the address it goes to: the same on every try."""
    return f"{delivery_id}.{sign('mail', delivery_id, address)}@{domain}"


def read_message_id(value: str) -> tuple[str, str] | None:
    """(delivery id, signature) of an id that has our form, or None."""
    found = _MAIL_ID.fullmatch(value.strip())
    return (found[1].lower(), found[2].lower()) if found else None


def thread_token(code: str, recipient: str, sign: Sign) -> str:
    """`code.signature`, lower case, bound to ticket and recipient."""
    return f"{code.lower()}.{sign('thread', code.lower(), recipient)}"


def thread_address(account_address: str, token: str) -> str:
    """The account's address with the token in its plus part; the account's own address without a token."""
    local, _, domain = account_address.rpartition("@")
    return f"{local}+{token}@{domain}" if token else account_address


def read_plus(address: str) -> tuple[str, str] | None:
    """(code, signature) out of a thread address in any case of letters, or None. The code's own check is made here."""
    found = _PLUS.search(address)
    if found is None or public_code.read(found[1]) is None:
        return None
    return found[1].lower(), found[2].lower()
