"""What a status means for what was sent."""

import pytest

from deskd.domain.errors import Fate
from deskd.outbound.answers import LONGEST_WAIT, MINUTE, Answer, refusal

DATE = "Tue, 24 Nov 2026 08:00:00 GMT"


def _answer(status: int, method: str = "POST", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(method, "provider.test", status, named, b"")


@pytest.mark.parametrize("status", [200, 201, 202, 204, 206])
def test_two_hundred_and_something_is_no_refusal(status: int) -> None:
    assert refusal(_answer(status)) is None


@pytest.mark.parametrize(
    ("status", "fate", "wait", "ours"),
    [
        (400, Fate.REJECTED, None, False),
        (401, Fate.NEVER_LEFT, MINUTE, True),
        (403, Fate.REJECTED, None, False),
        (404, Fate.REJECTED, None, False),
        (408, Fate.NEVER_LEFT, MINUTE, False),
        (413, Fate.REJECTED, None, False),
        (422, Fate.REJECTED, None, False),
        (429, Fate.NEVER_LEFT, MINUTE, False),
        (500, Fate.AMBIGUOUS, None, False),
        (502, Fate.AMBIGUOUS, None, False),
        (503, Fate.AMBIGUOUS, None, False),
        (504, Fate.AMBIGUOUS, None, False),
        (600, Fate.AMBIGUOUS, None, False),
    ],
)
def test_each_class_has_one_fate(status: int, fate: Fate, wait: float | None, ours: bool) -> None:
    error = refusal(_answer(status))
    assert error is not None
    assert (error.fate, error.code, error.retry_after, error.ours) == (fate, str(status), wait, ours)


def test_a_server_s_fault_lets_a_question_be_asked_again_and_nothing_be_sent_again() -> None:
    for status in (500, 503):
        asked, sent = (refusal(_answer(status, method, retry_after="7")) for method in ("GET", "POST"))
        assert asked is not None
        assert sent is not None
        assert (asked.retry_after, sent.retry_after) == (7, None)


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("35", 35),
        (" 35 ", 35),
        ("0", 0),
        ("99999999999999", LONGEST_WAIT),
        ("Tue, 24 Nov 2026 08:01:30 GMT", 90),
        ("Tuesday, 24-Nov-26 08:01:30 GMT", 90),
        ("Tue, 24 Nov 2026 07:00:00 GMT", 0),
        ("Tue, 24 Nov 2099 08:00:00 GMT", LONGEST_WAIT),
        ("", MINUTE),
        ("-5", MINUTE),
        ("3.5", MINUTE),
        ("３５", MINUTE),
        ("soon", MINUTE),
        ("Tue, 24 Nov 2026 08:01:30", MINUTE),
    ],
)
def test_a_wait_is_taken_from_the_peer_within_reason(text: str, wait: float) -> None:
    error = refusal(_answer(429, retry_after=text, date=DATE))
    assert error is not None
    assert error.retry_after == wait


def test_a_date_without_the_peer_s_own_date_says_nothing() -> None:
    error = refusal(_answer(429, retry_after="Tue, 24 Nov 2026 08:01:30 GMT"))
    assert error is not None
    assert error.retry_after == MINUTE
