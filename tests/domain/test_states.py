"""Every pair of every transition table, walked."""

from collections.abc import Mapping
from enum import StrEnum
from itertools import product

import pytest

from deskd.domain import states
from deskd.domain.errors import IllegalTransition

TABLES = [states.RECEIPT, states.TICKET, states.DELIVERY, states.REPORT, states.CLOCK, states.OBLIGATION]


@pytest.mark.parametrize("table", TABLES, ids=lambda t: type(next(iter(t))).__name__)
def test_a_pair_outside_the_table_is_refused_and_one_inside_is_allowed(table: Mapping[StrEnum, frozenset]) -> None:
    assert set(table) == set(type(next(iter(table))))
    for old, new in product(table, repeat=2):
        if new in table[old]:
            assert states.step(table, old, new) is new
        else:
            with pytest.raises(IllegalTransition, match=f"{old} cannot become {new}"):
                states.step(table, old, new)
