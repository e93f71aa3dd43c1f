"""What lies, breaks off or was read before is a documented error, and everything taken is released once."""

import struct
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from msgcore import columns
from msgcore.errors import ColumnError
from tests.columns.handmade import (
    LARGE_UTF8,
    LAYOUTS,
    NULL,
    UTF8,
    VIEW,
    Array,
    ArrayProducer,
    Producer,
    Schema,
    bitmap,
    large_utf8,
    nulls,
    utf8,
    view_of,
    views,
)

LONG = b"a text that is too long for a view"
FINE = utf8([b"one", b"two"])
FINE_VIEWS = views([b"short", LONG])
STRUCT = Schema(b"+s", [UTF8])
INDEXED = Schema(b"c", dictionary=UTF8)
DICTIONARY = Array(3, [None, b"\0\1\0"], dictionary=FINE)
HUGE = 2**62

CALLS: list[Callable[..., Any]] = [columns.count_segments, columns.analyze, columns.segment]


def offsets(*ends: int, code: str = "i") -> bytes:
    return struct.pack(f"<{len(ends)}{code}", *ends)


def in_struct(child: Array, length: int = 2, **changes: Any) -> Array:
    return Array(length, [None], children=[child]).but(**changes)


def with_view(view: bytes, **changes: Any) -> Array:
    return FINE_VIEWS.but(buffers=[None, view_of(b"short") + view, LONG, offsets(len(LONG), code="q")]).but(**changes)


LIES: dict[str, tuple[Schema, Array, str]] = {
    "negative length": (UTF8, FINE.but(length=-1), "states length -1 and offset 0: one is negative"),
    "negative offset": (UTF8, FINE.but(offset=-1), "one is negative"),
    "length beyond memory": (UTF8, FINE.but(length=HUGE), "that is too much"),
    "length and offset that overflow together": (UTF8, FINE.but(offset=2**63 - 1), "that is too much"),
    "impossible null count": (UTF8, FINE.but(null_count=-2), "states -2 nulls"),
    "nulls without a bitmap": (UTF8, FINE.but(buffers=[None, *FINE.buffers[1:]], null_count=1), "does not say which"),
    "too few buffers": (UTF8, FINE.but(buffer_count=2), "should have 3 buffers, not 2"),
    "too many buffers": (UTF8, FINE.but(buffers=[*FINE.buffers, b""]), "should have 3 buffers, not 4"),
    "negative number of buffers": (VIEW, FINE_VIEWS.but(buffer_count=-1), "should have 3 buffers, not -1"),
    "no buffers at all": (UTF8, FINE.but(no_buffers=True), "the Arrow array has no buffers"),
    "children of a text": (UTF8, FINE.but(children=[FINE]), "should have 0 children, not 1"),
    "dictionary of plain texts": (UTF8, FINE.but(dictionary=FINE), "should have no dictionary"),
    "no offsets": (UTF8, FINE.but(buffers=[None, None, b""]), "has no offsets"),
    "no octets": (UTF8, FINE.but(buffers=[None, FINE.buffers[1], None]), "has offsets up to 6 and no octets"),
    "offsets below zero": (UTF8, FINE.but(buffers=[None, offsets(-3, 0, 3), b"one"]), "offsets from -3 to 3"),
    "last offset before the first": (UTF8, FINE.but(buffers=[None, offsets(3, 3, 0), b"one"]), "must not fall"),
    "an offset that falls": (
        UTF8,
        FINE.but(buffers=[None, offsets(0, 3, 2, 3), b"one"], length=3),
        "row 1: its offsets",
    ),
    "an offset beyond the last": (
        UTF8,
        FINE.but(buffers=[None, offsets(0, 999_999_999, 3), b"one"]),
        "row 0: its offs",
    ),
    "an offset before the first": (UTF8, FINE.but(buffers=[None, offsets(1, 0, 3), b"one"]), "row 0: its offsets"),
    "an offset before the first behind a null": (
        UTF8,
        Array(2, [bitmap([False, True]), offsets(2, 0, 3), b"one"]),
        "row 1: its offsets",
    ),
    "a large offset beyond the last": (
        LARGE_UTF8,
        large_utf8([b"one", b"two"]).but(buffers=[None, offsets(0, HUGE, 6, code="q"), b"onetwo"]),
        "row 0: its offsets",
    ),
    "no views": (VIEW, FINE_VIEWS.but(buffers=[None, None, LONG, offsets(len(LONG), code="q")]), "has no views"),
    "no sizes": (VIEW, FINE_VIEWS.but(buffers=[*FINE_VIEWS.buffers[:-1], None]), "does not state the sizes"),
    "a view of negative length": (VIEW, with_view(struct.pack("<i12x", -1)), "row 1: its view leaves"),
    "a view into no buffer": (VIEW, with_view(view_of(LONG, 1, 0)), "row 1: its view"),
    "a view into a negative buffer": (VIEW, with_view(view_of(LONG, -1, 0)), "row 1: its view"),
    "a view from before its buffer": (VIEW, with_view(view_of(LONG, 0, -1)), "row 1: its view"),
    "a view beyond its buffer": (VIEW, with_view(view_of(LONG, 0, 1)), "row 1: its view"),
    "a view far beyond its buffer": (
        VIEW,
        with_view(struct.pack("<i4sii", 2**31 - 1, b"", 0, 2**31 - 1)),
        "row 1: its",
    ),
    "a view into a missing buffer": (
        VIEW,
        with_view(view_of(LONG)).but(buffers=[None, view_of(LONG) * 2, None, offsets(999, code="q")]),
        "row 0: its view",
    ),
    "a buffer of negative size": (
        VIEW,
        with_view(view_of(LONG)).but(buffers=[None, view_of(LONG) * 2, LONG, offsets(-1, code="q")]),
        "row 0: its view",
    ),
    "struct without children": (STRUCT, Array(2, [None]), "the Arrow struct should have 1 children, not 0"),
    "struct whose child is missing": (STRUCT, in_struct(FINE, no_children=True), "states a child and has none"),
    "struct whose child is released": (
        STRUCT,
        in_struct(FINE.but(released=True)),
        "the field of the Arrow struct is rel",
    ),
    "struct longer than its child": (STRUCT, in_struct(FINE, 3), "shorter than the struct: 2 rows"),
    "struct that begins late": (STRUCT, in_struct(FINE, offset=1), "shorter than the struct: 2 rows"),
    "struct with nulls and no bitmap": (STRUCT, in_struct(FINE, null_count=1), "does not say which"),
    "struct of a lying child": (
        STRUCT,
        in_struct(FINE.but(offset=-1)),
        "the field of the Arrow struct states length 2",
    ),
    "no dictionary": (INDEXED, DICTIONARY.but(dictionary=None), "should have a dictionary"),
    "released dictionary": (INDEXED, DICTIONARY.but(dictionary=FINE.but(released=True)), "the Arrow dictionary is rel"),
    "no indices": (INDEXED, DICTIONARY.but(buffers=[None, None]), "has no indices"),
    "index beyond the dictionary": (INDEXED, DICTIONARY.but(buffers=[None, b"\0\2\0"]), "row 1: its index"),
    "negative index": (INDEXED, DICTIONARY.but(buffers=[None, b"\0\0\xff"]), "row 2: its index"),
    "negative index where it would fit as an unsigned one": (
        INDEXED,
        Array(1, [None, b"\x80"], dictionary=utf8([b""] * 200)),
        "row 0: its index",
    ),
    "negative index of 16 bits": (
        Schema(b"s", dictionary=UTF8),
        Array(1, [None, struct.pack("<h", -1)], dictionary=utf8([b""] * 70_000)),
        "row 0: its index",
    ),
    "index of 64 bits": (
        Schema(b"L", dictionary=UTF8),
        DICTIONARY.but(buffers=[None, struct.pack("<3Q", 0, 2**64 - 1, 1)]),
        "row 1: its index",
    ),
    "lying dictionary": (
        INDEXED,
        DICTIONARY.but(dictionary=FINE.but(length=-5)),
        "the Arrow dictionary states length -5",
    ),
    "null type with data": (NULL, Array(2, [None, b""]), "should have 0 buffers, not 2"),
    "not UTF-8": (UTF8, utf8([b"fine", b"caf\xe9"]), "row 1: expected UTF-8, got octet 0xe9 at offset 3"),
    "a surrogate in UTF-8": (UTF8, utf8([b"\xed\xa0\x80"]), "row 0: expected UTF-8, got octet 0xed at offset 0"),
    "a character cut off": (VIEW, views([b"\xf0\x9f\x98"]), "row 0: expected UTF-8, got octet 0xf0 at offset 0"),
}
"""Arrays that break their own word, and what is said of them."""

BAD_SCHEMAS: dict[str, tuple[Schema, str]] = {
    "no format": (Schema(None), "has no format"),
    "released": (Schema(b"u", released=True), "is released"),
    "negative number of children": (Schema(b"u", child_count=-1), "states -1 children and has none"),
    "children that are missing": (Schema(b"+s", [UTF8], no_children=True), "states 1 children and has none"),
    "released child": (Schema(b"+s", [Schema(b"u", released=True)]), "is released"),
    "index of text": (Schema(b"u", dictionary=UTF8), "expected integers as indices"),
}

WRONG_TYPES: dict[str, tuple[Schema, str]] = {
    "int64": (Schema(b"l"), "expected an Arrow column of utf8, .*, got int64"),
    "binary": (Schema(b"z"), "got binary"),
    "dictionary of int64": (Schema(b"c", dictionary=Schema(b"l")), "got int64"),
    "dictionary of dictionaries": (Schema(b"c", dictionary=INDEXED), "got a dictionary of dictionaries"),
    "struct of two": (Schema(b"+s", [UTF8, UTF8]), "expected one column, got an Arrow struct of 2"),
    "struct of none": (Schema(b"+s"), "expected one column, got an Arrow struct of 0"),
    "struct in a struct": (Schema(b"+s", [STRUCT]), "got struct"),
    "date": (Schema(b"tdD"), "got the Arrow format 'tdD'"),
    "no known format": (Schema(b"\xff" * 200), "got the Arrow format"),
}


def assert_released(producer: Producer) -> None:
    assert producer.released == producer.made


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_told_and_all_is_released(lie: str, call: Callable[..., Any]) -> None:
    schema, array, reason = LIES[lie]
    producer = Producer(schema, [array])
    with pytest.raises(ColumnError, match=reason):
        call(producer)
    assert_released(producer)


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_in_a_lone_array_is_told_as_well(lie: str) -> None:
    schema, array, reason = LIES[lie]
    producer = ArrayProducer(schema, array)
    with pytest.raises(ColumnError, match=reason):
        columns.count_segments(producer)
    assert (producer.released.schemas, producer.released.arrays) == (1, 1)


@pytest.mark.parametrize("lie", [name for name, (_, _, reason) in LIES.items() if "UTF-8" not in reason])
def test_a_broken_column_is_an_error_even_where_broken_texts_are_nulls(lie: str) -> None:
    schema, array, reason = LIES[lie]
    with pytest.raises(ColumnError, match=reason):
        columns.count_segments(Producer(schema, [array]), errors="null")


@pytest.mark.parametrize("name", BAD_SCHEMAS)
def test_a_bad_schema_is_told_and_all_is_released(name: str) -> None:
    schema, reason = BAD_SCHEMAS[name]
    producer = Producer(schema, [FINE])
    with pytest.raises(ColumnError, match=reason):
        columns.count_segments(producer)
    assert_released(producer)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("name", WRONG_TYPES)
def test_a_column_of_another_type_is_refused_and_released(name: str, call: Callable[..., Any]) -> None:
    schema, reason = WRONG_TYPES[name]
    producer = Producer(schema, [FINE])
    with pytest.raises(TypeError, match=reason):
        call(producer)
    assert_released(producer)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("message", [None, b"the disk is gone"])
def test_a_stream_that_fails_is_an_error_with_its_message(message: bytes | None, call: Callable[..., Any]) -> None:
    producer = Producer(UTF8, [FINE, FINE], fails_at=1, message=message)
    said = "Input/output error" if message is None else message.decode()
    with pytest.raises(ColumnError, match=f"the Arrow stream failed after 2 rows: {said} .error 5."):
        call(producer)
    assert (producer.released.streams, producer.released.schemas, producer.released.arrays) == (1, 1, 1)


def test_a_stream_without_a_schema_is_an_error() -> None:
    producer = Producer(UTF8, [FINE], schema_fails=True, message=b"no such table \xff")
    with pytest.raises(ColumnError, match="failed after 0 rows: no such table \ufffd"):
        columns.count_segments(producer)
    assert (producer.released.streams, producer.released.schemas, producer.released.arrays) == (1, 0, 0)


def test_a_stream_cannot_be_read_twice() -> None:
    producer = Producer(UTF8, [FINE])  # the capsule does not keep it alive
    capsule = producer.__arrow_c_stream__()

    class Same:
        def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
            return capsule

    assert len(columns.count_segments(Same())) == 2
    with pytest.raises(ColumnError, match="the Arrow stream is released: it can be read once"):
        columns.count_segments(Same())


def test_an_array_cannot_be_read_twice() -> None:
    producer = ArrayProducer(UTF8, FINE)
    assert len(columns.count_segments(producer)) == 2
    with pytest.raises(ColumnError, match="its capsules can be read once"):
        columns.count_segments(producer)
    assert (producer.released.schemas, producer.released.arrays) == (1, 1)


def test_what_is_taken_out_of_a_capsule_is_marked_there_as_released() -> None:
    producer = ArrayProducer(UTF8, FINE)
    columns.count_segments(producer)
    assert (bool(producer.schema.release), bool(producer.array.release)) == (False, False)


def test_release_runs_once_even_when_the_producer_forgets_to_say_so() -> None:
    stream = Producer(UTF8, [FINE, FINE, FINE], forgets=True)
    assert len(columns.count_segments(stream)) == 6
    assert (stream.released.streams, stream.released.schemas, stream.released.arrays) == (1, 1, 3)
    array = ArrayProducer(UTF8, FINE, forgets=True)
    assert len(columns.count_segments(array)) == 2
    assert (array.released.schemas, array.released.arrays) == (1, 1)


def test_a_view_into_a_negative_buffer_is_bad_whatever_stands_before_the_sizes() -> None:
    sizes = offsets(2**40, len(LONG), code="q")

    class Later(Producer):
        def fill_array(self, array: Array, target: Any) -> None:
            super().fill_array(array, target)
            target.buffers[3] += 8  # as if the first size stood outside

    array = Array(1, [None, view_of(LONG, -1, 0), LONG, sizes])
    with pytest.raises(ColumnError, match="row 0: its view"):
        columns.count_segments(Later(VIEW, [array]))


def test_the_row_of_an_error_counts_over_all_chunks() -> None:
    chunks = [FINE, utf8([]), FINE, utf8([b"fine", b"\xff"])]
    with pytest.raises(ColumnError, match="row 5: expected UTF-8, got octet 0xff at offset 0") as caught:
        columns.count_segments(Producer(UTF8, chunks))
    assert caught.value.row == 5


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_empty_array_may_have_no_buffers_to_speak_of(layout: str) -> None:
    schema, make = LAYOUTS[layout]
    empty = Array(0, [None] * len(make([]).buffers), null_count=0)
    producer = Producer(schema, [empty, make([b"a"]), empty])
    assert len(columns.count_segments(producer)) == 1
    assert_released(producer)


def test_texts_without_an_octet_need_no_buffer_of_octets() -> None:
    array = Array(2, [None, offsets(0, 0, 0), None], null_count=0)
    assert len(columns.count_segments(Producer(UTF8, [array]))) == 2


def test_a_null_row_may_hold_anything() -> None:
    array = Array(3, [bitmap([True, False, True]), offsets(0, 3, 1, 3), b"one"])  # row 1 falls, and row 2 begins anew
    with pytest.raises(ColumnError, match="row 0"):
        columns.count_segments(Producer(UTF8, [array.but(length=2)]))
    assert columns.count_segments(Producer(UTF8, [array])).null_count == 1
    view = Array(2, [bitmap([True, False]), view_of(b"one") + b"\xff" * 16, b""])
    assert columns.count_segments(Producer(VIEW, [view])).null_count == 1
    index = Array(2, [bitmap([True, False]), b"\0\x7f"], dictionary=FINE)
    assert columns.count_segments(Producer(INDEXED, [index])).null_count == 1


def test_memory_that_is_not_aligned_is_read_all_the_same() -> None:
    array = utf8([b"one", b"three"])
    views_array = views([LONG, b"three"])

    class Shifted(Producer):
        def fill_array(self, array: Array, target: Any) -> None:
            super().fill_array(array.but(buffers=[b and b"\0" + b for b in array.buffers]), target)
            for index in range(len(array.buffers)):
                target.buffers[index] += 1

    assert len(columns.count_segments(Shifted(UTF8, [array]))) == 2
    assert len(columns.count_segments(Shifted(VIEW, [views_array]))) == 2


def test_a_column_of_the_null_type_is_all_null() -> None:
    for array in (nulls(3), Array(3, [None])):
        assert columns.count_segments(Producer(NULL, [array])).null_count == 3


@pytest.mark.parametrize("wrong", [None, "text", (), 3, object(), b""])
@pytest.mark.parametrize("call", CALLS)
def test_what_is_no_column_is_refused(call: Callable[..., Any], wrong: object) -> None:
    with pytest.raises(TypeError, match="expected a list of str or an Arrow column, not"):
        call(wrong)


@pytest.mark.parametrize("given", [None, (1, 2), "capsule", (None, None, None), ()])
def test_capsules_have_to_be_capsules(given: object) -> None:
    class Wrong:
        def __init__(self, method: str) -> None:
            setattr(self, method, lambda: given)

    for method, reason in (
        ("__arrow_c_array__", "must give capsules of"),
        ("__arrow_c_stream__", "must give a capsule"),
    ):
        with pytest.raises(TypeError, match=reason):
            columns.count_segments(Wrong(method))  # type: ignore[call-overload]


def test_an_error_of_the_producer_passes_unchanged() -> None:
    class Failing:
        def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
            raise RuntimeError("no such file")

    with pytest.raises(RuntimeError, match="no such file"):
        columns.count_segments(Failing())


def test_bad_options_leave_the_stream_unread() -> None:
    producer = Producer(UTF8, [FINE])
    bad: Sequence[dict[str, Any]] = [
        {"errors": "ignore"},
        {"boundary": "word"},
        {"reference_bits": 7},
        {"languages": "x"},
    ]
    for options in bad:
        with pytest.raises(ValueError, match="must"):
            columns.count_segments(producer, **options)
    assert producer.made.streams == 0
