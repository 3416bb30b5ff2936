"""How fast one bot may speak, by a clock of numbers."""

import pytest

from channels.telegram.pace import CHATS, Pace


def test_one_chat_has_a_message_a_second() -> None:
    pace = Pace()
    assert [pace.chat("a", 10.0) for _ in range(4)] == [0.0, 1.0, 2.0, 3.0]
    assert pace.chat("b", 10.0) == 0.0
    assert pace.chat("a", 20.0) == 0.0


def test_a_bot_has_thirty_a_second() -> None:
    pace = Pace()
    waits = [pace.bot(10.0) for _ in range(31)]
    assert waits[0] == 0.0
    assert waits[30] == pytest.approx(1.0)


def test_silence_is_counted_down_and_never_cut_short() -> None:
    pace = Pace()
    pace.hold(35.0, now=10.0)
    pace.hold(1.0, now=11.0)
    assert (pace.held(11.0), pace.held(45.0), pace.held(60.0)) == (34.0, 0.0, 0.0)


def test_chats_whose_second_is_over_are_forgotten() -> None:
    pace = Pace()
    for n in range(CHATS):
        pace.chat(str(n), 0.0)
    pace.chat("last", 5.0)
    assert len(pace._chats) == 1
