"""The catalogue: what is there, how it is filled in, what it refuses."""

from pathlib import Path

import pytest

from deskd.domain.words import Language
from deskd.texts import TextError, load

HOUSE = {"brand": "UPay", "hotline": "95000"}
VALUES = {
    "code": "UP-7K3M-9QXD",
    "due": "今天 14:30（北京时间）",
    "summary": "s",
    "missing": "m",
    "date": "d",
    "link": "",
}
SIMPLIFIED_ONLY = set("们这说请时间没为发问给钱转验码户电话现让银对开关实紧监号录单点别账册邮处复")


def test_every_text_of_the_spine_is_there() -> None:
    numbers = {t.number for t in load()}
    assert {"T1", "T5", "T14", "T15", "T16", "T17", "T18", "T22", "T23", "T26"} <= numbers


def test_every_variant_renders_and_says_what_we_never_ask() -> None:
    catalogue = load(house=HOUSE)
    for text in catalogue:
        for channel, language in text.variants:
            rendered = catalogue.render(text.name, language, channel, **VALUES)
            assert "{" not in rendered.subject + rendered.text
            assert "[[" not in rendered.text
            assert "UPay" in rendered.text or channel == "chat"  # there its one line stands under our own name
            assert "\n" not in rendered.subject


def test_an_acknowledgement_names_code_and_time() -> None:
    rendered = load(house=HOUSE).render(
        "acknowledgement", Language.EN, "email", code="UP-7K3M-9QXD", due="today 14:30 (UTC+8)"
    )
    assert "UP-7K3M-9QXD" in rendered.subject
    assert "no later than today 14:30 (UTC+8)" in rendered.text
    assert "follow it here" not in rendered.text


def test_an_optional_part_stands_only_with_its_value() -> None:
    catalogue = load(house=HOUSE)
    said = catalogue.render("acknowledgement", Language.EN, "email", link="https://upay.example/s/x", code="c", due="d")
    assert "You can follow it here: https://upay.example/s/x" in said.text
    without = load(house={"brand": "UPay"}).render("emergency", Language.EN, "email", code="c", due="d")
    assert "call" not in without.text.split("\n")[2]


def test_traditional_texts_are_written_not_converted() -> None:
    for text in load():
        for (_, language), variant in text.variants.items():
            if language is Language.ZH_HANT:
                assert not SIMPLIFIED_ONLY & set(variant.subject + variant.text), text.name


def test_a_value_is_put_in_as_it_is() -> None:
    rendered = load(house=HOUSE).render(
        "closing", Language.EN, "email", code="c", date="d", summary="{code} [[x]] \x00\\1"
    )
    assert "c is done: {code} [[x]] \\1" in rendered.text


def test_a_line_break_in_a_value_never_reaches_the_subject() -> None:
    rendered = load(house=HOUSE).render(
        "acknowledgement", Language.EN, "email", code="c\r\nBcc: x@example.com", due="d"
    )
    assert "\n" not in rendered.subject
    assert "\r" not in rendered.subject


def test_what_cannot_be_said_is_refused_with_a_sentence() -> None:
    catalogue = load(house=HOUSE)
    with pytest.raises(TextError, match="no text named nothing"):
        catalogue.render("nothing", Language.EN, "email")
    with pytest.raises(TextError, match="needs a value for"):
        catalogue.render("acknowledgement", Language.EN, "email", code="c")
    with pytest.raises(TextError, match="no variable"):
        catalogue.render("acknowledgement", Language.EN, "email", code="c", due="d", subject="yours")
    with pytest.raises(TextError, match="no zh-Hant for fax"):
        catalogue.render("acknowledgement", Language.ZH_HANT, "fax", code="c", due="d")
    assert not catalogue.has("closing", "form")
    assert catalogue.has("closing", "email")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("number = ", "bad.toml"),
        ("number = 1", "number must be given as str"),
        ('number = "T"\nversion = 1\nowner = "o"\nlevel = "secret"', "level is open or proved"),
        ('number = "T"\nversion = 1\nowner = "o"\nlevel = "open"\ncolour = "red"', "colour is no known key"),
        ('number = "T"\nversion = 1\nowner = "o"\nlevel = "open"\n[email.fr]\ntext = "x"', "has fr"),
        ('number = "T"\nversion = 1\nowner = "o"\nlevel = "open"\n[email.en]\nbody = "x"', "holds subject and text"),
    ],
)
def test_a_malformed_file_is_refused_by_name(tmp_path: Path, content: str, sentence: str) -> None:
    (tmp_path / "bad.toml").write_text(content, encoding="utf-8")
    with pytest.raises(TextError, match=sentence) as refused:
        load(tmp_path)
    assert "bad.toml" in str(refused.value)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TextError, match="no texts"):
        load(tmp_path)
