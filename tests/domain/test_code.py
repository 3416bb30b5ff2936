"""The public code of a ticket survives a telephone line."""

from hypothesis import given
from hypothesis import strategies as st

from deskd.domain import code

numbers = st.integers(0, (1 << code.BITS) - 1)


@given(numbers)
def test_a_code_is_read_back_however_it_is_typed(number: int) -> None:
    made = code.code_of(number)
    assert code.read(code.shown(made).lower().replace("0", "o").replace("1", "l")) == made


@given(numbers, st.integers(0, 7), st.sampled_from(code.ALPHABET))
def test_one_wrong_character_is_always_noticed(number: int, at: int, wrong: str) -> None:
    made = code.code_of(number)
    typed = made[:at] + wrong + made[at + 1 :]
    assert code.read(typed) == (made if typed == made else None)


@given(numbers, st.integers(0, 6))
def test_two_swapped_neighbours_are_always_noticed(number: int, at: int) -> None:
    made = code.code_of(number)
    typed = made[:at] + made[at + 1] + made[at] + made[at + 2 :]
    assert code.read(typed) == (made if typed == made else None)
