"""Keys, in files of their own (0600, never in the database or its backup), and what they seal.

A kept thing is sealed with AES-256-GCM under a data key of its own; the data key is wrapped by the newest `wrap` key.
Dropping the wrapped key destroys the thing. `dedupe`, `token`, `lookup` and `limit` are HMAC keys, one a purpose.
"""

import base64
import contextlib
import hashlib
import hmac
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from deskd.domain.errors import SettingsError
from deskd.domain.ports import Random

PURPOSES = ("wrap", "dedupe", "token", "lookup", "limit")
KEY_BYTES = 32
NONCE_BYTES = 12


class KeyRing:
    """Every key by (purpose, version); the highest version of a purpose makes, all of them read."""

    def __init__(self, keys: dict[tuple[str, int], bytes], random: Random) -> None:
        self._keys = keys
        self._random = random
        self._newest = {p: max(v for q, v in keys if q == p) for p in PURPOSES}
        self._wrapping = {v: AESGCM(k) for (p, v), k in keys.items() if p == "wrap"}

    def seal(self, owner: str, *parts: bytes) -> tuple[bytes, list[bytes]]:
        """(wrapped data key, the parts sealed in order). `owner` binds them to the row they belong to."""
        data_key = self._random(KEY_BYTES)
        cipher, aad = AESGCM(data_key), owner.encode()
        sealed = []
        for part in parts:
            nonce = self._random(NONCE_BYTES)
            sealed.append(nonce + cipher.encrypt(nonce, part, aad))
        version, nonce = self._newest["wrap"], self._random(NONCE_BYTES)
        wrapped = bytes([version]) + nonce + self._wrapping[version].encrypt(nonce, data_key, aad)
        return wrapped, sealed

    def seal_small(self, owner: str, content: bytes) -> bytes:
        """The wrapped key and what it seals in one piece, for what is kept in a column."""
        wrapped, (sealed,) = self.seal(owner, content)
        return bytes([len(wrapped)]) + wrapped + sealed

    def unseal_small(self, owner: str, piece: bytes) -> bytes:
        """What `seal_small` sealed for this owner."""
        end = 1 + piece[0]
        return self.unseal(owner, piece[1:end], piece[end:])

    def unseal(self, owner: str, wrapped: bytes, sealed: bytes) -> bytes:
        aad = owner.encode()
        try:
            data_key = self._wrapping[wrapped[0]].decrypt(wrapped[1 : 1 + NONCE_BYTES], wrapped[1 + NONCE_BYTES :], aad)
            return AESGCM(data_key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], aad)
        except (KeyError, IndexError, ValueError, InvalidTag) as error:  # the middle two: it was cut short
            raise SettingsError(
                "A sealed row cannot be opened: its key is not in data/keys, or the row was changed. "
                "Restore data/keys from its own backup."
            ) from error

    def digest(self, purpose: str, *parts: str) -> bytes:
        """HMAC-SHA256 of the parts, made with the FIRST key of the purpose: it must stay the same for ever."""
        return hmac.digest(self._keys[purpose, 1], "\x1f".join(parts).encode("utf-8", "surrogatepass"), "sha256")

    def sign(self, *parts: str) -> str:
        """A token of 16 lower-case base-32 characters (80 bits) behind the key's version character."""
        version = self._newest["token"]
        return self._tag(version, parts)

    def signed(self, token: str, *parts: str) -> bool:
        """Whether some version of our key made this token for these parts; constant time."""
        version = ord(token[0]) - ord("a") + 1 if token else 0
        if ("token", version) not in self._keys:
            return False
        return hmac.compare_digest(token.encode("utf-8", "replace"), self._tag(version, parts).encode())

    def _tag(self, version: int, parts: Iterable[str]) -> str:
        mac = hmac.digest(self._keys["token", version], "\x1f".join(parts).encode("utf-8", "surrogatepass"), "sha256")
        return chr(ord("a") + version - 1) + base64.b32encode(mac[:10]).decode().lower()


def open_ring(folder: Path, random: Random) -> KeyRing:
    """Reads the ring, making the first key of each purpose where there is none. A weak key stops the start."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for purpose in PURPOSES:
        path = folder / f"{purpose}-1"
        if not path.exists():
            _write_key(path, random(KEY_BYTES))
    keys = {}
    for path in sorted(folder.iterdir()):
        purpose, _, version = path.name.rpartition("-")
        if purpose in PURPOSES and version.isdigit():
            keys[purpose, int(version)] = _read_key(path)
    return KeyRing(keys, random)


def rotate(folder: Path, purpose: str, random: Random) -> int:
    """Adds a newer key of a purpose; the older ones still read. Returns its version."""
    versions = [int(p.name.rpartition("-")[2]) for p in folder.glob(f"{purpose}-*")]
    version = max(versions) + 1
    _write_key(folder / f"{purpose}-{version}", random(KEY_BYTES))
    return version


def _write_key(path: Path, key: bytes) -> None:
    """Whole or not at all; of two processes that start together the first one's key stays."""
    handle, made = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)  # 0600
    with os.fdopen(handle, "wb") as file:
        file.write(base64.b64encode(key) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(made, path)
    Path(made).unlink()


def _read_key(path: Path) -> bytes:
    try:
        key = base64.b64decode(path.read_bytes(), validate=False)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES or len(set(key)) < 8:
        raise SettingsError(
            f"The key {path} is missing or weak: it must hold 32 random bytes in base 64. Restore it from its backup."
        )
    return key


def fingerprint(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
