"""Masking: transaction numbers taken by mistake, and what a message costs: `bench/masking.py`.

20,000 numbers in the declared formats, each in a sentence, through masking and through a bare Luhn scan of 13 to 19
digits; then microseconds a message, median of three runs, beside the same scan, and for the mails of mails.py: all
that is masked of one (subject, text, name).
"""

import re
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from mails import mail  # noqa: E402

from channels.email.parse import parse  # noqa: E402
from ingest.masking import mask  # noqa: E402
from ingest.masking.cards import luhn  # noqa: E402

NUMBERS = 20_000
LIMIT_WRONG = 0
LIMIT_PLAIN_US = 150.0
LIMIT_MAIL_US = 300.0
LIMIT_MS_PER_KB = 1.0
_RUN = re.compile(r"\d(?:[ -]?\d){12,18}")
_FRAMES = ("交易号{}没到账", "单号 {}", "order {} failed", "{}", "银行卡转账 {}", "card payment {}")

PLAIN = (
    "你好，我昨天在你们平台上给朋友转账，页面一直显示处理中，朋友那边也没有收到，我问了银行，银行说没有这笔记录，请帮我看一下。"
    * 5
)
ENGLISH = (
    "Hello, I sent some money to a friend and the page says that it is being processed. Could you please look into it? "
    * 3
)
USUAL = (
    "我的手机13800138000，11月20日转账¥1,234.50没到账，交易号T202611240012345678，订单也查不到，客服让我等三天，请帮我看看到底怎么回事，谢谢。"
    * 12
)


def scan(text: str) -> list[str]:
    """What a detector without the house's formats takes for cards."""
    runs = (re.sub(r"\D", "", match.group()) for match in _RUN.finditer(text))
    return [digits for digits in runs if luhn(digits)]


def numbers(rng: Random) -> list[str]:
    made = []
    for _ in range(NUMBERS):
        date = f"20{rng.randrange(100):02d}{rng.randrange(1, 13):02d}{rng.randrange(1, 32):02d}"
        tail = "".join(rng.choices("0123456789", k=20))
        shapes = (
            "T" + date + tail[: rng.randrange(10, 15)],
            date + tail[:12],
            date + tail,
            "UP" + tail[: rng.randrange(12, 21)],
        )
        made.append(rng.choice(_FRAMES).format(rng.choice(shapes)))
    return made


def mails(count: int = 300) -> list[tuple[str, ...]]:
    """(subject, text, name) of as many mails."""
    rng = Random(1)
    read = [parse(mail(n, rng)[0]) for n in range(count)]
    return [(mail.subject or "", mail.text.replace("\r\n", "\n"), "A Customer") for mail in read]


def microseconds(work: Callable[[str], object], text: str, calls: int = 2_000) -> float:
    runs = []
    for _ in range(3):
        begun = time.perf_counter()
        for _ in range(calls):
            work(text)
        runs.append((time.perf_counter() - begun) / calls * 1e6)
    return statistics.median(runs)


def main() -> int:
    lines = numbers(Random(2026))
    wrong = sum(mask(line).secret for line in lines)
    scanned = sum(bool(scan(line)) for line in lines)
    print(f"numbers of ours masked by mistake: {wrong} of {NUMBERS:,} (limit {LIMIT_WRONG}; bare scan {scanned:,})")
    ok = wrong <= LIMIT_WRONG
    for name, text in (("Chinese, nothing in it", PLAIN[:300]), ("English, nothing in it", ENGLISH[:300])):
        cost, bare = microseconds(mask, text), microseconds(scan, text)
        print(f"{name}, {len(text)} characters: {cost:.0f} µs (limit {LIMIT_PLAIN_US:.0f}; bare scan {bare:.0f})")
        ok &= cost <= LIMIT_PLAIN_US
    typical = mails()
    characters = sum(len(text) for texts in typical for text in texts) / len(typical)
    cost = microseconds(lambda _: [mask(text) for texts in typical for text in texts], "", 3) / len(typical)
    print(f"a mail, {characters:.0f} characters: {cost:.0f} µs (limit {LIMIT_MAIL_US:.0f})")
    ok &= cost <= LIMIT_MAIL_US
    size = len(USUAL.encode()) / 1000
    cost, bare = microseconds(mask, USUAL, 300) / 1000 / size, microseconds(scan, USUAL, 300) / 1000 / size
    print(f"full of facts: {cost:.2f} ms a kB (limit {LIMIT_MS_PER_KB}; bare scan {bare:.3f}: {cost / bare:.0f} times)")
    ok &= cost <= LIMIT_MS_PER_KB
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
