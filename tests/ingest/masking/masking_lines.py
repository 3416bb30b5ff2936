"""Lines as customers write them, made from a seed, each with what masking must and must not take.

Every number in them is drawn; none belongs to anybody.
"""

from dataclasses import dataclass
from random import Random

from deskd.domain.words import Found


@dataclass(frozen=True)
class Line:
    """secrets: (kind, as written), gone afterwards; kept: words that must still stand."""

    text: str
    secrets: tuple[tuple[Found, str], ...] = ()
    kept: tuple[str, ...] = ()


def digits(rng: Random, n: int) -> str:
    return "".join(rng.choice("0123456789") for _ in range(n))


def luhn_check(body: str) -> str:
    total = 0
    for place, c in enumerate(reversed(body)):
        value = int(c) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


SCHEMES = (("4", 16), ("4", 19), ("4", 13), ("51", 16), ("2221", 16), ("34", 15), ("37", 15), ("62", 16), ("62", 17),
           ("62", 18), ("62", 19), ("3528", 16), ("36", 14), ("6011", 16), ("65", 16))  # fmt: skip


def card(rng: Random) -> str:
    beginning, length = rng.choice(SCHEMES)
    body = beginning + digits(rng, length - len(beginning) - 1)
    return body + luhn_check(body)


FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
SEPARATORS = (" ", "\u00a0", "-", ".", "\n", "\u200b", " - ", "–", "\u3000", "\u2009", "_", "/", "·")


def dressed(rng: Random, number: str) -> str:
    """The number as it may be typed: grouped by fours or anywhere, with any separator, in other digits."""
    shape = rng.randrange(4)
    if shape == 0:
        typed = number
    elif shape == 3:
        separator = rng.choice(SEPARATORS)
        typed = "".join(
            c + (separator if rng.random() < 0.3 and i < len(number) - 1 else "") for i, c in enumerate(number)
        )
    else:
        typed = rng.choice(SEPARATORS).join(number[i : i + 4] for i in range(0, len(number), 4))
    return typed.translate(rng.choice(((), (), (), FULL_WIDTH, ARABIC)) or {})


CARD_LINES = (
    "我的卡号是{}，转账一直没到", "{}", "请查一下{}这张卡", "card {} was charged twice",
    "My card number: {}. Please help",
    "卡：{}\n急", "信用卡 {} 被盗刷了", "I paid with {} yesterday", "银行卡{}绑定失败", "轉帳到 {} 的錢還沒到",
    "<{}>", "({})",
)  # fmt: skip
CVV_LINES = (
    "cvv {}", "CVV: {}", "安全码{}", "安全码是 {}", "背面三位 {}", "my cvc is {}", "卡背面三位数字是{}",
    "CVV2={}", "security code {}",
    "后三位：{}", "the CVV number on my card is {}", "{} is the cvv", "安全碼：{}", "卡安全码应该是没错的就是{}",
)  # fmt: skip
CODE_LINES = (
    "验证码{}", "验证码是{}", "我收到的验证码：{}", "驗證碼是 {}", "动态码 {}", "動態碼：{}", "my OTP is {}",
    "otp {}", "the code is {}",
    "verification code: {}", "{} is your verification code", "{}是您的验证码，请勿告诉他人",
    "短信验证码 {} 怎么用不了", "code {}",
    "one-time code {} does not work", "【UPay】验证码：{}，5分钟内有效",
    "I typed the code, {}, and nothing happened", "登录验证码为{}",
)  # fmt: skip
PASSWORD_LINES = (
    "密码是{}", "我的密码：{}", "密碼是 {}", "password: {}", "my password is {}", "Password={}",
    "登录密码改成了{}", "pwd: {}",
    "密码{}登不上", "the password is \"{}\"",
)  # fmt: skip
PIN_LINES = ("支付密码{}", "my PIN is {}", "PIN: {}", "pin code {}", "交易密码是{}", "取款密码 {}")

NEAR_MISSES = (
    "没收到验证码", "收不到验证码怎么办", "验证码 5 分钟内有效", "验证码等了 30 分钟",
    "我 {year}年注册的，验证码收不到",
    "The code never arrived at {h}:{m:02d}", "没收到验证码，{h}:{m:02d} 试过", "error code {four}",
    "转了{four}元，验证码没来",
    "尾号{four}的卡收不到验证码", "no code came, I waited {two} minutes", "my password is wrong", "忘记密码了",
    "password reset fails",
    "密码输错{one}次", "postal code {six}", "promo code {six} is invalid", "我的CVV看不清", "他们要我提供cvv，我没给",
    "订单 {date}-{six} 什么时候发货", "{date} {h}:{m:02d}:00 扣款 ¥{four}.00",
    "工号 {five} 的客服说没有验证码记录", "PIN pad is broken",
    "运单号 SF{tracking}", "快递单号 {tracking}", "tracking number {tracking}", "转账 {amount} 元没到账",
    "paid ${amount}",
    "电话 {phone} 联系我", "call me on {phone}", "{year}-{mo:02d}-{d:02d}", "第{one}次了",
    "版本 {one}.{two}.{one}", "IP 10.{two}.{two}.{one}",
    "客服热线 95588 打不通，验证码也没有", "等了{two}天", "IMEI 查询", "{ms}", "房间 {four}", "余额还有{amount}",
)  # fmt: skip


def near_miss(rng: Random) -> Line:
    values: dict[str, object] = {
        "year": rng.randrange(2015, 2027),
        "h": rng.randrange(24),
        "m": rng.randrange(60),
        "mo": rng.randrange(1, 13),
        "d": rng.randrange(1, 29),
        "one": rng.randrange(1, 10),
        "two": rng.randrange(10, 100),
        "four": rng.randrange(1000, 10_000),
        "five": rng.randrange(10_000, 100_000),
        "six": rng.randrange(100_000, 1_000_000),
        "date": date(rng),
        "tracking": "1" + digits(rng, 11),
        "amount": f"{rng.randrange(1, 100_000)}.{digits(rng, 2)}",
        "phone": "13" + digits(rng, 9),
        "ms": 1_700_000_000_000 + rng.randrange(10**11),
    }
    return Line(rng.choice(NEAR_MISSES).format(**values))


def date(rng: Random) -> str:
    return f"20{rng.randrange(100):02d}{rng.randrange(1, 13):02d}{rng.randrange(1, 32):02d}"


ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def password(rng: Random) -> str:
    word = "".join(rng.choice(ALPHABET) for _ in range(rng.randrange(6, 14)))
    return word + digits(rng, 2) + rng.choice(("", "", "!", "@x"))


def secret_line(rng: Random) -> Line:
    what = rng.randrange(5)
    if what == 0:
        number = dressed(rng, card(rng))
        return Line(rng.choice(CARD_LINES).format(number), ((Found.CARD, number),))
    if what == 1:
        value = digits(rng, 3)
        return Line(rng.choice(CVV_LINES).format(value), ((Found.CVV, value),))
    if what == 2:
        value = digits(rng, rng.choice((4, 6, 6, 6, 8)))
        return Line(rng.choice(CODE_LINES).format(value), ((Found.CODE, value),))
    if what == 3:
        value = password(rng)
        return Line(rng.choice(PASSWORD_LINES).format(value), ((Found.PASSWORD, value),))
    value = digits(rng, 6)
    return Line(rng.choice(PIN_LINES).format(value), ((Found.PIN, value),))


def house_number(rng: Random) -> str:
    """One in the declared formats: T…, the long ones with a date, UP…"""
    shape = rng.randrange(4)
    if shape == 0:
        return "T" + date(rng) + digits(rng, rng.randrange(10, 15))
    if shape == 1:
        return date(rng) + digits(rng, 12)
    if shape == 2:
        return date(rng) + digits(rng, 20)
    return "UP" + digits(rng, 1) + "".join(rng.choice("0123456789ABCDEFGHJK") for _ in range(rng.randrange(11, 20)))
