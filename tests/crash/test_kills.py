"""The daemon ended at every named point. `make test` draws some; all of them, on both databases: DESKD_TEST_CRASH=1."""

from collections.abc import Sequence
from pathlib import Path
from random import Random

import bot_kills
import pytest
from kills import MAILS, kill

POINTS = (
    "mail-in:before-keep",
    "mail-in:after-keep",
    "keep:before-commit",
    "keep:after-commit",
    "ingest:after-lease",
    "ingest:after-look",
    "ingest:before-commit",
    "ingest:after-commit",
    "ingest:after-write",
    "reply-out:after-lease",
    "reply-out:before-wire",
    "reply-out:after-wire",
    "reply-out:after-send",
    "reply-out:before-outcome",
    "reply-out:after-outcome",
    "file:before-rename",
    "file:after-rename",
    "events:before-commit",
    "events:after-commit",
)
ALONE = (  # of each process two: it is started again by the supervisor, and goes on
    "mail-in:after-keep",
    "keep:before-commit",
    "ingest:after-lease",
    "ingest:after-commit",
    "reply-out:after-lease",
    "reply-out:after-wire",
)
SAMPLE = 4
ELSEWHERE = ("imap:after-fetch", "imap:after-keep")  # tests/channels/email/test_imap_crashes.py


def _cases(points: Sequence[str], sample: int) -> list[object]:
    """Every point on both databases. All but a sample on SQLite are marked as the whole harness."""
    drawn = Random(2).sample(points, sample)
    sqlite = [
        pytest.param("sqlite", point, id=f"sqlite-{point}", marks=() if point in drawn else pytest.mark.crash)
        for point in points
    ]
    both = (pytest.mark.crash, pytest.mark.postgres)
    return sqlite + [pytest.param("postgresql", point, id=f"postgresql-{point}", marks=both) for point in points]


def _passages(point: str) -> int:
    """At which passage it ends. However many mails come together, there is one batch at least."""
    return 1 if point.startswith(("ingest:", "events:")) else Random(point).randrange(1, 4)


@pytest.mark.parametrize(("url", "point"), _cases(POINTS, SAMPLE), indirect=["url"])
def test_a_daemon_killed_at_a_point_loses_and_doubles_nothing(url: str, point: str, tmp_path: Path) -> None:
    left = kill(tmp_path / "data", point, _passages(point), url)
    assert (left.lost, left.doubled, left.unsent) == ([], [], [])
    assert left.unknown == left.wire
    assert left.acknowledgements == MAILS // 2
    assert left.broken is None


@pytest.mark.parametrize(("url", "point"), _cases(ALONE, 1), indirect=["url"])
def test_one_process_killed_alone_is_started_again_and_loses_and_doubles_nothing(
    url: str, point: str, tmp_path: Path
) -> None:
    left = kill(tmp_path / "data", point, _passages(point), url, alone=True)
    assert (left.lost, left.doubled, left.unsent) == ([], [], [])
    assert left.unknown <= left.wire
    assert point.startswith("reply-out:") or not left.unknown
    assert left.broken is None


def test_every_point_of_the_source_is_in_the_list() -> None:
    root = Path(__file__).resolve().parents[2]
    sources = (file for part in ("channels", "ingest", "deskd") for file in (root / part).rglob("*.py"))
    found = {word.split('"')[0] for file in sources for word in file.read_text("utf-8").split('reach("')[1:]}
    assert found == {*POINTS, *bot_kills.POINTS, *ELSEWHERE}
