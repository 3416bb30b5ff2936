"""A text cut into what a channel takes: nothing lost but blanks, nothing too long, no character split."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskd.acts.parts import parts


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300), st.integers(2, 40))
def test_every_part_fits_and_together_they_say_the_same(text: str, limit: int) -> None:
    made = parts(text, limit)
    assert all(_units(part) <= limit for part in made)
    assert "".join("".join(made).split()) == "".join(text.split())
    assert all(made) or made == [""]


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("One is here. Two is here.", ["One is here.", "Two is here."]),
        ("第一句在这里。第二句也在这里。", ["第一句在这里。第二句也在这里。"]),
        ("A first part\n\nand a second part", ["A first part", "and a second part"]),
        ("short", ["short"]),
        ("😀" * 12, ["😀" * 10, "😀" * 2]),
    ],
)
def test_it_is_cut_where_a_reader_would(text: str, made: list[str]) -> None:
    assert parts(text, 20) == made
