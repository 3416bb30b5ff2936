"""Mailboxes in From, To, Cc and Reply-To. Linear in the length, no recursion, wrong ones give no address (EP4)."""

import re

from channels.email.headers import unfold, words
from channels.email.mail import Address

MAX_ADDRESSES = 500  # of one field; more are of no use to a desk

_BIT = re.compile(r'"(?:[^"\\]|\\.)*"|[()<>,;:]|\\.|[^"()<>,;:\\]+|.', re.DOTALL)
_SIMPLE = re.compile(r'(?:"([^"\\<>]*)"\s?|([^"<>,;:()@\\]*))<([^<>\s,;:()"\\]+)>')
_ADDR_SPEC = re.compile(
    r'(?:[^\s()<>\[\]:;@\\,"]{1,64}|"[^"\r\n]{1,62}")@'
    r"(?:[^\W_](?:[\w-]{0,62})(?:\.[\w-]{1,63})*\.?|\[[0-9a-fA-F:.IPv]{3,60}\])")
_NESTED = re.compile(r"\([^()]*\)")
_DOTS = re.compile(r" {0,3}([.@]) {0,3}")  # obsolete, RFC 5322 section 4.4
# What could make a name look like an address or turn the line around (EP4): never shown.
_DRESS = re.compile("[@<>\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\uff20]")


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


def _scan(line: str) -> list[Address]:
    found: list[Address] = []
    name: list[str] = []
    comment: list[str] = []
    spec: list[str] | None = None
    inside = depth = 0
    for bit in _BIT.findall(line):
        if depth or (bit == "(" and not inside):
            depth += (bit == "(") - (bit == ")")
            if depth and bit != "(":
                comment.append(bit)
        elif inside:
            inside = bit != ">"
            if inside and spec is not None:
                spec.append(bit)
        elif bit == "<":
            inside, spec = 1, []
        elif bit in {",", ";"}:
            _flush(found, name, spec, comment)
            name, comment, spec = [], [], None
            if len(found) >= MAX_ADDRESSES:
                return found
        elif bit == ":":
            if not any("@" in part for part in name):
                name = []  # a group's name: "undisclosed-recipients:;"
        else:
            name.append(_unquoted(bit))
    _flush(found, name, spec, comment)
    return found


def _unquoted(bit: str) -> str:
    if bit[0] == '"' and len(bit) > 1:
        inner = re.sub(r"\\(.)", r"\1", bit[1:-1], flags=re.DOTALL)
        return f'"{inner}"' if "@" in inner and "=?" not in inner and " " not in inner else inner
    return bit


def _flush(found: list[Address], name: list[str], spec: list[str] | None, comment: list[str]) -> None:
    said = "".join(name).strip()
    note = "".join(comment).strip()
    if spec is not None:
        inner = "".join(spec).strip()
        if inner.startswith("@") and ":" in inner:
            inner = inner.rpartition(":")[2]  # obsolete route, RFC 5322 section 4.4
        if inner or said:
            found.append(_address(said or note, inner))
    elif said:
        bare = _DOTS.sub(r"\1", said.strip("\"' "))
        if "@" in bare and " " not in bare:
            found.append(_address(note, bare))
        else:
            # "Name address@host" without brackets is read, one at most; else it is a name and nothing more.
            last = bare.rpartition(" ")
            if "@" in last[2] and "@" not in last[0]:
                found.append(_address(last[0] or note, last[2]))
            else:
                found.append(Address(shown(said), ""))
