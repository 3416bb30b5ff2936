"""Where a secret could have stayed, as (name, bytes) or words; and how it is looked for there."""

import re
import tarfile
import unicodedata
import urllib.request
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

from child import Child
from sqlalchemy import select

from canary.canaries import Canary, bare
from deskd.app import Parts
from deskd.store import backup
from deskd.store.tables import METADATA

LONG = 10  # letters and digits from which on a secret is its own proof, wherever it stands


def rows(parts: Parts) -> Iterator[tuple[str, str | bytes]]:
    """Every value of every table that holds words or bytes, whatever database it is."""
    with parts.database.read() as connection:
        for table in METADATA.sorted_tables:
            for row in connection.execute(select(table)).mappings():
                for column, value in row.items():
                    yield from _values(f"{table.name}.{column}", value)


def _values(where: str, value: Any) -> Iterator[tuple[str, str | bytes]]:
    if isinstance(value, str | bytes):
        yield where, value
    elif isinstance(value, memoryview):
        yield where, bytes(value)
    elif isinstance(value, Mapping):
        yield from (found for pair in value.items() for one in pair for found in _values(where, one))
    elif isinstance(value, Iterable):
        yield from (found for one in value for found in _values(where, one))


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file of the data folder and its name: database, WAL, sealed bodies, Valkey's append-only file, log."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(folder)), str(path.relative_to(folder)).encode() + b"\n" + path.read_bytes()


def metrics(child: Child) -> Iterator[tuple[str, bytes]]:
    with urllib.request.urlopen(f"http://127.0.0.1:{child.http}/metrics", timeout=5) as answer:
        yield "/metrics", answer.read()


def mails(ledger: Iterable[bytes]) -> Iterator[tuple[str, str | bytes]]:
    """What left: as it went over the wire, and as it is read."""
    for raw in ledger:
        yield "a mail that left", raw
        mail = message_from_bytes(raw, policy=default)
        yield "a header of a mail that left", "\n".join(str(value) for value in mail.values())
        for part in mail.walk():
            if part.get_content_maintype() == "text":
                yield "the words of a mail that left", part.get_content()


def saved(parts: Parts, folder: Path) -> Iterator[tuple[str, bytes]]:
    target = folder / "canary-backup.tar.gz"
    backup.save(parts.database, folder, target)
    with tarfile.open(target) as tar:
        for member in tar:
            if file := tar.extractfile(member):
                yield f"backup: {member.name}", file.read()
    target.unlink()


def hits(canaries: Iterable[Canary], places: Iterable[tuple[str, str | bytes]]) -> list[str]:
    """Which kind of secret stands where; never the secret itself, since this is printed."""
    planted = [(canary, bare(canary.needle)) for canary in canaries]
    words, held = defaultdict[str, list[str]](list), []
    for where, value in places:
        if isinstance(value, str):
            words[where].append(value)  # one look for a whole column
        else:
            held.append((where, value.decode("utf-8", "ignore"), frozenset[str]()))
    for where, values in words.items():
        text = "\n".join(values)
        held.append((where, text, frozenset(re.findall(r"[0-9A-Za-z]+", text))))
    found = []
    for where, text, alone in held:
        folded = bare(unicodedata.normalize("NFKC", text))
        for canary, squeezed in planted:
            long = len(squeezed) >= LONG
            if (canary.needle in text or squeezed in folded) if long else squeezed in alone:
                found.append(f"{canary.kind} in {where}")
    return found
