"""An answer is taken as far as the limit, packed and unpacked, and not otherwise than it says."""

import gzip
import tracemalloc

import pytest
from fakes.http import HttpPeer, Reply
from outbound_world import answered, fails

from deskd.domain.errors import Fate
from deskd.outbound.exchange import Limits


def test_gzip_is_unpacked() -> None:
    reply = Reply(200, [("Content-Encoding", "GZIP")], gzip.compress("转账".encode() * 1000))
    assert answered(HttpPeer({"/x": reply})).body == "转账".encode() * 1000


def test_an_answer_without_a_body_has_none_even_if_it_is_called_gzip() -> None:
    reply = Reply(204, [("Content-Encoding", "gzip")])
    assert answered(HttpPeer({"/x": reply})).body == b""


def test_twenty_five_mebibytes_are_taken_and_ten_seconds_waited() -> None:
    assert (Limits().body_bytes, Limits().call_s) == (25 * 1024 * 1024, 10)
    reply = Reply(200, body=b"a" * 1024 * 1024, again=25)
    assert len(answered(HttpPeer({"/x": reply})).body) == 25 * 1024 * 1024


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply(200, body=b"a" * 10_001), "size"),
        (Reply(200, body=b"a" * 65_536, again=10**9), "size"),
        (Reply(200, [("Content-Encoding", "gzip")], gzip.compress(bytes(10_001))), "size"),
        (Reply(200, [("Content-Encoding", "gzip")], gzip.compress(b"")[:10] + b"\0\0\0\xff\xff" * 9000), "size"),
        (Reply(200, [("Content-Encoding", "gzip, gzip")], gzip.compress(gzip.compress(b"a"))), "encoding"),
        (Reply(200, [("Content-Encoding", "br")], b"\x0b\x02\x80a\x03"), "encoding"),
        (Reply(200, [("Content-Encoding", "gzip")], b"no gzip at all"), "encoding"),
        (Reply(200, [("Content-Encoding", "gzip")], gzip.compress(b"abc")[:-4]), "encoding"),
        (Reply(200, [("Content-Encoding", "gzip")], gzip.compress(b"abc") + b"more"), "encoding"),
    ],
    ids=[
        "a byte",
        "endless",
        "packed",
        "packed nothing",
        "packed twice",
        "brotli",
        "none",
        "cut short",
        "and more",
    ],
)
def test_a_body_over_the_limit_or_not_as_it_says_is_not_taken(reply: Reply, code: str) -> None:
    limits = Limits(body_bytes=10_000)
    sent, asked = (fails(HttpPeer({"/x": reply}), method, limits=limits) for method in ("POST", "GET"))
    assert (sent.fate, sent.code, sent.retry_after) == (Fate.AMBIGUOUS, code, None)
    assert (asked.fate, asked.code, asked.retry_after) == (Fate.REJECTED, code, None)


def test_a_bomb_is_not_unpacked_further_than_the_limit() -> None:
    server = HttpPeer({"/x": Reply(200, [("Content-Encoding", "gzip")], gzip.compress(bytes(200_000_000)))})
    tracemalloc.start()
    try:
        assert fails(server, limits=Limits(body_bytes=1_000_000)).code == "size"
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()
