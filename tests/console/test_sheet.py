"""The sheet: what it says about its own colours is so."""

import re

import pytest

from deskd.console.render import HERE

SHEET = (HERE / "static" / "desk.css").read_text("utf-8")
ROOTS = [
    dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+)", root)) for root in re.findall(r":root \{(.*?)\}", SHEET, re.DOTALL)
]
TEXT = [  # what is written on what
    *((ink, ground) for ink in ("ink", "soft", "blue") for ground in ("paper", "ground", "blue-wash", "amber-wash")),
    *((ink, ground) for ink in ("red", "amber", "green") for ground in ("paper",)),
    ("red", "red-wash"),
    ("ink", "red-wash"),
    ("amber", "amber-wash"),
    ("on-blue", "blue"),
]
EDGES = [("edge", "paper"), ("focus", "paper"), ("focus", "ground")]  # what bounds a field or shows the focus: 3 to 1


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("colours", ROOTS, ids=["light", "dark"])
def test_every_pair_of_colours_can_be_read(colours: dict[str, str]) -> None:
    assert {p: round(c, 2) for p in TEXT if (c := contrast(colours[p[0]], colours[p[1]])) < 4.5} == {}
    assert {p: round(c, 2) for p in EDGES if (c := contrast(colours[p[0]], colours[p[1]])) < 3} == {}


def test_both_schemes_name_the_same_colours_and_nothing_else_is_a_colour() -> None:
    light, dark = ROOTS
    assert set(light) == set(dark)
    assert re.findall(r"#[0-9a-f]{3,8}\b", SHEET.partition("* { box-sizing")[2]) == []


def test_nothing_is_fetched_from_elsewhere() -> None:
    assert "url(" not in SHEET
    assert "@import" not in SHEET
