"""XML is read safely and written so that any reader finds the same."""

from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgcore.errors import LocalError
from transports.simulator.dashboard.elements import (
    MOST_DEPTH,
    MOST_ELEMENTS,
    Element,
    element,
    optional,
    read_xml,
    write_xml,
)

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
# What XML can carry; ours loses blanks at the ends, as readers of such documents do.
TEXTS = st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cs", "Cn"]), max_size=20).map(str.strip)
TREES = st.recursive(
    st.builds(lambda name, text: Element(name, (), text), NAMES, TEXTS),
    lambda inner: st.builds(lambda name, items: Element(name, tuple(items)), NAMES, st.lists(inner, min_size=1)),
    max_leaves=10,
)


@given(TREES)
def test_what_is_written_is_read_again(tree: Element) -> None:
    assert read_xml(write_xml(tree)) == tree


@given(TREES, st.text(max_size=20))
def test_another_reader_finds_the_same_names_and_no_text_breaks_the_document(tree: Element, text: str) -> None:
    root = fromstring(write_xml(Element("root", (tree, Element("hostile", (), text)))))
    assert [child.tag for child in root] == [tree.name, "hostile"]
    assert not list(root[1])


@given(st.binary(max_size=200) | st.text("<>&;!DOCTYPE ENTITY[]'\"abc/", max_size=60).map(str.encode))
def test_any_document_is_read_or_a_local_error(document: bytes) -> None:
    try:
        tree = read_xml(document)
    except LocalError:
        return
    assert read_xml(write_xml(tree)).name == tree.name


BOMB = b"<!DOCTYPE l [<!ENTITY a 'ha'>" + b"".join(
    b"<!ENTITY %c '%b'>" % (letter + 1, b"&%c;" % letter * 10) for letter in range(97, 107)
) + b"]><l>&k;</l>"  # fmt: skip


@pytest.mark.parametrize(
    "document, reason",
    [
        (BOMB, "document type"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "document type"),
        (b'<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:1/"> %p;]><a/>', "document type"),
        (b"<a>&undefined;</a>", "undefined entity"),
        (b"<a>" * (MOST_DEPTH + 1), "deep"),
        (b"<a>" + b"<b/>" * MOST_ELEMENTS + b"</a>", "elements"),
        (b"<a></b>", "mismatched"),
        (b"", "no element"),
        (b"<a/><b/>", "junk"),
        (b"<a>\0</a>", "not well-formed"),
    ],
)
def test_what_is_dangerous_or_broken_is_refused_with_its_reason(document: bytes, reason: str) -> None:
    with pytest.raises(LocalError, match=reason):
        read_xml(document)


def test_names_match_whatever_their_case_and_prefix() -> None:
    tree = read_xml(b'<n:Order xmlns:n="urn:x"><n:customerorderid n:a="1"> 7 </n:customerorderid></n:Order>')
    assert (tree.name, tree.get("CustomerOrderId")) == ("Order", "7")


def test_a_character_that_no_document_may_hold_is_replaced() -> None:
    assert fromstring(write_xml(element("a", "x\0\x1b\ud800y"))).text == "x���y"


def test_switches_are_read_in_the_words_of_the_documents() -> None:
    tree = read_xml(b"<a><t>true</t><o>on</o><f>FALSE</f><n/><x>maybe</x></a>")
    assert [tree.flag(name) for name in ("t", "o", "f", "n", "none")] == [True, True, False, None, None]
    with pytest.raises(LocalError, match="x: expected true or false, got 'maybe'"):
        tree.flag("x")


def test_empty_texts_are_left_out_where_they_are_optional() -> None:
    assert [optional("a", value) for value in (None, "", 0)] == [None, None, element("a", 0)]
