"""Every parser in the table gives what it promises for whatever it is fed, with bounded work."""

import ast
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from fuzz.table import ROWS, Row

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("channels", "ingest", "router", "sla", "deskd")
PARSES = re.compile(r"(?:parse|read|load|decode|split)(?:_|$)")
"""A public function is a parser by its own name, or by its module's: everything in a parse.py is one."""

EXAMPLES = 500 if os.environ.get("DESKD_ALL") == "1" else 50
CALLS, CALLS_A_CHARACTER = 60_000, 120  # of functions, ours and built in: what is looked at once a character has these
GROWTH = 3.0  # how much dearer a character may get when there are four times as many; of quadratic work it is four
SMALL = 4_000  # characters of the smaller input
WORTH_MEASURING_S = 0.01


def name(row: Row) -> str:
    return row.of[0]


@pytest.mark.parametrize("row", ROWS, ids=name)
def test_it_gives_its_shape_or_its_declared_error_with_bounded_work(row: Row) -> None:
    for seed in row.seeds:
        attempt(row, seed)  # what is compiled or read at first use is not the input's work

    @settings(max_examples=EXAMPLES, deadline=None)
    @given(row.drawn)
    def holds(drawn: Any) -> None:
        calls = counted(lambda: attempt(row, drawn))
        size = sum(len(part or "") for part in (drawn if isinstance(drawn, tuple) else (drawn,)))
        assert calls <= CALLS + CALLS_A_CHARACTER * size

    holds()


@pytest.mark.parametrize("row", [row for row in ROWS if row.seeds], ids=name)
def test_four_times_the_input_is_not_sixteen_times_the_work(row: Row) -> None:
    """CPU time of one thread, the better of two, since a regular expression's work can be counted by nothing else."""
    for seed in row.seeds:
        for part in (seed, seed[-7:], seed[len(seed) // 2 : len(seed) // 2 + 2]):
            if not part:
                continue
            small = part * (SMALL // len(part) + 1)
            few, many = cpu(row, small), cpu(row, small * 4)
            assert many < max(few * 4 * GROWTH, WORTH_MEASURING_S), f"{part[:40]!r}: {few:.3f} s, then {many:.3f} s"


def attempt(row: Row, drawn: Any) -> None:
    try:
        result = row.call(drawn)
    except row.raises:
        return
    assert row.fits(result), type(result)


def counted(work: Callable[[], None]) -> int:
    calls = 0

    def call(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(call)
    try:
        work()
    finally:
        sys.setprofile(before)
    return calls


def cpu(row: Row, drawn: Any) -> float:
    best = 60.0
    for _ in range(2):
        begun = time.thread_time()
        attempt(row, drawn)
        best = min(best, time.thread_time() - begun)
    return best


def test_every_parser_is_in_a_row() -> None:
    known = {function for row in ROWS for function in row.of}
    assert sorted(set(parsers()) - known) == []


def parsers() -> Iterator[str]:
    """ "module:function" of every public parser that takes no connection: those read rows, not what others wrote."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            ours = module.endswith(".parse")
            for node in ast.parse(path.read_text("utf-8")).body:
                if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("_"):
                    continue
                given = [ast.unparse(one.annotation) for one in node.args.args if one.annotation is not None]
                of_rows = "Connection" in given
                if (ours or PARSES.match(node.name)) and not of_rows:
                    yield f"{module}:{node.name}"
