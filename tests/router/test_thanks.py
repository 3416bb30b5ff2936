"""What only thanks, and what says one word more."""

import pytest

from router.thanks import LONGEST, only_thanks

THANKS = [
    "谢谢",
    "谢谢！",
    "非常感谢",
    "謝謝您",
    "太感谢你们了",
    "感谢您的帮助",
    "谢谢客服，辛苦了",
    "多谢晒",
    "谢谢🙏",
    "🙏🙏",
    "已经解决了，谢谢",
    "谢谢！祝好。",
    "Thanks!",
    "Thank you so much for your help.",
    "thx",
    "Thanks a lot, have a nice day",
    "Many thanks again",
    "Hi team, thank you for the quick reply. Best regards",
    "Much appreciated",
    "All sorted, thanks",
]
AFTER_NO_QUESTION = ["好的，谢谢", "收到", "OK thanks", "👍", "明白了，感谢", "Got it, thank you", "Great, thanks"]
MORE = [
    "",
    "   ",
    "...",
    "谢谢，但是还没到账",
    "谢谢帮忙处理一下",
    "请回复，谢谢",
    "没解决，谢谢",
    "谢谢，什么时候到账",
    "谢谢，我的订单号是 123456",
    "Thanks for nothing",
    "Thanks in advance",
    "Thanks, and the fee?",
    "Thank you, please close my account",
    "no thanks",
    "It works again, but thanks",
    "You are welcome",
    "您好",
    "Hello",
    "Best regards",
    "thanks " * 30,
    "帮忙处理谢谢",
]


@pytest.mark.parametrize("text", THANKS)
@pytest.mark.parametrize("asked", [True, False])
def test_thanks_are_only_thanks(text: str, asked: bool) -> None:
    assert only_thanks(text, asked=asked)


@pytest.mark.parametrize("text", AFTER_NO_QUESTION)
def test_a_word_of_assent_is_an_answer_where_we_asked_for_one(text: str) -> None:
    assert only_thanks(text, asked=False)
    assert not only_thanks(text, asked=True)


@pytest.mark.parametrize("text", MORE)
@pytest.mark.parametrize("asked", [True, False])
def test_whatever_says_more_or_nothing_is_read_by_somebody(text: str, asked: bool) -> None:
    assert not only_thanks(text, asked=asked)


def test_who_writes_at_length_is_read_whatever_the_words() -> None:
    assert not only_thanks("谢谢" * (LONGEST // 2 + 1), asked=False)
