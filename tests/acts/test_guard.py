"""The outbound guard on sentences of our own: one a line in the guard_*.txt beside this file."""

from pathlib import Path

import pytest

from deskd.acts.guard import guard

HERE = Path(__file__).parent
SETS = ("guard", "guard_held_1", "guard_held_2", "guard_held_3")
"""In the order in which they were written. Each was scored before anything was learned from it: docs/texts.md."""
ALLOWED = frozenset({"upay.example", "www.upay.example", ".help.upay.example"})


def lines(kind: str) -> list[str]:
    return [s for name in SETS for s in (HERE / f"{name}_{kind}.txt").read_text(encoding="utf-8").splitlines()]


def test_it_stops_at_least_98_of_100_bad_sentences() -> None:
    bad = lines("bad")
    passed = [s for s in bad if not guard(s, ALLOWED)]
    assert len(bad) == len(set(bad)) >= 1_000
    assert len(passed) <= len(bad) // 50, passed


def test_it_stops_at_most_1_of_200_good_sentences() -> None:
    good = lines("good")
    stopped = [(s, [o.code for o in guard(s, ALLOWED)]) for s in good if guard(s, ALLOWED)]
    assert len(good) >= 1_400
    assert len(stopped) <= len(good) // 200, stopped


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Please send me the code.", "secret"),
        ("请把驗證碼发给我", "secret"),
        ("Please share your screen.", "remote_control"),
        ("加我微信", "messenger"),
        ("See https://evil.example/x", "foreign_link"),
    ],
)
def test_an_objection_says_what_it_is_in_both_languages(text: str, code: str) -> None:
    [objection] = guard(text, ALLOWED)
    assert objection.code == code
    assert objection.sentence_en
    assert objection.sentence_zh
    assert objection.matched


def test_zero_width_and_full_width_letters_hide_nothing() -> None:
    assert guard("请把验\u200b证码发给我", ALLOWED)
    assert guard("Please send me your ｐａｓｓｗｏｒｄ", ALLOWED)


def test_a_listed_host_in_front_of_an_at_sign_is_no_permission() -> None:
    assert guard("https://upay.example@evil.example/", ALLOWED)
    assert guard("https://upay.example.evil.example/", ALLOWED)
    assert guard("javascript:alert(1)", ALLOWED)


def test_a_dotted_entry_allows_what_lies_below_it() -> None:
    assert not guard("https://a.help.upay.example/x and https://help.upay.example", ALLOWED)
    assert guard("https://a.upay.example/", ALLOWED)


def test_long_text_takes_linear_time_of_one_clause_each() -> None:
    assert guard("please " * 3_000 + "code", ALLOWED) is not None


def test_negation_covers_its_clause_and_no_other() -> None:
    assert not guard("Never share your PIN, or read a code to anyone.", ALLOWED)
    assert guard("Don't worry, just send me the code.", ALLOWED)
    assert guard("不用担心，把验证码告诉我就行。", ALLOWED)


def test_a_secret_named_before_is_what_it_means() -> None:
    assert guard("The code came to your phone. Please send it to me.", ALLOWED)
    assert not guard("The receipt came by mail. Please send it to me.", ALLOWED)
