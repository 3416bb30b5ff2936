"""Input that is almost right: seeds cut, spliced, repeated and dirtied; and input that is nothing at all."""

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T", bytes, str)
LENGTH = 4_000  # of one input

_DIRT_TEXT = (
    *("\x00", "\r", "\u200b", "\u202e", "\ud800", "٤", "４", "=?", "?=", "<", ">"),
    *('"', "\\", "(", "[[", "{", "%", "\n\n", "，"),
)
_DIRT_BYTES = (
    *(b"\x00", b"\r", b"\xff", b"\xe9", b"\x1b$B", b"+ADw-", b"=\n", b"=?", b"?=", b"<"),
    *(b'"', b"\\", b"(", b";", b"\n\n", b"--b"),
)


def texts(seeds: Sequence[str]) -> st.SearchStrategy[str]:
    anything = st.text(st.characters(), max_size=200)
    return st.one_of(anything, _mutated(seeds, st.one_of(st.sampled_from(_DIRT_TEXT), anything)))


def blobs(seeds: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    anything = st.binary(max_size=200)
    return st.one_of(anything, _mutated(seeds, st.one_of(st.sampled_from(_DIRT_BYTES), anything)))


@st.composite
def _mutated(draw: st.DrawFn, seeds: Sequence[T], dirt: st.SearchStrategy[T]) -> T:
    made = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(made)))
        stop = draw(st.integers(start, len(made)))
        act = draw(st.sampled_from(("cut", "repeat", "dirt", "splice")))
        if act == "cut":
            made = made[:start] + made[stop:]
        elif act == "repeat":
            made = made[:start] + made[start:stop] * draw(st.integers(2, 20)) + made[stop:]
        elif act == "dirt":
            made = made[:start] + draw(dirt) + made[start:]
        else:
            made = made[:start] + draw(st.sampled_from(seeds))[start:]
    return made[:LENGTH]
