"""What the keys seal, refuse and outlive."""

import base64
import os
import threading
from pathlib import Path

import pytest

from deskd.domain.errors import SettingsError
from deskd.store.keyring import PURPOSES, KeyRing, open_ring, rotate

SECRET = "电话 13800000000".encode()


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return open_ring(tmp_path / "keys", os.urandom)


def test_what_is_sealed_is_read_again_part_by_part(ring: KeyRing) -> None:
    wrapped, parts = ring.seal("row", SECRET, b"", b"third")
    assert [ring.unseal("row", wrapped, part) for part in parts] == [SECRET, b"", b"third"]
    assert SECRET not in b"".join(parts)


def test_the_same_words_never_look_the_same(ring: KeyRing) -> None:
    assert ring.seal("row", SECRET) != ring.seal("row", SECRET)


def test_a_sealed_thing_belongs_to_its_row(ring: KeyRing) -> None:
    wrapped, (sealed,) = ring.seal("row", SECRET)
    with pytest.raises(SettingsError, match="cannot be opened"):
        ring.unseal("another row", wrapped, sealed)


@pytest.mark.parametrize("place", [0, 5, -1])
def test_one_changed_byte_is_refused(ring: KeyRing, place: int) -> None:
    wrapped, (sealed,) = ring.seal("row", SECRET)
    for which in (0, 1):
        pair = [bytearray(wrapped), bytearray(sealed)]
        pair[which][place] ^= 1
        with pytest.raises(SettingsError, match="cannot be opened"):
            ring.unseal("row", bytes(pair[0]), bytes(pair[1]))


@pytest.mark.parametrize("length", [0, 1, 5, 12, 20])
def test_what_was_cut_short_is_refused(ring: KeyRing, length: int) -> None:
    wrapped, (sealed,) = ring.seal("row", SECRET)
    for pair in ((wrapped[:length], sealed), (wrapped, sealed[:length])):
        with pytest.raises(SettingsError, match="cannot be opened"):
            ring.unseal("row", *pair)


def test_a_rotation_keeps_the_old_readable_and_makes_the_new_with_the_new_key(tmp_path: Path, ring: KeyRing) -> None:
    old, (words,) = ring.seal("row", SECRET)
    assert rotate(tmp_path / "keys", "wrap", os.urandom) == 2
    after = open_ring(tmp_path / "keys", os.urandom)
    assert after.unseal("row", old, words) == SECRET
    new, (words,) = after.seal("row", SECRET)
    assert (old[0], new[0]) == (1, 2)
    with pytest.raises(SettingsError):
        ring.unseal("row", new, words)


def test_a_token_of_an_older_key_still_holds_after_a_rotation(tmp_path: Path, ring: KeyRing) -> None:
    token = ring.sign("thread", "code", "a@example.com")
    rotate(tmp_path / "keys", "token", os.urandom)
    after = open_ring(tmp_path / "keys", os.urandom)
    assert after.signed(token, "thread", "code", "a@example.com")
    assert after.sign("thread", "code", "a@example.com")[0] == "b"


@pytest.mark.parametrize("token", ["", "a", "z" * 17, "é" * 17, "\ud800"])
def test_what_is_no_token_is_no_error(ring: KeyRing, token: str) -> None:
    assert not ring.signed(token, "thread", "code")


def test_a_token_holds_for_its_parts_only(ring: KeyRing) -> None:
    token = ring.sign("thread", "code", "a@example.com")
    assert not ring.signed(token, "thread", "code", "b@example.com")
    assert not ring.signed(token, "mail", "code", "a@example.com")


def test_duplicate_keys_stay_the_same_for_ever(tmp_path: Path, ring: KeyRing) -> None:
    digest = ring.digest("dedupe", "email", "support", "<1@example.com>")
    rotate(tmp_path / "keys", "dedupe", os.urandom)
    assert open_ring(tmp_path / "keys", os.urandom).digest("dedupe", "email", "support", "<1@example.com>") == digest


def test_the_first_start_makes_a_key_for_each_purpose_that_nobody_else_may_read(tmp_path: Path, ring: KeyRing) -> None:
    made = sorted((tmp_path / "keys").iterdir())
    assert [path.name for path in made] == sorted(f"{purpose}-1" for purpose in PURPOSES)
    assert {path.stat().st_mode & 0o777 for path in made} == {0o600}
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "weak",
    [b"", b"short", base64.b64encode(b"\0" * 32), base64.b64encode(b"ab" * 16), base64.b64encode(b"x" * 31)],
    ids=["empty", "not base 64", "zeros", "two letters", "one byte short"],
)
def test_a_weak_key_stops_the_start_and_names_its_file(tmp_path: Path, ring: KeyRing, weak: bytes) -> None:
    (tmp_path / "keys" / "wrap-1").write_bytes(weak)
    with pytest.raises(SettingsError, match="wrap-1 is missing or weak"):
        open_ring(tmp_path / "keys", os.urandom)


def test_two_that_start_together_end_with_the_same_keys(tmp_path: Path) -> None:
    rings: list[KeyRing] = []
    threads = [threading.Thread(target=lambda: rings.append(open_ring(tmp_path, os.urandom))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({ring.sign("mail", "x") for ring in rings}) == 1
    assert len(rings) == 4
