import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transports.cli.report_page.markup import Markup, element, foreign, joined, visible

HOSTILE = st.text(st.characters(), max_size=60) | st.sampled_from(
    ["</style><script>alert(1)</script>", "]]>", "<!--", "&amp;", "\x00\x1b[31m", "\ud800", "\uffff", "\"'><img src=x>"]
)


@given(HOSTILE, HOSTILE)
def test_whatever_the_text_a_parser_reads_it_back_and_nothing_else(text: str, value: str) -> None:
    page = str(element("p", foreign(text), title=value))
    page.encode()  # no half of a surrogate pair is left
    tree = ElementTree.fromstring(page)
    assert [child.tag for child in tree] == ["bdi"]
    assert list(tree.attrib) == ["title"]
    read = "".join(tree.itertext())
    kept = [character for character in text if character not in "\r\n"]
    assert len([character for character in read if character not in "\r\n"]) == len(kept)
    assert all(a in (b, "\ufffd") for a, b in zip(read.replace("\n", ""), kept, strict=True))


def test_only_markup_is_not_escaped() -> None:
    assert joined("<b>", Markup("<br/>"), None) == "&lt;b&gt;<br/>"


@pytest.mark.parametrize(
    "character, shown",
    [("é", "é"), ("\u0301", "\u25cc\u0301"), ("\u200b", ""), ("\x07", ""), (" ", ""), ("e\u0301", "e\u0301")],
)
def test_a_character_is_shown_by_what_has_a_shape(character: str, shown: str) -> None:
    assert visible(character) == shown
