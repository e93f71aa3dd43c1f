"""The tag that travels: whose attempt it was can be read from it, and the caller's own comes back as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgcore.delivery import MAX_CALLER_TAG_CHARACTERS, WireTag, check_caller_tag, read_wire_tag, wire_key, wire_tag
from msgcore.errors import LocalError, MessageError
from msgcore.wire.rules import MAX_TAG_CHARACTERS

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
MARKS = st.sampled_from(["~m1.", "~m1.k.1", "x~m1.k.1", "~m1", "~", "~m1.~m1.k.2"])
TAGS = st.none() | st.lists(TEXT | MARKS, min_size=1).map("".join).filter(bool).map(
    lambda tag: tag[:MAX_CALLER_TAG_CHARACTERS]
)
KEYS = TEXT.filter(bool) | st.from_regex(r"[A-Za-z0-9_-]{1,40}", fullmatch=True)


@given(TAGS, KEYS, st.integers(1, 999_999_999))
def test_what_was_written_is_read_back(tag: str | None, key: str, attempt: int) -> None:
    travelled = wire_tag(tag, key, attempt)
    assert len(travelled) <= MAX_TAG_CHARACTERS
    assert read_wire_tag(travelled) == WireTag(tag, wire_key(key), attempt)


@given(KEYS, KEYS)
def test_two_keys_never_share_a_form(one: str, other: str) -> None:
    assert (wire_key(one) == wire_key(other)) == (one == other)


@given(TEXT | st.from_regex(r".{0,5}~m1\.[A-Za-z0-9=_.-]{0,40}", fullmatch=True))
def test_whatever_is_read_as_ours_is_what_we_would_write(tag: str) -> None:
    found = read_wire_tag(tag)
    if found is not None and not found.key.startswith("="):
        assert wire_tag(found.caller, found.key, found.attempt) == tag


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        (None, None),
        ("", None),
        ("blue", None),
        ("~m1.k.1", WireTag(None, "k", 1)),
        ("a~m1.k.1", WireTag("a", "k", 1)),
        ("a~m1.k.1~m1.own.2", WireTag("a~m1.k.1", "own", 2)),
        ("a\n~m1.k.1", WireTag("a\n", "k", 1)),
        ("~m1.k.0", None),
        ("~m1.k.01", None),
        ("~m1.k.1 ", None),
        ("~m1.k.1\n", None),
        ("~m1.k.\u0661", None),
        ("~m1..1", None),
        ("~m1." + "k" * 27 + ".1", None),
        ("~m1.=" + "a" * 24 + ".1", WireTag(None, "=" + "a" * 24, 1)),
        ("~m1.=" + "a" * 23 + ".1", None),
        ("~m2.k.1", None),
        ("x" * 985 + "~m1.k.1", None),
    ],
)
def test_only_what_is_exactly_ours_is_read(tag: str | None, expected: WireTag | None) -> None:
    assert read_wire_tag(tag) == expected


@pytest.mark.parametrize("key", ["order 17", "\u00e9", "k" * 27, "+19195550123", "a.b", "=abc"])
def test_a_key_that_is_long_or_not_plain_travels_as_a_digest(key: str) -> None:
    assert len(wire_key(key)) == 25
    assert wire_key(key).startswith("=")


def test_a_caller_has_984_characters() -> None:
    check_caller_tag("x" * 984)
    with pytest.raises(MessageError, match="985 characters, at most 984"):
        wire_tag("x" * 985, "k", 1)


@pytest.mark.parametrize("attempt", [0, -1, 1_000_000_000])
def test_an_attempt_has_a_number_that_fits(attempt: int) -> None:
    with pytest.raises(LocalError, match="attempt"):
        wire_tag(None, "k", attempt)
