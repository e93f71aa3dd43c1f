"""Segments joined: any order, duplicated, interleaved, incomplete, too many."""

import gc
import pickle
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgcore.encoding.reassembly import IncompleteMessage, ReassembledMessage, Reassembler
from msgcore.encoding.segmentation import segment
from msgcore.encoding.user_data import (
    Concatenation,
    InformationElement,
    UserData,
    UserDataHeader,
    decode_user_data,
)
from msgcore.errors import UserDataError
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


def part(number: int, total: int, units: bytes, alphabet: Alphabet | None = Alphabet.GSM7) -> UserData:
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


def test_what_is_complete_goes_in_order_of_its_completion() -> None:
    reassembler = Reassembler(max_messages=3)
    for sender in "abc":
        add(reassembler, part(1, 2, b"x"), sender=sender)
    for sender in "bac":
        assert add(reassembler, part(2, 2, b"y"), sender=sender) == "xy"
    add(reassembler, part(1, 2, b"x"), sender="d")  # b was complete first: it is forgotten
    assert [add(reassembler, part(1, 2, b"x"), sender=sender) for sender in "ac"] == [None, None]
    assert len(reassembler) == 1
    add(reassembler, part(1, 2, b"x"), sender="b")
    assert [waiting.sender for waiting in reassembler.incomplete()] == ["d", "b"]


def test_what_is_given_up_is_told_with_all_that_came() -> None:
    dropped: list[IncompleteMessage] = []
    reassembler = Reassembler(max_messages=1, on_drop=dropped.append)
    first = parts_of("a" * 400, reference=5)
    add(reassembler, first[2], now=1.0)
    add(reassembler, first[0], now=2.0)
    assert dropped == []
    add(reassembler, part(1, 2, b"x"), now=3.0)
    assert dropped == [IncompleteMessage(SENDER, RECIPIENT, 5, 8, 3, 1.0, (first[0], first[2]))]
    assert dropped[0].missing == (2,)
    assert reassembler.dropped_count == 1


def test_what_was_incomplete_can_be_given_again() -> None:
    parts = parts_of("a" * 400, reference=5)
    reassembler = Reassembler()
    add(reassembler, parts[2], now=1.0)
    add(reassembler, parts[0], now=2.0)
    saved = reassembler.expire(float("inf"))
    assert len(reassembler) == 0
    restarted = Reassembler()
    for message in pickle.loads(pickle.dumps(saved)):
        for segment_of_it in message.segments:
            add(restarted, segment_of_it, sender=message.sender, recipient=message.recipient, now=message.first_seen)
    assert restarted.incomplete() == saved
    assert add(restarted, parts[1], now=3.0) == "a" * 400


def test_what_on_drop_raises_leaves_add_and_nothing_else_breaks() -> None:
    def refuse(message: IncompleteMessage) -> None:
        raise LookupError(message.sender)

    reassembler = Reassembler(max_messages=1, on_drop=refuse)
    add(reassembler, part(1, 2, b"x"), sender="a")
    with pytest.raises(LookupError, match="a"):
        add(reassembler, part(1, 2, b"y"), sender="b")
    assert (len(reassembler), reassembler.dropped_count) == (1, 1)
    assert add(reassembler, part(2, 2, b"z"), sender="b") == "yz"


def test_on_drop_may_call_the_reassembler() -> None:
    seen: list[tuple[str, int]] = []

    def look(message: IncompleteMessage) -> None:
        seen.append((message.sender, len(reassembler)))
        if message.sender == "a":
            add(reassembler, part(2, 2, b"b"), sender="c")
            reassembler.expire(0.0)

    reassembler = Reassembler(max_messages=1, on_drop=look)
    add(reassembler, part(1, 2, b"x"), sender="a")
    add(reassembler, part(1, 2, b"a"), sender="b")
    assert seen == [("a", 1), ("b", 1)]
    assert [waiting.sender for waiting in reassembler.incomplete()] == ["c"]


def test_a_segment_that_completes_a_message_never_drops_another() -> None:
    reassembler = Reassembler(max_octets=10)
    add(reassembler, part(1, 2, b"12345"), sender="old")
    add(reassembler, part(1, 2, b"12345"), sender="new")
    assert add(reassembler, part(2, 2, b"67890"), sender="new") == "1234567890"
    assert (len(reassembler), reassembler.dropped_count) == (1, 0)


@pytest.mark.parametrize(
    ("bounds", "reason"),
    [
        ({"max_messages": 0}, "must be at least 1"),
        ({"max_octets": 0}, "must be at least 1"),
        ({"expire_after_seconds": 0.0}, "must be positive"),
        ({"expire_after_seconds": float("nan")}, "must be positive"),
        ({"remember_seconds": -1.0}, "not negative"),
        ({"remember_seconds": float("nan")}, "not negative"),
    ],
)
def test_bounds_make_sense(bounds: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Reassembler(**bounds)
    with pytest.raises(TypeError, match="on_drop must be callable, not int"):
        Reassembler(on_drop=5)  # type: ignore[arg-type]


def test_a_complete_message_is_remembered_from_its_completion_on() -> None:
    reassembler = Reassembler(expire_after_seconds=60.0)
    add(reassembler, part(1, 2, b"a"), now=0.0)
    assert add(reassembler, part(2, 2, b"b"), now=50.0) == "ab"
    assert add(reassembler, part(1, 2, b"a"), now=109.0) is None
    assert (len(reassembler), reassembler.duplicate_count) == (0, 1)
    add(reassembler, part(1, 2, b"a"), now=110.0)
    assert (len(reassembler), reassembler.duplicate_count) == (1, 1)


def test_the_same_message_sent_again_is_kept_when_the_first_is_forgotten() -> None:
    """An alarm every hour, by software that takes reference 0 every time."""
    alarm = [part(1, 2, b"water "), part(2, 2, b"rises")]
    for remember, expected in ((None, 1), (600.0, 24)):
        reassembler = Reassembler(remember_seconds=remember)
        found = [add(reassembler, item, now=hour * 3600.0) for hour in range(24) for item in alarm]
        assert found.count("water rises") == expected
        assert reassembler.duplicate_count == 2 * (24 - expected)


def test_a_reference_used_again_and_again_still_knows_repetitions() -> None:
    reassembler = Reassembler()
    for index in range(300):
        assert add(reassembler, part(1, 2, b"%03d" % index)) is None
        assert add(reassembler, part(2, 2, b"!")) == f"{index:03}!"
    for index in range(300):
        assert add(reassembler, part(1, 2, b"%03d" % index)) is None
    assert (len(reassembler), reassembler.duplicate_count) == (0, 300)


def test_messages_that_end_alike_are_all_complete_whatever_their_reference() -> None:
    reassembler = Reassembler()
    end = part(2, 2, b" is your code")
    for code in (b"123456", b"234567"):
        assert add(reassembler, part(1, 2, code)) is None
        assert add(reassembler, end) == code.decode() + " is your code"
    assert add(reassembler, end) is None
    assert (len(reassembler), reassembler.duplicate_count) == (0, 1)


def test_a_clock_that_is_put_back_stands_still() -> None:
    reassembler = Reassembler(expire_after_seconds=60.0)
    add(reassembler, part(1, 2, b"a"), sender="x", now=100.0)
    add(reassembler, part(1, 2, b"b"), sender="y", now=40.0)
    assert [waiting.first_seen for waiting in reassembler.incomplete()] == [100.0, 100.0]
    assert reassembler.expire(159.0) == []
    assert add(reassembler, part(2, 2, b"b"), sender="y", now=-1e9) == "bb"
    assert [waiting.sender for waiting in reassembler.expire(160.0)] == ["x"]


def test_asking_what_has_expired_does_not_move_the_clock() -> None:
    reassembler = Reassembler(expire_after_seconds=60.0)
    assert reassembler.expire(float("inf")) == []
    add(reassembler, part(1, 2, b"a"), now=5.0)
    assert [waiting.first_seen for waiting in reassembler.incomplete()] == [5.0]


@pytest.mark.parametrize("now", [float("nan"), float("inf"), float("-inf")])
def test_a_time_is_a_number_of_seconds(now: float) -> None:
    reassembler = Reassembler()
    with pytest.raises(ValueError, match="now must be a finite number of seconds"):
        add(reassembler, part(1, 2, b"a"), now=now)
    with pytest.raises(ValueError, match="now must be a number of seconds"):
        reassembler.expire(float("nan"))
    assert len(reassembler) == 0


@given(st.permutations(range(1, 256)))
def test_255_segments_come_in_any_order(numbers: list[int]) -> None:
    reassembler = Reassembler()
    *before, last = numbers
    for number in before:
        assert add(reassembler, part(number, 255, b"%03d" % number)) is None
    (waiting,) = reassembler.incomplete()
    assert waiting.missing == (last,)
    assert add(reassembler, part(last, 255, b"%03d" % last)) == "".join(f"{number:03}" for number in range(1, 256))


def test_8_bit_data_is_joined_and_not_read() -> None:
    reassembler = Reassembler()
    header = UserDataHeader.decode(bytes.fromhex("0b0504158115810003070201"))
    second = UserDataHeader.decode(bytes.fromhex("0b0504158115810003070202"))
    parties = {"sender": SENDER, "recipient": RECIPIENT, "now": 0.0}
    assert reassembler.add(UserData(None, b"\xff\x00", header), **parties) is None  # type: ignore[arg-type]
    assert reassembler.incomplete()[0].texts == {1: None}
    message = reassembler.add(UserData(None, b"\x1b", second), **parties)  # type: ignore[arg-type]
    assert message == ReassembledMessage(SENDER, RECIPIENT, None, b"\xff\x00\x1b", header)
    assert message.concatenation == Concatenation(7, 8, 2, 1)
    assert message.header.elements[0] == InformationElement(0x05, bytes.fromhex("15811581"))


def test_data_among_text_is_data() -> None:
    reassembler = Reassembler()
    add(reassembler, part(1, 2, b"ab"))
    message = reassembler.add(part(2, 2, b"\xff", None), sender=SENDER, recipient=RECIPIENT, now=0.0)
    assert message is not None
    assert (message.text, message.data) == (None, b"ab\xff")


def test_text_longer_than_any_buffer_is_joined() -> None:
    """Units made by hand have any size; segments from the network do not."""
    reassembler = Reassembler()
    add(reassembler, part(1, 2, b"a" * 10_000_000))
    assert add(reassembler, part(2, 2, b"b" * 5_000_000)) == "a" * 10_000_000 + "b" * 5_000_000
    assert add(reassembler, part(1, 2, "é".encode("utf-16-be") * 5000, Alphabet.UCS2)) is None
    assert add(reassembler, part(2, 2, "中".encode("utf-16-be") * 5000, Alphabet.UCS2)) == "é" * 5000 + "中" * 5000


def test_octets_are_taken_as_user_data_is() -> None:
    text = "a€" * 200
    one, other = Reassembler(), Reassembler()
    for item in segment(text, reference=5):
        found = one.add_octets(
            item.user_data,
            item.user_data_length,
            item.alphabet,
            has_header=True,
            sender=SENDER,
            recipient=RECIPIENT,
            now=0.0,
        )
        data = decode_user_data(item.user_data, item.user_data_length, item.alphabet, has_header=True)
        assert found == other.add(data, sender=SENDER, recipient=RECIPIENT, now=0.0)
        assert one.incomplete() == other.incomplete()
    assert found is not None
    assert found.text == text


def test_broken_octets_are_refused_and_nothing_is_taken() -> None:
    reassembler = Reassembler()
    with pytest.raises(UserDataError, match=r"header\.element\.data, octet 3") as caught:
        reassembler.add_octets(
            bytes.fromhex("0400030102"), 9, Alphabet.GSM7, has_header=True, sender="a", recipient="b", now=0.0
        )
    assert (caught.value.field, caught.value.offset) == ("header.element.data", 3)
    assert len(reassembler) == 0


class Name(str):
    """A string that thinks that it equals every other one."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = str.__hash__


def test_parties_are_strings_and_what_a_subclass_overrides_does_not_count() -> None:
    reassembler = Reassembler()
    add(reassembler, part(1, 2, b"a"), sender=Name("x"))
    assert add(reassembler, part(2, 2, b"b"), sender=Name("y")) is None
    assert add(reassembler, part(2, 2, b"b"), sender="x") == "ab"
    strangers: list[dict[str, Any]] = [{"sender": None}, {"recipient": 5}]
    for parties in strangers:
        with pytest.raises(TypeError, match="must be str, not"):
            add(reassembler, part(1, 2, b"a"), **parties)
    with pytest.raises(TypeError):
        reassembler.add(b"x", sender="a", recipient="b", now=0.0)  # type: ignore[arg-type]


def test_records_have_equality_hash_and_pickle() -> None:
    header = UserDataHeader.decode(bytes.fromhex("050003070201"))
    messages = [
        ReassembledMessage("a", "b"),
        ReassembledMessage("a", "b", "text"),
        ReassembledMessage("a", "c", "text"),
        ReassembledMessage("a", "b", None, b"data"),
        ReassembledMessage("a", "b", "text", None, header),
        IncompleteMessage("a", "b", 5, 8, 2, 1.5, (part(1, 2, b"x"),)),
        IncompleteMessage("a", "b", 5, 8, 2, 2.5, (part(1, 2, b"x"),)),
        IncompleteMessage("a", "b", 5, 8, 2, 1.5, (part(2, 2, b"x"),)),
    ]
    for index, one in enumerate(messages):
        assert pickle.loads(pickle.dumps(one)) == one
        assert hash(pickle.loads(pickle.dumps(one))) == hash(one)
        assert type(one).__name__ in repr(one)
        assert [one == other for other in messages] == [index == place for place in range(len(messages))]
        assert [one != other for other in messages] == [index != place for place in range(len(messages))]
    with pytest.raises(TypeError, match="segments must be UserData, not bytes"):
        IncompleteMessage("a", "b", 5, 8, 2, 1.5, (b"x",))  # type: ignore[arg-type]


def test_segments_are_let_go_of_when_their_message_is() -> None:
    """Counted by the interpreter: what queues own must not stay for ever, nor be let go of twice."""
    parts = [part(1, 2, b"abcdef"), part(2, 2, b"ghijkl"), part(1, 3, b"mnopqr")]
    before = [sys.getrefcount(parts[index]) for index in range(3)]

    def counts() -> list[int]:
        return [sys.getrefcount(parts[index]) - before[index] for index in range(3)]

    reassembler = Reassembler(max_messages=2)
    for index in range(3):
        add(reassembler, parts[index])
    assert counts() == [1, 1, 1]
    add(reassembler, parts[0], sender="x")  # what is complete goes
    assert counts() == [1, 0, 1]
    add(reassembler, parts[0], sender="y")  # then what has waited longest
    assert counts() == [2, 0, 0]
    reassembler.expire(float("inf"))
    assert counts() == [0, 0, 0]
    for index in range(3):
        add(reassembler, parts[index])
    assert counts() == [1, 1, 1]
    del reassembler
    assert counts() == [0, 0, 0]


def test_a_reassembler_in_a_cycle_is_collected_with_all_that_waits() -> None:
    item = part(1, 2, b"abcdef")
    before = sys.getrefcount(item)
    holder: list[Any] = []
    holder.append(Reassembler(on_drop=holder.append))
    add(holder[0], item)
    assert sys.getrefcount(item) == before + 1
    del holder
    gc.collect()
    assert sys.getrefcount(item) == before
