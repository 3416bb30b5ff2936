"""Mailboxes in From, To, Cc and Reply-To. Linear in the length, no recursion, wrong ones give no address (EP4)."""

import re
from dataclasses import dataclass, field

from channels.email.headers import unfold, words

MAX_ADDRESSES = 500  # of one field; more are of no use to a desk

_BIT = re.compile(r'"(?:[^"\\]|\\.)*"|[()<>,;:]|\\.|[^"()<>,;:\\]+|.', re.DOTALL)
_SIMPLE = re.compile(r'(?:"([^"\\<>]*)"\s?|([^"<>,;:()@\\]*))<([^<>\s,;:()"\\]+)>')
_ADDR_SPEC = re.compile(
    r'(?:[^\s()<>\[\]:;@\\,"]{1,64}|"[^"\r\n]{1,62}")@'
    r"(?:[^\W_](?:[\w-]{0,62})(?:\.[\w-]{1,63})*\.?|\[[0-9a-fA-F:.IPv]{3,60}\])"
)
_NESTED = re.compile(r"\([^()]*\)")
_DOTS = re.compile(r" {0,3}([.@]) {0,3}")  # obsolete, RFC 5322 section 4.4
# What could make a name look like an address or turn the line around (EP4): never shown.
_DRESS = re.compile("[@<>\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\uff20]")


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox as a header names it.

    `name` is for showing only: characters that could dress it up as an address are taken out.
    `address` is a valid addr-spec or "": identity rests on it alone.
    """

    name: str
    address: str


def mailboxes(values: list[bytes]) -> tuple[Address, ...]:
    """Every mailbox of the fields in order; those without a valid address have address ""."""
    found: list[Address] = []
    for value in values:
        line = unfold(value)
        simple = _SIMPLE.fullmatch(line)
        if simple is not None:
            found.append(_address(simple[1] if simple[1] is not None else simple[2], simple[3]))
        else:
            found += _scan(line)
    return tuple(found)


def _address(name: str, spec: str) -> Address:
    spec = words(spec) if "=?" in spec else spec
    if "(" in spec and '"' not in spec:
        spec = _NESTED.sub("", _NESTED.sub("", spec))  # comments, RFC 5322 section 3.2.2
    spec = "".join(spec.split())
    if not _ADDR_SPEC.fullmatch(spec) or len(spec) > 320:
        # A second "@" or a bracket: nobody can say who that is. It stays readable in the name.
        return Address(shown(name or spec), "")
    name = shown(name, spec)
    return Address(name, spec)


def shown(name: str, spec: str = "") -> str:
    """A display name fit to stand beside an address; "" when it only repeats it."""
    name = words(name).strip()
    if len(name) > 1 and name[0] == name[-1] and name[0] in "\"'":
        name = name[1:-1].strip()
    if name.lower() == spec.lower():
        return ""
    return " ".join(_DRESS.sub(" ", name).split()) if _DRESS.search(name) else name


@dataclass(slots=True)
class _Box:
    """One mailbox while it is being read."""

    name: list[str] = field(default_factory=list)
    comment: list[str] = field(default_factory=list)
    spec: list[str] | None = None


def _scan(line: str) -> list[Address]:
    found: list[Address] = []
    box, inside, depth = _Box(), False, 0
    for bit in _BIT.findall(line):
        if depth or (bit == "(" and not inside):
            depth += (bit == "(") - (bit == ")")
            if depth and bit != "(":
                box.comment.append(bit)
        elif inside:
            inside = bit != ">"
            if inside and box.spec is not None:
                box.spec.append(bit)
        elif bit == "<":
            inside, box.spec = True, []
        elif bit in {",", ";"}:
            _flush(found, box)
            box = _Box()
            if len(found) >= MAX_ADDRESSES:
                return found
        else:
            _name(box, bit)
    _flush(found, box)
    return found


def _name(box: _Box, bit: str) -> None:
    if bit != ":":
        box.name.append(_unquoted(bit))
    elif not any("@" in part for part in box.name):
        box.name.clear()  # a group's name: "undisclosed-recipients:;"


def _unquoted(bit: str) -> str:
    if bit[0] == '"' and len(bit) > 1:
        inner = re.sub(r"\\(.)", r"\1", bit[1:-1], flags=re.DOTALL)
        return f'"{inner}"' if "@" in inner and "=?" not in inner and " " not in inner else inner
    return bit


def _flush(found: list[Address], box: _Box) -> None:
    said = "".join(box.name).strip()
    note = "".join(box.comment).strip()
    if box.spec is not None:
        inner = "".join(box.spec).strip()
        if inner.startswith("@") and ":" in inner:
            inner = inner.rpartition(":")[2]  # obsolete route, RFC 5322 section 4.4
        if inner or said:
            found.append(_address(said or note, inner))
        return
    bare = _DOTS.sub(r"\1", said.strip("\"' "))
    first, _, last = bare.rpartition(" ")
    if "@" in last and "@" not in first:
        # "Name address@host" without brackets is read, one address at most.
        found.append(_address(first or note, last))
    elif said:
        found.append(Address(shown(said), ""))
