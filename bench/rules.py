"""What a decision costs: `bench/rules.py`. Normalising, matching and deciding a message, and loading the rules.

Messages of 300 characters, on the default rules and on 1,000 rules (400 Chinese words, 300 English words, 300
patterns), against asking Python's `re` for the same patterns one by one on text that is normalised already. Limits:
DESIGN 9, 150 µs p50 and 1 ms p99. Mails of 900 bytes name seven matters each; of such a mail's way from receipt to
ticket, 1.5 ms, deciding may take 300 µs.
"""

import random
import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from mails import EN as MAIL_EN  # noqa: E402
from mails import ZH as MAIL_ZH  # noqa: E402

from router.decide import decide  # noqa: E402
from router.facts import Facts  # noqa: E402
from router.normalise import normalise  # noqa: E402
from router.rules import RuleSet, defaults, load  # noqa: E402

MESSAGES = 3_000
LENGTH = 300  # characters
MAIL = 900  # bytes

WORDS = [
    "明天",
    "下午",
    "公司",
    "老师",
    "天气",
    "电影",
    "学校",
    "周末",
    "朋友",
    "音乐",
    "城市",
    "咖啡",
    "问题",
    "时间",
    "工作",
    "东西",
    "晚饭",
    "公园",
    "火车",
    "新闻",
]
ZH = "昨天上午我在手机上给房东转了三千块，到今天晚上还没有到账，客服说要等两天，可是房租已经到期了，麻烦帮我看一下。"
HANT = "請問為什麼我的帳戶餘額沒有更新，昨天儲值之後一直顯示處理中，已經等了很久，希望可以盡快幫我確認一下，謝謝。"
EN = (
    "Hello, I sent a payment to my landlord on Friday and he says that it has not arrived yet, could you check please? "
)


def messages(random_: random.Random) -> list[str]:
    """Real sentences over and over, begun at a random place, after random words."""
    found: list[str] = []
    for index in range(MESSAGES):
        text = (ZH, HANT, EN)[index % 3] * 8
        start = random_.randrange(60)
        noise = "".join(random_.choice(WORDS) for _ in range(10))
        found.append((noise + text[start:])[:LENGTH])
    return found


def mails(pool: Sequence[str], random_: random.Random) -> list[str]:
    found: list[str] = []
    for _ in range(MESSAGES):
        lines: list[str] = []
        while sum(len(line.encode()) for line in lines) < MAIL:
            lines.append(random_.choice(pool))
        found.append("\n".join(lines))
    return found


def thousand(random_: random.Random) -> RuleSet:
    def han(size: int) -> str:
        return "".join(chr(random_.randrange(0x4E00, 0x9FA5)) for _ in range(size))

    def latin(size: int) -> str:
        return "".join(random_.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(size))

    rows: list[dict[str, object]] = []
    for index in range(1000):
        if index < 400:
            when: dict[str, object] = {"words": [han(2), han(3)]}
        elif index < 700:
            when = {"words": [latin(6), latin(8)]}
        else:
            when = {
                "pattern": [
                    f"(?:{han(2)}|{han(2)}).{{0,6}}(?:没|未|不){han(1)}",
                    rf"\b{latin(5)}\w* .{{0,20}}{latin(4)}",
                ]
            }
        rows.append(
            {"name": f"r{index}", "when": when, "then": {"tags": ["t"]}, "reason": {"en": "A rule.", "zh": "规则。"}}
        )
    return load(rows)


def spent(work: Callable[[str], object], texts: list[str]) -> tuple[float, float]:
    """p50 and p99 in microseconds."""
    taken = []
    for text in texts:
        begun = time.perf_counter_ns()
        work(text)
        taken.append((time.perf_counter_ns() - begun) / 1000)
    taken.sort()
    return taken[len(taken) // 2], taken[len(taken) * 99 // 100]


def one_by_one(rules: RuleSet) -> Callable[[str], object]:
    patterns = [
        re.compile(pattern)
        for rule in rules.rules
        for pattern in (*(rule.when.pattern or ()), *(re.escape(word) for word in rule.when.words or ()))
    ]
    return lambda text: [pattern for pattern in patterns if pattern.search(text)]


def main() -> int:
    random_ = random.Random(7)
    texts = messages(random_)
    ready = [normalise(text).folded for text in texts]
    begun = time.perf_counter()
    shipped = defaults()
    print(f"default rules loaded in {time.perf_counter() - begun:.2f} s  limit 0.15 s")
    for name, rules in (("default rules", shipped), ("1,000 rules", thousand(random_))):
        p50, p99 = _decided(texts, rules)
        single50, _ = spent(one_by_one(rules), ready[:300])
        print(
            f"{name:14} {len(rules.rules):5} rules  p50 {p50:6.0f} µs  p99 {p99:6.0f} µs"
            f"  re one by one p50 {single50:7.0f} µs ({single50 / p50:.1f} times)  limit 150 µs, 1000 µs"
        )
    for name, pool in (("Chinese mails", MAIL_ZH), ("English mails", MAIL_EN)):
        p50, p99 = _decided(mails(pool, random_), shipped)
        print(f"{name:14} {MAIL:5} bytes  p50 {p50:6.0f} µs  p99 {p99:6.0f} µs  limit 300 µs")
    return 0


def _decided(texts: list[str], rules: RuleSet) -> tuple[float, float]:
    """Once before it counts: RE2 makes its programs and their states when it is asked."""
    spent(lambda text: decide(Facts(text=text, language="en"), rules), texts[:500])
    return spent(lambda text: decide(Facts(text=text, language="en"), rules), texts)


if __name__ == "__main__":
    sys.exit(main())
