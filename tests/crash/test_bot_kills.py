"""A daemon with a bot, ended while customers write. `make test` takes one of each way; all: DESKD_TEST_CRASH=1."""

from pathlib import Path

import pytest
from bot_kills import BOTH, BY_ASKING, BY_WEBHOOK, OUT, kill

ALWAYS = {("webhook", "hook:after-keep")}
WAYS = [
    *(("webhook", point) for point in (*BY_WEBHOOK, *BOTH, *OUT)),
    *(("asking", point) for point in (*BY_ASKING, *BOTH)),
]
CASES = [
    pytest.param(
        url,
        way,
        point,
        id=f"{url}-{way}-{point}",
        marks=[
            *([] if url == "sqlite" and (way, point) in ALWAYS else [pytest.mark.crash]),
            *([pytest.mark.postgres] if url == "postgresql" else []),
        ],
    )
    for url in ("sqlite", "postgresql")
    for way, point in WAYS
]


@pytest.mark.parametrize(("url", "way", "point"), CASES, indirect=["url"])
def test_a_bot_s_daemon_killed_at_a_point_loses_and_doubles_nothing(
    url: str, way: str, point: str, tmp_path: Path
) -> None:
    passages = 1 if way == "asking" or point.startswith("ingest:") else 2  # one answer may bring them all
    left = kill(tmp_path / "data", point, passages, url, webhook=way == "webhook")
    assert (left.lost, left.doubled, left.unsent) == ([], [], [])
    assert left.unknown == left.wire
