import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.normalise import fold, normalise, raw
from router.regional import misspelt, table


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("ＲＥＦＵＮＤ", "refund"),
        ("退\u200b款", "退款"),
        ("can’t", "cant"),
        ("账户，冻结！", "账户,冻结!"),
        ("退 款", "退款"),
        ("帳戶凍結", "账户冻结"),
        ("登入", "登录"),
        ("儲值", "充值"),
        ("提領", "提现"),
        ("簡訊", "短信"),
        ("手機門號", "手机号"),
        ("轉數快", "转账"),
        ("冇收到", "没有收到"),
        ("唔係我", "不是我"),
        ("我嘅錢", "我的钱"),
        ("過咗兩日", "过了两日"),
        ("點解", "为什么"),
        ("登陆不上", "登录不上"),
        ("验正码", "验证码"),
        ("pasword", "password"),
        ("my acount", "my account"),
        ("我的acount被锁", "我的account被锁"),
        ("acountant", "acountant"),
        ("can't\tpay  \x0b now", "cant pay now"),
        ("我\t要\xa0退款", "我要退款"),
        ("“退款”——多久…", "“退款”——多久..."),
    ],
)
def test_one_spelling_for_what_is_said_the_same(written: str, read: str) -> None:
    assert normalise(written).folded == read


@pytest.mark.parametrize(
    "text", ["系统繁忙", "联系客服", "返利", "超过数额", "点解除绑定", "不知道账号", "输入账号", "自动结算"]
)
def test_short_words_of_the_tables_leave_longer_ones_alone(text: str) -> None:
    assert normalise(text).folded == text


def test_real_english_words_are_not_corrected_into_others() -> None:
    assert normalise("he thinks the changes were deleted").folded == "he thinks the changes were deleted"


def test_the_text_as_written_is_kept_beside_the_folded_one() -> None:
    found = normalise("帳號凍結")
    assert found.raw == "帳號凍結"
    assert found.variants == ("账号冻结", "帳號凍結")


def test_plain_text_has_one_spelling() -> None:
    assert normalise("my transfer").variants == ("my transfer",)


@given(st.text(max_size=60))
def test_any_text_is_normalised_and_a_second_time_changes_nothing(text: str) -> None:
    once = raw(text)
    assert raw(once) == once or unicodedata.normalize("NFKC", once.casefold()) != once
    fold(once)


@given(st.text(alphabet="abcé，。！ＡＢ①ﬁ각가\u0301你好 ", max_size=30))
def test_the_fast_path_gives_what_nfkc_gives(text: str) -> None:
    plain = raw(text).replace(" ", "")
    assert plain == unicodedata.normalize("NFKC", text).casefold().replace(" ", "")


def test_the_tables_map_to_words_that_they_leave_alone() -> None:
    again = {said: meant for said, meant in table().items() if fold(meant) != meant}
    assert again == {}


def test_no_correct_word_counts_as_misspelt() -> None:
    assert not set(misspelt()) & {"account", "transfer", "charge", "change", "locked", "looked", "thinks"}
