"""HTML to the text an agent reads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email import marks, markup


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
    text = markup.to_text("<script>no</script>" + "<p>word</p>" * (marks.MAX_TAGS // 2 + 1))
    assert text.split() == ["word"] * (marks.MAX_TAGS // 2 + 1)


WORDS = st.sampled_from(["words", "> ", ">", "&gt; ", "&#62; ", "\n", "\r", " ", "\f", "On 5 Jan 2026 A wrote:"])
TAGS = st.sampled_from(
    ["p", "/p", "br", "pre", "/pre", "!-- --", "b", "/b", "table", "td", "blockquote", "/blockquote"]
)
QUOTING = st.sampled_from(
    [
        "blockquote type=cite",
        "div class=gmail_quote",
        "div id=divRplyFwdMsg",
        "div style='border-top:solid #E1E1E1 1pt'",
    ]
)
PIECES = WORDS | TAGS.map("<{}>".format) | QUOTING.map("<{}>".format)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_a_page_that_may_not_be_marked_is_not_marked(page: str) -> None:
    assert marks.may_be_marked(page) or not marks.is_marked(markup.lines(page))


def test_a_page_without_a_quote_need_not_be_read() -> None:
    assert not marks.may_be_marked("<html><body>\r\n<p>1 &lt; 2, <a href='https://x.example'>so</a></p>\r\n</body>")


def test_our_marks_can_not_be_planted() -> None:
    assert markup.lines("<p>a\ue000b</p>") == "ab"
