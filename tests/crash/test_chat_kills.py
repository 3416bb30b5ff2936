"""The chat, with the daemon ended at every point that its messages pass. All of them: DESKD_TEST_CRASH=1."""

from pathlib import Path

import pytest
from chat_kills import POINTS, kill

SAMPLE = ("keep:after-commit",)


def _cases() -> list[object]:
    sqlite = [
        pytest.param("sqlite", point, id=f"sqlite-{point}", marks=() if point in SAMPLE else pytest.mark.crash)
        for point in POINTS
    ]
    both = (pytest.mark.crash, pytest.mark.postgres)
    return sqlite + [pytest.param("postgresql", point, id=f"postgresql-{point}", marks=both) for point in POINTS]


@pytest.mark.parametrize(("url", "point"), _cases(), indirect=["url"])
def test_a_daemon_killed_at_a_point_loses_and_doubles_no_message_of_the_chat(
    url: str, point: str, tmp_path: Path
) -> None:
    left = kill(tmp_path / "data", point, 1, url)
    assert (left.lost, left.doubled, left.unsent) == ([], [], [])
    assert left.unknown == left.wire
