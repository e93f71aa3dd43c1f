"""A million calls of every kernel function, good ones and refused ones, and no memory more than before.

How this works. Memory is read three ways: the blocks of CPython's allocator, the octets that malloc has handed out, and
the pages that the process holds. Each is read after a warm-up, in which caches and free lists fill, and after the
million. A reference or a block of memory that is lost once in a thousand calls shows in one of them. What is lost on a
path that no call here takes does not show, nor what is lost once in ten thousand calls. So the calls take every path
that allocates: each width of storage, the stack buffer and the heap, one segment and many, each error.
"""

import ctypes
import gc
import itertools
import os
import pickle
import sys
from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow
import pytest

from msgcore.encoding.user_data import InformationElement
from msgcore.kernel import (
    answers,
    arguments,
    arrow,
    arrow_results,
    clusters,
    column_segments,
    columns,
    cuts,
    estimates,
    headers,
    messages,
    national,
    number_columns,
    numbers,
    outgoing,
    phone_numbers,
    reassembly,
    recipients,
    request_bodies,
    scanning,
    segments,
    septets,
    user_data,
)
from msgcore.numbering.lenient import read_leniently
from msgcore.tables.alphabets import Alphabet
from msgcore.wire import messages as wire_messages
from tests.kernel.test_stubs import MODULES, public_names

CALLS = 1_000_000
REFUSED = CALLS // 10
WARM_UP = 2_000

pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read as Linux tells it"),
    pytest.mark.skipif("libasan" in os.environ.get("LD_PRELOAD", ""), reason="a sanitizer keeps what was freed"),
]

Call = Callable[[], object]


# ------------------------------------------------------------------------------------------------------------ memory


class MallocInfo(ctypes.Structure):
    """``struct mallinfo2`` of glibc."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()
    )


class Memory(NamedTuple):
    blocks: int  # of CPython's allocator
    octets: int  # handed out by malloc; 0 where libc does not tell
    resident: int  # octets of the pages that the process holds

    def since(self, before: "Memory") -> "Memory":
        return Memory(self.blocks - before.blocks, self.octets - before.octets, self.resident - before.resident)

    @property
    def is_nothing(self) -> bool:
        """Whether it is no more than any process grows by."""
        return all(grown <= most for grown, most in zip(self, MOST, strict=True))


MOST = Memory(blocks=200, octets=1 << 16, resident=1 << 20)

LIBC = ctypes.CDLL(None)


def memory() -> Memory:
    gc.collect()
    octets = 0
    if hasattr(LIBC, "mallinfo2"):
        LIBC.mallinfo2.restype = MallocInfo
        found = LIBC.mallinfo2()
        octets = found.uordblks + found.hblkhd
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return Memory(sys.getallocatedblocks(), octets, pages * os.sysconf("SC_PAGESIZE"))


def growth(*calls: Call, count: int = CALLS) -> Memory:
    """Return by how much memory grew over ``count`` calls, shared out evenly.

    What is lost is lost each time, so what grew too much is measured again. What grows once is somebody else's: a
    thread of pytest-xdist keeps hundreds of numbers of tests that another worker takes over.
    """
    repeat(calls, WARM_UP)
    found = growth_over(calls, count)
    if not found.is_nothing:
        found = Memory(*map(min, found, growth_over(calls, count)))
    return found


def growth_over(calls: tuple[Call, ...], count: int) -> Memory:
    before = memory()
    repeat(calls, count // len(calls))
    return memory().since(before)


def growth_of_refused(*calls: Call, count: int = REFUSED) -> Memory:
    return growth(*(partial(refuse, call) for call in calls), count=count)


def repeat(calls: tuple[Call, ...], count: int) -> None:
    for call in calls:
        deque(itertools.starmap(call, itertools.repeat((), count)), maxlen=0)


def refuse(call: Call) -> None:
    """Make a call that must be refused."""
    try:
        call()
    except (TypeError, ValueError, LookupError, AttributeError):
        return
    except Exception as error:
        if type(error).__module__ != "msgcore.errors":
            raise
        return
    raise AssertionError(f"{call} was not refused")


def assert_nothing_is_lost(found: Memory) -> None:
    assert found.is_nothing, f"{found}, at most {MOST}"


# ------------------------------------------------------------------------------------------------------- what is called

TEXTS = ("hello", "10 € {1}", "naïve", "中文", "👩🏽\u200d💻", "e\u0301\r\n")
LONG = ("a" * 200, "ж" * 80, "😀" * 40, "क्षि" * 30)
HALF = "a\ud800"
HEAP = b"a" * 1100  # more septets than the stack buffer takes
ELEMENT = InformationElement(0x05, b"\x23\xf4\0\0")


def each(function: Callable[..., object], *arguments: object, **options: object) -> tuple[Call, ...]:
    """One call for each argument."""
    return tuple(partial(function, argument, **options) for argument in arguments)


def read_all(text: str, **options: Any) -> None:
    """Cut, and ask for everything that is made when asked for."""
    for part in segments.segment(text, **options):
        _ = part.user_data, part.header, part.text, part.alphabet


def make_segmentation() -> object:
    part = segments.Segment("a", Alphabet.GSM7, 1, 1, 1, b"", b"a", 1)
    return segments.Segmentation([part], Alphabet.GSM7, 0, 8)[0]


def add_up() -> object:
    """Count rows of each outcome, good and refused, singly, in lists and in columns, and tell what they come to."""
    tally = estimates.Tally(True, str.upper)
    tally.add("+19195550123", "“" * 80)
    tally.add_lists(["+19195550123", None, "x", "+442079460000"] * 4, ["a", "b", None, "e\u0301ж\u0301" * 40] * 4)
    tally.add_lists(["+442079460000"], ["e\u0301" * 80])
    tally.add_columns(RECIPIENTS, COLUMN)
    tally.merge(tally)
    return tally.figures(), tally.texts(), tally.refused(), tally.concerns()


def add_up_in_vain() -> None:
    tally = estimates.Tally(False, None)
    for numbers_given, texts_given in ((COLUMN, NUMBERS), (None, COLUMN), (COLUMN_WITH_A_LONG_TEXT, COLUMN)):
        refuse(partial(tally.add_columns, numbers_given, texts_given))
    refuse(partial(tally.add_lists, ["+19195550123", 5], ["a", "b"]))  # type: ignore[arg-type]
    tally.add_lists(["+19195550123"], ["a", "b"])


def join_two() -> None:
    """Open, repeat, complete, lend and forget; and what stays incomplete."""
    reassembler = reassembly.Reassembler(max_messages=2)
    add = partial(reassembler.add_octets, sender="a", recipient="b", has_header=True, now=0.0)
    for octets in (
        FIRST,
        FIRST,
        SECOND,
        FIRST,
        FIRST,
        OTHER_SECOND,
        FIRST,
        SECOND,
        b"\5\0\3\x09\2\1\0a",
        b"\6\x08\4\0\x09\3\1\0a",
    ):
        add(octets, len(octets), Alphabet.UCS2)
    refuse(partial(add, b"\5", 1, Alphabet.UCS2))
    assert [message.texts for message in reassembler.incomplete()] == [
        message.texts for message in reassembler.expire(1e9)
    ]


def make_messages() -> object:
    data = user_data.UserData(Alphabet.UCS2, b"\0a", headers.UserDataHeader.decode(FIRST))
    waiting = messages.IncompleteMessage("a", "b", 7, 8, 2, 0.0, [data])
    return waiting.missing, messages.ReassembledMessage("a", "b", "text")


def send_messages() -> object:
    """Make an ordinary one and one that is checked in full, and everything that is made of them."""
    ordinary = outgoing.Message(to=["+19195550123"], from_="+19195550100", text="hello", key="k")
    group = outgoing.Message(to=("+19195550123", "+442079460000"), from_="Bakery", text="naïve")
    for message in (ordinary, group):
        again = outgoing.Message.restored(
            message.to, message.from_, message.text, None, message.media, message.tag, None, None, message.key
        )
        assert (again, hash(again), repr(again)) == (message, hash(message), repr(message))
        refuse(partial(setattr, message, "text", "x"))
    return ordinary.kind, group.replace(text="x"), group.without_content(), group.with_key("k")


ANSWERS = (
    b"HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nx: \xe9\r\ncontent-length: 2\r\n\r\n{}",
    b"HTTP/1.1 202 Accepted\r\nserver: x\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}",
    b"HTTP/1.1 202 Accepted\r\nx: 1\r\nX: 2\r\ncontent-length: 2\r\n\r\n{}",
    b"HTTP/1.1 202 Accepted\r\nserver: x\r\ncontent-length: 3\r\n\r\n{}",
    b"HTTP/1.1 202 Accepted\r\nserver: x\r\nbroken",
)


def look_over_headers() -> object:
    """Look for one header and another that is not there, list them all, and compare them with themselves."""
    whole = answers.read_whole_answer(ANSWERS[0], 200)
    assert whole is not None
    headers = whole[1]
    assert headers == dict(headers)
    assert headers != {}
    refuse(partial(headers.__getitem__, "server"))
    return (
        headers["x"],
        headers.get("date", "none"),
        repr(headers),
        pickle.dumps(headers),
        headers == headers,
        len(headers),
    )


SHORT_BODY = outgoing.Message(to="+19195550123", from_="+19195550100", text='"hi"\n')
LONG_BODY = SHORT_BODY.replace(text="“" * 2000, media=["https://a.example/b"] * 9, tag="\x01" * 999)
LOST_BODY = outgoing.Message.restored((), "", "x" * 2000 + HALF, None, (), None, None, None, None)


def write_header() -> object:
    header = headers.UserDataHeader.decode(FIRST)
    found = header.concatenation
    assert found is not None
    return header.encode(), header.languages, headers.UserDataHeader((found.element(), ELEMENT)).octet_count


def read_number(text: str) -> None:
    found = phone_numbers.parse_number(text)
    for name in ("calling_code", "national_number", "region", "kind", "status", "is_possible", "reason"):
        getattr(found, name)


def hand_over() -> object:
    """A result is taken, and another is left: both must be released."""
    column = columns.count_arrow_segments(COLUMN)
    column.__arrow_c_stream__()
    return pyarrow.array(column)


FIRST, SECOND, OTHER_SECOND = b"\5\0\3\7\2\1\0a", b"\5\0\3\7\2\2\0b", b"\5\0\3\7\2\2\0c"
COLUMN = pyarrow.array([*TEXTS, *LONG, None] * 10)
RECIPIENTS = pyarrow.array((["+19195550123", "+442079460000", "x", None] * len(COLUMN))[: len(COLUMN)])
COLUMN_WITH_A_LONG_TEXT, NUMBERS = pyarrow.array(["a", "ж" * 67 * 256]), pyarrow.array([1, 2])
# What one call does many times over.
TIMES = {
    "arrow": 100,
    "arrow_results": 100,
    "columns": 100,
    "column_segments": 100,
    "estimates": 100,
    "number_columns": 100,
    "outgoing": 10,
    "reassembly": 10,
}

SCANNED = each(scanning.detect, *TEXTS, *LONG)
WRONG: tuple[object, ...] = (None, b"bytes", HALF)

# By name, calls that are answered.
ANSWERED: dict[str, tuple[Call, ...]] = {
    "arguments.integer": (partial(arguments.integer, 5, "number"),),
    "scanning.detect": SCANNED,
    "scanning.scan_units": each(scanning.scan_units, *TEXTS, *LONG),
    "scanning.positions_outside_gsm7": each(scanning.positions_outside_gsm7, *TEXTS),
    "scanning.select_vectors": (partial(scanning.select_vectors, True),),
    "cuts.count_segments": (
        *each(cuts.count_segments, *TEXTS, *LONG),
        *each(cuts.count_segments, "şı" * 90, languages="auto"),
        *each(cuts.count_segments, "hello", elements=(ELEMENT,)),
    ),
    "cuts.measure": (*each(cuts.measure, *TEXTS, *LONG), *each(cuts.measure, "ş{", languages=("turkish",))),
    "segments.segment": (
        *each(read_all, *TEXTS, *LONG),
        *each(read_all, "ş{" * 90, languages=("turkish",), reference_bits=16),
        *each(read_all, "a" * 200, elements=(ELEMENT,)),
    ),
    "segments.Segment": (make_segmentation,),
    "segments.Segmentation": (make_segmentation,),
    "septets.encode_gsm7": each(septets.encode_gsm7, "hello", "10 € {1}", "a" * 2000),
    "septets.decode_gsm7": each(septets.decode_gsm7, b"hello", b"10 \x1b\x65", HEAP),
    "septets.pack_septets": each(septets.pack_septets, b"hello", bytearray(b"a" * 160), fill_bits=1),
    "septets.unpack_septets": each(septets.unpack_septets, bytes(7), memoryview(bytes(140)), septet_count=7),
    "national.decode_national": each(
        national.decode_national, b"\x1b\x73\x07", b"a" * 300, single_shift=1, locking_shift=1
    ),
    "national.encode_national": each(national.encode_national, "ş{", "ş" * 90, single_shift=1, locking_shift=1),
    "numbers.is_e164": each(numbers.is_e164, "+19195550123", "19", "中"),
    "numbers.e164_fault": each(numbers.e164_fault, "+19195550123", "+0"),
    "numbers.alphanumeric_fault": each(numbers.alphanumeric_fault, "Bakery", "中"),
    "numbers.sender_shape": each(numbers.sender_shape, "+19195550100", "72345", "Bakery"),
    "numbers.check_e164": each(numbers.check_e164, "+19195550123"),
    "outgoing.Message": (
        partial(outgoing.Message, to="+19195550123", from_="+19195550100", text="hello"),
        send_messages,
    ),
    "outgoing.finish_messages_with": (
        partial(outgoing.finish_messages_with, wire_messages._check_in_full, wire_messages._restore),
    ),
    "phone_numbers.is_valid_number": each(phone_numbers.is_valid_number, "+19195550123", "+4402070313000", "中"),
    "phone_numbers.parse_number": each(read_number, "+19195550123", "+4402070313000", "+3906698"),
    "phone_numbers.PhoneNumber": each(phone_numbers.PhoneNumber, "+19195550123"),
    "phone_numbers.read_leniently_with": each(phone_numbers.read_leniently_with, read_leniently),
    "number_columns.classify_numbers": each(number_columns.classify_numbers, ["+19195550123", "中"] * 50),
    "number_columns.classify_arrow_numbers": each(number_columns.classify_arrow_numbers, COLUMN),
    "recipients.judge_recipient": each(recipients.judge_recipient, "+19195550123", "+44207946", "中"),
    "recipients.caveats_of": each(recipients.caveats_of, "+19195550123", "+44207946", "中"),
    "answers.read_whole_answer": each(answers.read_whole_answer, *ANSWERS, most_octets=200),
    "answers.Headers": (look_over_headers,),
    "request_bodies.write_message": each(
        request_bodies.write_message, SHORT_BODY, LONG_BODY, application_id="a", tag="t"
    ),
    "recipients.sort_out": each(
        recipients.sort_out, ["+19195550123", "+19195550123", "x", None], sender="+19195550100"
    ),
    "recipients.sort_out_column": each(recipients.sort_out_column, COLUMN, sender="+19195550100"),
    "estimates.Tally": (add_up,),
    "columns.count_segments": each(columns.count_segments, list(TEXTS + LONG) * 10),
    "columns.measure": each(columns.measure, list(TEXTS + LONG) * 10),
    "columns.count_arrow_segments": each(columns.count_arrow_segments, COLUMN),
    "columns.measure_arrow": each(columns.measure_arrow, COLUMN),
    "column_segments.segment": each(column_segments.segment, list(TEXTS + LONG) * 10),
    "column_segments.segment_arrow": each(column_segments.segment_arrow, COLUMN),
    "arrow.TextColumn": each(arrow.TextColumn, COLUMN, pyarrow.chunked_array([COLUMN, COLUMN])),
    "arrow_results.ArrowColumn": (hand_over,),
    "arrow_results.Buffer": (arrow_results.Buffer,),
    "headers.InformationElement": (partial(headers.InformationElement, 0x70, b"abc"),),
    "headers.Concatenation": (partial(headers.Concatenation, 7, 8, 2, 1),),
    "headers.UserDataHeader": (write_header,),
    "user_data.UserData": (partial(user_data.UserData, Alphabet.UCS2, b"\0a"),),
    "user_data.decode_units": each(user_data.decode_units, "a€😀".encode("utf-16-be"), alphabet=Alphabet.UCS2),
    "user_data.decode_user_data": each(
        user_data.decode_user_data, FIRST, SECOND, user_data_length=8, alphabet=Alphabet.UCS2, has_header=True
    ),
    "reassembly.Reassembler": (join_two,),
    "messages.ReassembledMessage": (make_messages,),
    "messages.IncompleteMessage": (make_messages,),
    "clusters.cluster_ends": each(clusters.cluster_ends, *TEXTS),
}

REFUSED_CALLS: dict[str, tuple[Call, ...]] = {
    "arguments.integer": (partial(arguments.integer, 1.5, "number"),),
    "scanning.detect": each(scanning.detect, *WRONG),
    "scanning.scan_units": each(scanning.scan_units, None, b"bytes"),
    "scanning.positions_outside_gsm7": each(scanning.positions_outside_gsm7, None, b"bytes"),
    "cuts.count_segments": (
        *each(cuts.count_segments, *WRONG, "ж" * 67 * 256),
        *each(cuts.count_segments, "a", boundary="word"),
        *each(cuts.count_segments, "a", languages=("klingon",)),
        *each(cuts.count_segments, "a", elements=(InformationElement(0x70, bytes(137)),)),
    ),
    "cuts.measure": (*each(cuts.measure, *WRONG), *each(cuts.measure, "a", reference_bits=9)),
    "segments.segment": (
        *each(segments.segment, *WRONG, "ж" * 67 * 256),
        *each(segments.segment, "a", reference=-1),
        *each(segments.segment, "a", reference=1 << 70),
        *each(segments.segment, "a", elements=(None,)),
    ),
    "septets.encode_gsm7": each(septets.encode_gsm7, *WRONG, "中"),
    "septets.decode_gsm7": each(septets.decode_gsm7, None, "text", HEAP + b"\x80"),
    "septets.pack_septets": (
        *each(septets.pack_septets, None, "text", b"\x80"),
        *each(septets.pack_septets, b"a", fill_bits=7),
    ),
    "septets.unpack_septets": (
        *each(septets.unpack_septets, None, b"", septet_count=7),
        *each(septets.unpack_septets, b"", septet_count=-1),
    ),
    "national.decode_national": each(
        national.decode_national, None, "text", HEAP + b"\x80", single_shift=1, locking_shift=1
    ),
    "national.encode_national": each(
        national.encode_national, *WRONG, "ş" * 90 + "中", single_shift=1, locking_shift=1
    ),
    "numbers.is_e164": each(numbers.is_e164, None, b"bytes"),
    "numbers.check_e164": each(numbers.check_e164, None, "19", "+1919555O123"),
    "outgoing.Message": (
        *(partial(outgoing.Message, to="+19195550123", from_="+19195550100", text=text) for text in (HALF, "")),
        partial(outgoing.Message, to="+19195550123", from_="+19195550100", text=None),  # type: ignore[arg-type]
        partial(outgoing.Message.restored, ("+1", 5), "x", "x", None, (), None, None, None, None),  # type: ignore[arg-type]
    ),
    "phone_numbers.is_valid_number": each(phone_numbers.is_valid_number, None, b"bytes"),
    "phone_numbers.parse_number": each(phone_numbers.parse_number, None, "19", "+9991234567"),
    "number_columns.classify_numbers": each(number_columns.classify_numbers, ["+19195550123", None], ("+1",)),
    "number_columns.classify_arrow_numbers": each(number_columns.classify_arrow_numbers, None, NUMBERS),
    "recipients.judge_recipient": each(recipients.judge_recipient, None, b"bytes"),
    "recipients.caveats_of": each(recipients.caveats_of, None, b"bytes"),
    "answers.read_whole_answer": each(answers.read_whole_answer, None, "text", most_octets=200),
    "request_bodies.write_message": each(request_bodies.write_message, None, LOST_BODY, application_id="a", tag="t"),
    "recipients.sort_out": each(recipients.sort_out, ["+19195550123", 5], None, sender="+19195550100"),
    "recipients.sort_out_column": each(recipients.sort_out_column, None, NUMBERS, sender="+19195550100"),
    "estimates.Tally": (add_up_in_vain,),
    "columns.count_segments": each(columns.count_segments, ["a", None], ["a", HALF], ("a",)),
    "columns.measure": each(columns.measure, ["a", None], ["a", HALF], None),
    "columns.count_arrow_segments": each(columns.count_arrow_segments, None, NUMBERS, COLUMN_WITH_A_LONG_TEXT),
    "columns.measure_arrow": each(columns.measure_arrow, None, NUMBERS, COLUMN_WITH_A_LONG_TEXT),
    "column_segments.segment": each(column_segments.segment, ["a", None], ["a", HALF]),
    "column_segments.segment_arrow": each(column_segments.segment_arrow, None, NUMBERS, COLUMN_WITH_A_LONG_TEXT),
    "arrow.TextColumn": each(arrow.TextColumn, None, NUMBERS),
    "headers.InformationElement": (
        partial(headers.InformationElement, 256),
        partial(headers.InformationElement, 1, bytes(200)),
    ),
    "headers.UserDataHeader": each(headers.UserDataHeader.decode, None, b"", b"\5\0\3", bytes([140]) + bytes(140)),
    "user_data.decode_user_data": each(
        user_data.decode_user_data, None, b"", b"\1\0", user_data_length=8, alphabet=Alphabet.UCS2, has_header=True
    ),
    "clusters.cluster_ends": each(clusters.cluster_ends, None, b"bytes"),
}


def test_every_function_of_the_kernel_is_called() -> None:
    found = {
        f"{module}.{name}" for module in MODULES for name, value in public_names(module).items() if callable(value)
    }
    assert set(ANSWERED) == found


@pytest.mark.parametrize("name", ANSWERED)
def test_a_million_calls_lose_nothing(name: str) -> None:
    times = TIMES.get(name.partition(".")[0], 1)
    assert_nothing_is_lost(growth(*ANSWERED[name], count=CALLS // times))


@pytest.mark.parametrize("name", REFUSED_CALLS)
def test_calls_that_are_refused_lose_nothing(name: str) -> None:
    assert_nothing_is_lost(growth_of_refused(*REFUSED_CALLS[name]))


def test_what_is_passed_is_let_go() -> None:
    """Every argument that can be shared ends with as many references as it had."""
    text, row = "".join(["ab", "cd"]), ["".join(["ef", "gh"])]
    octets = bytearray(b"abc")
    before = sys.getrefcount(text), sys.getrefcount(row[0]), sys.getrefcount(octets), sys.getrefcount(Alphabet.GSM7)
    for _ in range(1000):
        scanning.detect(text)
        read_all(text)
        cuts.measure(text)
        columns.count_segments(row)
        septets.pack_septets(octets)
        septets.decode_gsm7(octets)
        refuse(partial(septets.pack_septets, octets, fill_bits=9))
    after = sys.getrefcount(text), sys.getrefcount(row[0]), sys.getrefcount(octets), sys.getrefcount(Alphabet.GSM7)
    assert after == before
    octets.append(0)  # which a buffer that was not released would forbid


# --------------------------------------------------------------------------------------------- what this can see at all


def test_a_lost_reference_is_seen() -> None:
    lose = ctypes.pythonapi.Py_IncRef
    lose.argtypes = [ctypes.py_object]

    def lose_one() -> None:
        lose(object())

    assert growth(lose_one, count=10_000).blocks > MOST.blocks


@pytest.mark.parametrize("size", [16, 600, 4000])
def test_a_lost_block_of_memory_is_seen(size: int) -> None:
    LIBC.malloc.restype, LIBC.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    found = growth(partial(LIBC.malloc, size), count=(4 << 20) // size)
    assert max(found.octets / MOST.octets, found.resident / MOST.resident) > 1


def test_what_somebody_else_keeps_meanwhile_is_not_lost() -> None:
    calls, kept = itertools.count(), list[int]()

    def keep_once() -> None:
        if next(calls) == WARM_UP + 100:
            kept.extend(range(100_000, 110_000))

    assert growth(keep_once, count=10_000).is_nothing
    assert kept
