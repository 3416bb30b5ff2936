"""HTML to the text an agent reads."""

import pytest

from channels.email import markup


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("a<br>b", "a\nb"),
        ("<ul><li>a<li>b</ul>", "- a\n- b"),
        ("<table><tr><td>a<td>b</tr><tr><td>c<td>d</table>", "a b\nc d"),
        ('see <a href="https://x.example/here">here</a>', "see here <https://x.example/here>"),
        ('<a href="https://x.example/">x.example</a>', "x.example"),
        ('<a href="javascript:alert(1)">here</a>', "here"),
        ('<blockquote type="cite">theirs</blockquote>mine', "> theirs\nmine"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ('<img alt="receipt">', "[receipt]"),
        ("a &amp; b&nbsp;c", "a & b\u00a0c"),
    ],
)
def test_structure_becomes_lines(html: str, text: str) -> None:
    assert markup.to_text(html) == text


@pytest.mark.parametrize(
    "hidden",
    [
        '<div style="display:none">secret</div>',
        '<p style="Display : None">secret</p>',
        "<p hidden>secret</p>",
        '<span style="font-size:0">secret</span>',
        '<span style="font-size:0px;color:red">secret</span>',
        "<script>secret</script>",
        "<style>secret</style>",
        "<title>secret</title>",
        "<!-- secret -->",
        '<i style="visibility:hidden">secret</i>',
    ],
)
def test_hidden_text_is_not_read(hidden: str) -> None:
    assert markup.to_text(f"shown {hidden} shown").split() == ["shown", "shown"]


def test_words_in_broken_markup_are_not_lost() -> None:
    text = markup.to_text("<p><b>one<p>two</b><table>three<td>four</div>")
    assert all(word in text for word in ("one", "two", "three", "four"))


def test_a_page_beyond_the_limit_keeps_its_words() -> None:
    text = markup.to_text("<script>no</script>" + "<p>word</p>" * (markup.MAX_TAGS // 2 + 1))
    assert text.split() == ["word"] * (markup.MAX_TAGS // 2 + 1)


def test_our_marks_can_not_be_planted() -> None:
    assert markup.lines("<p>a\ue000b</p>") == "ab"
