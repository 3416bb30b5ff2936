"""How well the default rules label messages as customers write them.

`bench/labels.py [--seen | --unseen | --file FILE] [--confusion] [--misses]`.

Per language and category: messages, category right, topic right; per language: recall and precision of security, and
transfer or security matters that ended in feedback. The unseen half is somebody else's; whoever writes rules reads its
totals only, so --misses refuses it. docs/rules.md says how often it was scored.
"""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from router.decide import Decision, decide  # noqa: E402
from router.facts import Facts  # noqa: E402
from router.rules import defaults  # noqa: E402

LABELS = ROOT / "tests" / "router" / "labels"
SEEN, UNSEEN = LABELS / "seen.jsonl", LABELS / "unseen.jsonl"
LANGUAGES = ("zh-Hans", "zh-Hant", "en", "mixed")
CATEGORIES = ("security", "transfer", "account", "feedback", "other")
Row = dict[str, str]


def read(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def judge(row: Row) -> Decision:
    return decide(Facts(text=row["text"]), defaults())


def share(part: int, whole: int) -> str:
    return f"{part / whole:6.1%}" if whole else "     -"


def totals(rows: list[Row], decisions: list[Decision], language: str) -> None:
    seen: Counter[tuple[str, str]] = Counter()
    called = lost = urgent = 0
    for row, made in zip(rows, decisions, strict=True):
        if language not in ("all", row["lang"]):
            continue
        for name in (row["category"], "all"):
            seen[name, "n"] += 1
            seen[name, "category"] += made.category == row["category"]
            seen[name, "topic"] += made.category == row["category"] and made.topic == row["topic"]
        called += made.category == "security"
        lost += row["category"] in ("security", "transfer") and made.category == "feedback"
        urgent += row["category"] in ("security", "transfer")
    for name in (*CATEGORIES, "all"):
        n = seen[name, "n"]
        print(
            f"{language:8} {name:9} {n:4}  category {share(seen[name, 'category'], n)}"
            f"  topic {share(seen[name, 'topic'], n)}"
        )
    right = seen["security", "category"]
    print(
        f"{language:8} security recall {share(right, seen['security', 'n'])}  precision {share(right, called)}"
        f"  transfer or security lost to feedback {lost} of {urgent} ({share(lost, urgent).strip()})\n"
    )


def confusion(rows: list[Row], decisions: list[Decision]) -> None:
    """What each category was taken for: a row is what it is, a column what the rules said."""
    counted = Counter((row["category"], str(made.category)) for row, made in zip(rows, decisions, strict=True))
    print(f"{'':9}" + "".join(f"{said:>10}" for said in CATEGORIES))
    for name in CATEGORIES:
        print(f"{name:9}" + "".join(f"{counted[name, said]:10}" for said in CATEGORIES))
    print()


def misses(rows: list[Row], decisions: list[Decision]) -> None:
    for row, made in zip(rows, decisions, strict=True):
        if (row["category"], row["topic"]) != (made.category, made.topic):
            mark = "CATEGORY" if row["category"] != made.category else "topic"
            by = ", ".join(f"{r.code} {r.rule} {r.matched!r}" for r in made.reasons[:2])
            print(
                f"{mark:8} {row['id']} {row['category']}/{row['topic']} -> {made.category}/{made.topic}"
                f"\n         {row['text']}\n         {by}"
            )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--seen", dest="file", action="store_const", const=SEEN, default=SEEN)
    source.add_argument("--unseen", dest="file", action="store_const", const=UNSEEN)
    source.add_argument("--file", type=Path, help="other messages in the same form, a JSON object a line")
    parser.add_argument("--confusion", action="store_true", help="how often each category was taken for another")
    parser.add_argument("--misses", action="store_true", help="list what is not right; never of the unseen half")
    told = parser.parse_args()
    if told.misses and told.file.resolve() == UNSEEN:
        parser.error("the unseen half is never listed: a message that has been read is no longer unseen")
    rows = read(told.file)
    decisions = [judge(row) for row in rows]
    for language in (*LANGUAGES, "all"):
        totals(rows, decisions, language)
    if told.confusion:
        confusion(rows, decisions)
    if told.misses:
        misses(rows, decisions)
    return 0


if __name__ == "__main__":
    sys.exit(main())
