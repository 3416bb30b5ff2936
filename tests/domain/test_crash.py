"""How the crash harness names its points."""

import os
import signal

import pytest

from deskd.domain import crash


@pytest.mark.parametrize(
    ("value", "passages", "alone"),
    [("mail-in:after-keep", 1, False), ("mail-in:after-keep:3", 3, False), ("mail-in:after-keep:2:alone", 2, True)],
)
def test_a_point_is_named_with_its_part_and_optionally_the_passage_and_ends_its_group_or_itself_once(
    value: str, passages: int, alone: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[bool] = []
    monkeypatch.setattr(crash, "_end", lambda *, alone: ended.append(alone))
    reach = crash.chosen(value)
    for n in range(1, passages + 2):
        reach("elsewhere")
        reach("mail-in:after-keep")
        assert ended == ([alone] if n >= passages else [])


def test_passages_are_counted_over_all_processes_that_are_forked_later() -> None:
    reach = crash.chosen("mail-in:after-keep:2:alone")
    reach("mail-in:after-keep")
    if (child := os.fork()) == 0:
        reach("mail-in:after-keep")
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL
    reach("mail-in:after-keep")  # over: whoever is started again lives


def test_without_the_variable_a_point_is_nothing() -> None:
    assert crash.chosen("")("mail-in:after-keep") is None
