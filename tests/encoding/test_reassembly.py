"""Segments joined: any order, duplicated, interleaved, incomplete, too many."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgcore.encoding.reassembly import ReassembledMessage, Reassembler
from msgcore.encoding.segmentation import segment
from msgcore.encoding.user_data import InformationElement, UserData, UserDataHeader, decode_user_data
from msgcore.tables.alphabets import Alphabet
from tests.reference.strategies import boundaries, cuttable_texts, reference_widths

SENDER, RECIPIENT = "+19195550100", "+19195550123"


def parts_of(text: str, **options: Any) -> list[UserData]:
    return [
        decode_user_data(part.user_data, part.user_data_length, part.alphabet, has_header=bool(part.header))
        for part in segment(text, **options)
    ]


def add(reassembler: Reassembler, part: UserData, now: float = 0.0, **parties: str) -> str | None:
    message = reassembler.add(part, **{"sender": SENDER, "recipient": RECIPIENT, **parties}, now=now)
    return None if message is None else message.text


def part(number: int, total: int, units: bytes, alphabet: Alphabet = Alphabet.GSM7) -> UserData:
    header = UserDataHeader((InformationElement(0x00, bytes((9, total, number))),))
    return UserData(alphabet, units, header)


@given(cuttable_texts, boundaries, reference_widths, st.randoms(use_true_random=False))
def test_any_order_with_duplicates_gives_the_text_once(text: str, boundary: Any, bits: Any, random: Any) -> None:
    parts = parts_of(text, boundary=boundary, reference_bits=bits, reference=5)
    if len(parts) == 1:
        parts = parts[:1]
    else:
        parts = parts * 2
        random.shuffle(parts)
    reassembler = Reassembler()
    assert [found for item in parts if (found := add(reassembler, item)) is not None] == [text]
    assert len(reassembler) == 0


def test_a_message_in_one_segment_is_whole_at_once() -> None:
    (only,) = parts_of("hello")
    assert Reassembler().add(only, sender="a", recipient="b", now=0.0) == ReassembledMessage("a", "b", "hello")


def test_an_invalid_concatenation_element_is_ignored() -> None:
    assert add(Reassembler(), part(3, 2, b"abc")) == "abc"


def test_what_is_missing_is_said() -> None:
    reassembler = Reassembler()
    parts = parts_of("a" * 400, reference=5)
    add(reassembler, parts[1], now=3.0)
    (waiting,) = reassembler.incomplete()
    assert (waiting.sender, waiting.recipient) == (SENDER, RECIPIENT)
    assert (waiting.reference, waiting.reference_bits, waiting.total) == (5, 8, 3)
    assert waiting.missing == (1, 3)
    assert waiting.texts == {2: "a" * 153}
    assert waiting.first_seen == 3.0
    assert len(reassembler) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"sender": "+19195550199"},
        {"recipient": "+19195550199"},
        {"reference": 6},
        {"reference_bits": 16},
        {"text": "b" * 400},
    ],
)
def test_messages_do_not_mix(other: dict[str, Any]) -> None:
    """Two messages that differ in one thing arrive segment by segment in turn."""
    parties = {name: other.pop(name) for name in ("sender", "recipient") if name in other}
    text = other.pop("text", "c" * 200)
    reassembler = Reassembler()
    ours = parts_of("a" * 200, reference=5)
    theirs = parts_of(text, **{"reference": 5, **other})
    assert add(reassembler, ours[0]) is None
    assert add(reassembler, theirs[0], **parties) is None
    assert add(reassembler, ours[1]) == "a" * 200
    assert [add(reassembler, item, **parties) for item in theirs[1:]][-1] == text


def test_an_escape_pair_and_a_surrogate_pair_cut_by_others_are_joined() -> None:
    reassembler = Reassembler()
    assert add(reassembler, part(1, 2, b"a\x1b")) is None
    assert add(reassembler, part(2, 2, b"\x65b")) == "a€b"
    assert add(reassembler, part(2, 2, bytes.fromhex("de00"), Alphabet.UCS2)) is None
    assert add(reassembler, part(1, 2, bytes.fromhex("d83d"), Alphabet.UCS2)) == "😀"


def test_segments_in_different_alphabets_are_decoded_each_in_its_own() -> None:
    reassembler = Reassembler()
    add(reassembler, part(1, 2, b"ab"))
    assert add(reassembler, part(2, 2, "中".encode("utf-16-be"), Alphabet.UCS2)) == "ab中"


def test_a_late_duplicate_of_a_complete_message_does_not_open_one() -> None:
    reassembler = Reassembler()
    parts = parts_of("a" * 200, reference=5)
    add(reassembler, parts[0])
    add(reassembler, parts[1])
    assert add(reassembler, parts[1], now=10.0) is None
    assert add(reassembler, parts[0], now=10.0) is None
    assert len(reassembler) == 0


def test_the_same_number_with_other_octets_opens_a_new_message() -> None:
    reassembler = Reassembler()
    assert add(reassembler, part(1, 2, b"old 1 ")) is None
    assert add(reassembler, part(1, 2, b"new 1 ")) is None
    assert add(reassembler, part(1, 2, b"old 1 ")) is None  # still a duplicate
    assert add(reassembler, part(2, 2, b"new 2")) == "new 1 new 2"
    assert [(waiting.missing, waiting.texts) for waiting in reassembler.incomplete()] == [((2,), {1: "old 1 "})]


def test_a_reference_can_be_used_again_after_completion() -> None:
    reassembler = Reassembler()
    for text in ("first", "other"):
        assert add(reassembler, part(1, 2, text.encode())) is None
        assert add(reassembler, part(2, 2, text.encode())) == text * 2


def test_what_is_too_old_expires_and_is_handed_out_once() -> None:
    reassembler = Reassembler(expire_after_seconds=60.0)
    add(reassembler, part(1, 2, b"lost"), now=0.0)
    add(reassembler, part(1, 2, b"young"), now=30.0, sender="other")
    assert reassembler.expire(59.9) == []
    assert [waiting.texts for waiting in reassembler.expire(60.0)] == [{1: "lost"}]
    assert reassembler.expire(60.0) == []
    assert len(reassembler) == 1


def test_an_expired_message_takes_no_more_segments() -> None:
    reassembler = Reassembler(expire_after_seconds=60.0)
    add(reassembler, part(1, 2, b"old"), now=0.0)
    assert add(reassembler, part(2, 2, b"new"), now=60.0) is None
    assert len(reassembler) == 2


def test_a_duplicate_after_expiry_is_a_new_message() -> None:
    reassembler = Reassembler(expire_after_seconds=60.0)
    for now in (0.0, 100.0):
        assert add(reassembler, part(1, 2, b"a"), now=now) is None
        assert add(reassembler, part(2, 2, b"b"), now=now) == "ab"


def test_memory_is_bounded_by_messages_and_complete_ones_go_first() -> None:
    reassembler = Reassembler(max_messages=2)
    add(reassembler, part(1, 2, b"lost"), sender="a")
    add(reassembler, part(1, 2, b"x"), sender="b")
    add(reassembler, part(2, 2, b"y"), sender="b")
    add(reassembler, part(1, 2, b"z"), sender="c")  # b is complete: it goes
    assert reassembler.dropped_count == 0
    assert [waiting.sender for waiting in reassembler.incomplete()] == ["a", "c"]
    add(reassembler, part(1, 2, b"z"), sender="d")
    assert reassembler.dropped_count == 1
    assert [waiting.sender for waiting in reassembler.incomplete()] == ["c", "d"]


def test_memory_is_bounded_by_octets() -> None:
    reassembler = Reassembler(max_octets=250)
    for sender in "abc":
        add(reassembler, part(1, 2, bytes(100)), sender=sender)
    assert [waiting.sender for waiting in reassembler.incomplete()] == ["b", "c"]
    assert reassembler.dropped_count == 1


def test_a_message_larger_than_the_bound_is_dropped_and_nothing_breaks() -> None:
    reassembler = Reassembler(max_octets=10)
    assert add(reassembler, part(1, 2, bytes(100))) is None
    assert (len(reassembler), reassembler.dropped_count) == (0, 1)


@pytest.mark.parametrize("bounds", [{"max_messages": 0}, {"max_octets": 0}])
def test_bounds_are_at_least_one(bounds: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must be at least 1"):
        Reassembler(**bounds)
