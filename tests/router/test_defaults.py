"""The default rules on the seen half of the labels, and the sentences that the design itself names."""

import json
from pathlib import Path

import pytest

from deskd.domain.words import Category, Priority
from router.decide import Decision, decide
from router.facts import Facts
from router.rules import defaults

SEEN = [json.loads(line) for line in (Path(__file__).parent / "labels" / "seen.jsonl").read_text("utf-8").splitlines()]


def made(text: str, **facts: str) -> Decision:
    return decide(Facts(text=text, **facts), defaults())


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("没收到验证码", "account/code_not_received"),
        ("谢谢反诈提醒，没被骗", "feedback/praise"),
        ("你们是骗子吗，退款呢", "transfer/refund"),
        ("转账三天没到账，再不处理我就投诉", "transfer/delayed"),
        ("把验证码给了别人", "security/code_shared"),
        ("收到验证码但不是我操作的", "security/unexpected_code"),
        ("My transfer hasn't arrived", "transfer/delayed"),
        ("我要投诉你们客服", "feedback/complaint"),
        ("...", "other/unclear"),
    ],
)
def test_sentences_that_the_design_names(text: str, label: str) -> None:
    decision = made(text)
    assert f"{decision.category}/{decision.topic}" == label


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en", "mixed"])
def test_the_seen_half_is_right_in_each_language(language: str) -> None:
    rows = [row for row in SEEN if row["lang"] == language]
    right = sum(made(row["text"]).category == row["category"] for row in rows)
    assert right / len(rows) >= 0.97


def test_hardly_a_security_matter_of_the_seen_half_is_missed() -> None:
    # Not none: a pattern for one odd sentence would cost more than it finds.
    rows = [row for row in SEEN if row["category"] == "security"]
    missed = [row["id"] for row in rows if made(row["text"]).category is not Category.SECURITY]
    assert len(missed) / len(rows) <= 0.02, missed


def test_no_transfer_or_security_of_the_seen_half_ends_in_feedback() -> None:
    rows = [row for row in SEEN if row["category"] in ("transfer", "security")]
    assert [row["id"] for row in rows if made(row["text"]).category is Category.FEEDBACK] == []


@pytest.mark.parametrize(
    "event", ["卡里少了五百", "有一笔扣款", "账户被扣了一百", "钱被转出去了", "信用卡有笔交易", "钱包被提现了八百"]
)
@pytest.mark.parametrize("denial", ["不是我操作的", "我没有操作", "非本人", "我没授权", "我在睡觉", "谁干的"])
def test_money_that_left_and_a_denial_are_security_in_any_words(event: str, denial: str) -> None:
    assert made(f"{event},{denial}").category is Category.SECURITY


@pytest.mark.parametrize("whom", ["a caller", "someone on whatsapp", "a scammer", "my friend", "a stranger"])
@pytest.mark.parametrize("secret", ["my otp", "the code", "my password", "my pin", "the six digit number"])
@pytest.mark.parametrize("told", ["I gave", "I told", "I sent", "I read out", "my mother gave"])
def test_a_secret_told_is_security_whoever_heard_it(told: str, secret: str, whom: str) -> None:
    assert made(f"{told} {secret} to {whom}").category is Category.SECURITY


@pytest.mark.parametrize("late", ["还没到", "三天了没到", "失败了", "显示处理中"])
@pytest.mark.parametrize(
    "tone", ["，麻烦查一下，谢谢", "，你们太差了", "，不会是骗子吧", "，能不能快点", "，希望尽快处理"]
)
def test_neither_thanks_nor_anger_nor_a_wish_takes_a_transfer_away(late: str, tone: str) -> None:
    assert made(f"我转的钱{late}{tone}").category is Category.TRANSFER


@pytest.mark.parametrize("who", ["群里的老师", "我男友", "a stranger", "网上认识的 guy"])
@pytest.mark.parametrize("asks", ["叫我", "一直要我", "wants me to", "说要先"])
@pytest.mark.parametrize("act", ["transfer 三千", "付押金", "pay a fee", "充钱"])
def test_somebody_who_asks_for_money_is_security_in_either_language(who: str, asks: str, act: str) -> None:
    assert made(f"{who} {asks} {act}").category is Category.SECURITY


@pytest.mark.parametrize("outsider", ["some bloke", "a lady", "somebody on discord", "有个人"])
@pytest.mark.parametrize("unease", ["and it feels off", "and now I feel so stupid", "我有点慌", "心里没底"])
def test_an_outsider_and_an_unease_are_security_where_no_topic_is_known(outsider: str, unease: str) -> None:
    assert made(f"{outsider} 找了我 yesterday {unease}").category is Category.SECURITY


@pytest.mark.parametrize("what", ["keeps ringing me", "told me about it"])
def test_an_outsider_alone_is_no_security(what: str) -> None:
    assert made(f"my neighbour {what}").category is not Category.SECURITY


@pytest.mark.parametrize("thing", ["手机", "my phone", "银行卡", "the card", "钱包"])
@pytest.mark.parametrize("fate", ["不见了", "被偷了", "got stolen", "掉在车上", "was left in a taxi"])
def test_a_thing_that_is_gone_is_security_in_either_language(thing: str, fate: str) -> None:
    assert made(f"{thing} {fate}").category is Category.SECURITY


@pytest.mark.parametrize(
    ("opinion", "topic"),
    [
        ("天天弹反诈提示，烦死了", "complaint"),
        ("Scam warnings every single time, ridiculous", "complaint"),
        ("谢谢你们的防骗提醒", "praise"),
        ("The scam alert was well done", "praise"),
        ("防骗提示能不能有中文版", "suggestion"),
    ],
)
def test_what_is_thought_of_our_warnings_is_no_fraud(opinion: str, topic: str) -> None:
    decision = made(opinion)
    assert (decision.category, decision.topic) == (Category.FEEDBACK, topic)


def test_an_account_closed_for_suspicion_is_no_fraud() -> None:
    decision = made("你们说我涉嫌诈骗把号冻结了，我只是卖二手书的")
    assert f"{decision.category}/{decision.topic}" == "account/frozen"


def test_no_default_rule_is_written_in_words_that_folding_changes() -> None:
    # One would never match, and have every text searched twice.
    assert not defaults().matcher._asks_raw


def test_complaint_words_raise_a_transfer_and_are_a_tag() -> None:
    decision = made("转账三天没到账，再不处理我就投诉")
    assert decision.priority is Priority.HIGH
    assert "complaint" in decision.tags
    assert decision.queue == "transfers"


def test_money_on_the_move_is_urgent_with_its_own_policy() -> None:
    decision = made("有人正在转走我的钱，快冻结")
    assert (decision.priority, decision.policy) == (Priority.URGENT, "security-moving")


def test_a_life_in_danger_is_urgent_and_tagged_whatever_the_matter() -> None:
    decision = made("转账没到账，我不想活了")
    assert decision.priority is Priority.URGENT
    assert "danger" in decision.tags
    assert "other/danger_to_life" in decision.also


def test_a_choice_on_a_form_decides_only_where_the_words_did_not() -> None:
    assert made("在吗", wished_category="transfer").category is Category.TRANSFER
    assert made("手机被偷了", wished_category="transfer").category is Category.SECURITY


def test_advertising_is_not_spam_from_a_known_customer() -> None:
    text = "代开发票，加微信"
    assert "spam" in made(text).tags
    assert "spam" not in decide(Facts(text=text, known_customer=True), defaults()).tags


def test_every_decision_of_the_seen_half_has_queue_policy_and_a_reason_in_both_languages() -> None:
    for row in SEEN:
        decision = made(row["text"])
        assert decision.queue
        assert decision.policy
        assert decision.reasons[0].text_en
        assert decision.reasons[0].text_zh


def test_two_matters_are_both_shown() -> None:
    rows = [row for row in SEEN if row.get("also")]
    shown = sum(
        any(a.split("/")[0] in {m.split("/")[0] for m in made(row["text"]).also} for a in row["also"]) for row in rows
    )
    assert shown / len(rows) >= 0.6
