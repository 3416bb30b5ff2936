"""How the crash harness names its points."""

import pytest

from deskd.domain import crash


@pytest.mark.parametrize(("value", "passages"), [("mail-in:after-keep", 1), ("mail-in:after-keep:3", 3)])
def test_a_point_is_named_with_its_part_and_optionally_the_passage(
    value: str, passages: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed: list[int] = []
    monkeypatch.setattr(crash.os, "kill", lambda _pid, signal: killed.append(signal))
    reach = crash.chosen(value)
    for n in range(1, passages + 2):
        reach("elsewhere")
        reach("mail-in:after-keep")
        assert bool(killed) == (n >= passages)


def test_without_the_variable_a_point_is_nothing() -> None:
    assert crash.chosen("")("mail-in:after-keep") is None
