"""What masking takes, leaves and shows, line by line."""

import pytest

from deskd.domain.words import Found
from ingest.masking import DEFAULT, Formats, NumberFormat, inspect, mask

CARD = "4111111111111111"
SEED = "abandon ability able absent absorb abstract absurd abuse access accident account accuse"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"card {CARD}", "card [card 411111******1111]"),
        ("card 4111 1111-1111.1111", "card [card 411111******1111]"),
        ("卡号４１１１１１１１１１１１１１１１", "卡号[card 411111******1111]"),
        ("٤١١١ ١١١١ ١١١١ ١١١١", "[card 411111******1111]"),
        ("4111\n1111\n1111\n1111", "[card 411111******1111]"),
        ("4111\u200b1111\u200b1111\u200b1111", "[card 411111******1111]"),
        ("4111。1111。1111。1111", "[card 411111******1111]"),
        ("4111     1111     1111     1111", "[card 411111******1111]"),
        ("4111\n\n \n1111\n\n \n1111\n\n \n1111", "[card 411111******1111]"),
        ("3782 822463 10005 cid 1234", "[card 378282*****0005] cid [cvv removed]"),
        ("ccv 123", "ccv [cvv removed]"),
        ("csc: 123", "csc: [cvv removed]"),
        ("cv2 123", "cv2 [cvv removed]"),
        ("c.v.v. 123", "c.v.v. [cvv removed]"),
        ("卡片背后的三位数是 123", "卡片背后的三位数是 [cvv removed]"),
        ("背面三个数字123", "背面三个数字[cvv removed]"),
        ("the three digits on the back are 123", "the three digits on the back are [cvv removed]"),
        ("银行卡6222021234567890123", "银行卡[card 622202*********0123]"),
        (f"{CARD} 12/27 123", "[card 411111******1111] 12/27 [cvv removed]"),
        (f"{CARD}，123", "[card 411111******1111]，[cvv removed]"),
        ("exp 12/27 cvv 123", "exp 12/27 cvv [cvv removed]"),
        ("背面三位是 456", "背面三位是 [cvv removed]"),
        ("验证码123456", "验证码[code removed]"),
        ("動態碼：1234", "動態碼：[code removed]"),
        ("482-913 is your code", "[code removed] is your code"),
        ("OTP 1 2 3 4 5 6", "OTP [code removed]"),
        ("我的密码是abc123。", "我的密码是[password removed]。"),
        ("password: hunter", "password: [password removed]"),
        ("Your one-time code is 4821-1390", "Your one-time code is [code removed]"),
        ("安全码 123456", "安全码 [code removed]"),
        ("yzm：123456", "yzm：[code removed]"),
        ("谷歌验证器 123456", "谷歌验证器 [code removed]"),
        ("my authenticator shows 482113", "my authenticator shows [code removed]"),
        ("Use 482113 to log in", "Use [code removed] to log in"),
        ("验证码第一次是123456，第二次是654321", "验证码第一次是[code removed]，第二次是[code removed]"),
        ("验证码：A1B2C3", "验证码：[code removed]"),
        ("recovery code: ABCD-EFGH-1234", "recovery code: [code removed]"),
        ("我的密码一直是abc123", "我的密码一直是[password removed]"),
        ("密碼係abc123", "密碼係[password removed]"),
        ("密碼改咗做abc123", "密碼改咗做[password removed]"),
        ("the password I used is hunter2", "the password I used is [password removed]"),
        ("password changed to hunter2", "password changed to [password removed]"),
        ("pasword: hunter", "pasword: [password removed]"),
        ("pw: hunter", "pw: [password removed]"),
        ('password "open sesame", yes', 'password "[password removed]", yes'),
        ("password “open\nsesame”", "password “[password removed]\nsesame”"),
        ("支付密码 12 34 56", "支付密码 [pin removed]"),
        ("解锁密码1234", "解锁密码[pin removed]"),
        ("my PIN is 4821", "my PIN is [pin removed]"),
        (f"seed phrase: {SEED}", "seed phrase: [seed removed]"),
        (f"助记词 {SEED} 帮我恢复", "助记词 [seed removed] 帮我恢复"),
        (SEED, "[seed removed]"),
        (f"my seed phrase is {SEED} and it was stolen", "my seed phrase is [seed removed] and it was stolen"),
        (f"and they asked for {SEED} which they used", "and they asked for [seed removed] which they used"),
        *((SEED.replace(" ", gap), "[seed removed]") for gap in (" - ", " | ", "/", "-", '", "', "\n\n", "； ")),
        ("\n".join(f"({n}) {w}" for n, w in enumerate(SEED.split(), 1)), "(1) [seed removed]"),
        ("私钥 " + "0123456789abcdef" * 4, "私钥 [key removed]"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----", "[key removed]"),
        ("my api key: a1b2c3d4e5f6g7h8i9", "my api key: [key removed]"),
        ("AKIAIOSFODNN7EXAMPLE", "[key removed]"),
    ],
)
def test_a_secret_is_destroyed_and_leaves_a_typed_mark(text: str, shown: str) -> None:
    masked = mask(text)
    assert masked.text == shown
    assert masked.secret


@pytest.mark.parametrize(
    "token",
    [
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmNHl0w",
        "xprv" + "9" * 107,
        "zprv" + "A" * 107,
        "sk-abcdefghijklmnopqrstuvwx",
        "sk_live_abcdefghijklmnopqrst",
        "ASIAIOSFODNN7EXAMPLE",
        *("gh" + kind + "_" + "a1B2" * 9 for kind in "pousr"),
        "github_pat_" + "a1B2" * 6,
        "glpat-" + "a1B2" * 5,
        "xoxb-" + "1" * 12,
        "AIza" + "a1B2_" * 7,
        "123456789:AA" + "a1_" * 11,
    ],
)
def test_a_token_of_a_known_shape_is_destroyed(token: str) -> None:
    assert mask(f"it says {token}, why?").text == "it says [key removed], why?"


@pytest.mark.parametrize(
    ("text", "shown", "kind", "value"),
    [
        ("我手机13800138000收不到", "我手机138****8000收不到", Found.PHONE, "+8613800138000"),
        ("+86 138-0013-8000", "138****8000", Found.PHONE, "+8613800138000"),
        ("call +852 5123 4567 now", "call +852****4567 now", Found.PHONE, "+85251234567"),
        ("身份证11010519491231002X", "身份证1****************X", Found.RESIDENT_ID, "11010519491231002X"),
        ("交易T202611240012345678", "交易#…345678", Found.TRANSACTION, "T202611240012345678"),
        ("单号20261124123456789012", "单号#…789012", Found.TRANSACTION, "20261124123456789012"),
        ("订单UP7K3M9QXD12345", "订单#…D12345", Found.ORDER, "UP7K3M9QXD12345"),
        ("mail me: ann.b@example.com", "mail me: a***@example.com", Found.EMAIL, "ann.b@example.com"),
        ("付了¥1,234.50", "付了¥1,234.50", Found.AMOUNT, "1234.50 CNY"),
        ("1200元", "1200元", Found.AMOUNT, "1200 CNY"),
        ("5千块", "5千块", Found.AMOUNT, "5000 CNY"),
        ("转了2万", "转了2万", Found.AMOUNT, "20000"),
        ("1.5万元", "1.5万元", Found.AMOUNT, "15000 CNY"),
        ("$30", "$30", Found.AMOUNT, "30 USD"),
        ("300 USD", "300 USD", Found.AMOUNT, "300 USD"),
        ("HK$20", "HK$20", Found.AMOUNT, "20 HKD"),
        ("两千块钱", "两千块钱", Found.AMOUNT, "2000 CNY"),
    ],
)
def test_a_fact_is_taken_out_and_shown_short(text: str, shown: str, kind: Found, value: str) -> None:
    masked = mask(text)
    assert masked.text == shown
    assert [(f.kind, f.value) for f in masked.facts] == [(kind, value)]
    assert not masked.secret


@pytest.mark.parametrize(
    "text",
    [
        "没收到验证码", "验证码 5 分钟内有效", "My password is wrong.", "忘记密码：怎么办", "error code 1005",
        "postal code 100080",
        "2026年收不到验证码", "验证码没来，打了95588", "等了3000秒没有验证码", "对方让我给安全码，我转了500",
        "订单号 A4111111111111111X",
        "2026-11-24 12:30:45", "20261124093015", "1763971200000", "192.168.100.200", "第1234567次",
        "pin the message to the top",
        "他们问我要CVV，我没给", "The code is not here", "you have the code of 2 people and 3 days", "hello", "",
        "登录密码错误，代码1005", "验证码 iphone15 收不到", "my login code is right-away",
        "my password should be longer", "密码输错了还一直提示是旧版本app", "I paid 100000 to confirm the order",
        "transfer receipt payment account balance", "尾号4321的卡收不到验证码",
    ],
)  # fmt: skip
def test_words_about_secrets_and_ordinary_numbers_are_left(text: str) -> None:
    assert mask(text).text == text
    assert not mask(text).secret


def test_a_phone_right_behind_a_word_for_passwords_stays_a_fact() -> None:
    assert mask("忘记密码13800138000").text == "忘记密码138****8000"
    assert mask("密码是13800138000").secret


def test_a_number_with_letters_attached_is_no_card() -> None:
    assert not mask(f"waybill AB{CARD}").secret
    assert not mask(f"{CARD}XY").secret
    assert mask(f"卡{CARD}号").secret


@pytest.mark.parametrize(
    "number",
    ["6212345678901234", "6217000010000000071", "1234567890123452", "9876543210987658"],
)
@pytest.mark.parametrize("frame", ["银行卡转账流水号 {}", "信用卡还款，订单号{}没到账", "card payment reference: {}"])
def test_a_label_says_more_than_a_word_for_cards_nearby(frame: str, number: str) -> None:
    """Cards need their scheme's beginning, length and check digit to be taken behind the label of another number."""
    assert not mask(frame.format(number)).secret


def test_an_own_format_is_known_before_a_card() -> None:
    ours = Formats(numbers=(NumberFormat(name="transfer", pattern="4[0-9]{15}"),))
    assert mask(CARD).secret
    masked = mask(f"card {CARD}", ours)
    assert not masked.secret
    assert [(f.name, f.value) for f in masked.facts] == [("transfer", CARD)]


def test_a_broken_pattern_names_itself() -> None:
    with pytest.raises(ValueError, match="not valid RE2"):
        NumberFormat(name="x", pattern="(")


def test_patterns_too_large_together_are_refused() -> None:
    large = [NumberFormat(name="x", pattern=f"([a-z]{{1,99}}|[0-9]{{1,99}}){{1,9}}{n}") for n in range(99)]
    with pytest.raises(ValueError, match="too large together"):
        Formats(numbers=tuple(large))


def test_a_number_of_a_county_that_does_not_exist_is_no_resident_id() -> None:
    assert not mask("11019919491231002X").spans


def test_the_digits_behind_a_card_never_show() -> None:
    """4111 1111 1111 1111 235 passes Luhn with sixteen digits and with nineteen."""
    for tail in range(1000):
        masked = mask(f"my card {CARD[:4]} 1111 1111 1111 {tail:03d}")
        assert masked.text.startswith("my card [card 411111******1111]")
        assert f"{tail:03d}" not in masked.text.replace("411111", "").replace("1111", "")


def test_ordinary_english_is_no_seed_phrase() -> None:
    for text in (
        "please help me find out where the money that was sent last week has gone because nobody answers",
        'hello support team please check card payment number "seven" thank very much',
        "hello there just checking when you will send back that refund because still nothing came this week",
    ):
        assert not mask(text).secret


def test_spans_are_offsets_into_the_text_as_given() -> None:
    text = "\u200b卡\u200b号４１１１\u200b１１１１１１１１１１１１"
    [span] = mask(text).spans
    assert text[span.start : span.end].startswith("４")
    assert text[span.start : span.end].endswith("１")


def test_inspect_answers_text_and_spans() -> None:
    assert inspect({"text": "code: 123456"}) == {
        "text": "code: [code removed]",
        "spans": [{"start": 6, "end": 12, "kind": "code"}],
    }
    with pytest.raises(TypeError, match="inspect mask wants"):
        inspect({"body": "x"})


def test_the_shipped_formats_are_values_of_the_settings() -> None:
    assert Formats.model_validate(DEFAULT.model_dump()) == DEFAULT
