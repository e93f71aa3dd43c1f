"""A column says of each row what one call says: whatever its layout, its chunks, its slices and its nulls."""

import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msgcore import columns
from msgcore.encoding import analyze, count_segments, segment
from msgcore.errors import SegmentLimitError
from msgcore.kernel.scanning import select_vectors
from tests.columns.handmade import LAYOUTS, Array, Producer, Schema, bitmap
from tests.reference.strategies import GSM7, boundaries, cuttable_texts, elements, gsm7_texts, reference_widths

INDICES = {b"c": "b", b"C": "B", b"s": "h", b"S": "H", b"i": "i", b"I": "I", b"l": "q", b"L": "Q"}

rows = st.lists(st.one_of(st.none(), cuttable_texts, gsm7_texts, st.text("az[`é€ş–😀", max_size=60)), max_size=5)
neighbours = st.lists(st.sampled_from([None, "", "x", "–" * 9]), max_size=3)
languages = st.sampled_from([(), "turkish", "auto"])


class Column(NamedTuple):
    """The texts of a column and the arrays that hold them."""

    texts: list[str | None]
    producer: Producer


@st.composite
def slices(draw: st.DrawFn, layout: str, texts: list[str | None]) -> Array:
    """An array of these texts that stands somewhere in a longer one."""
    before, after = draw(neighbours), draw(neighbours)
    encoded = [None if text is None else text.encode() for text in [*before, *texts, *after]]
    whole = LAYOUTS[layout][1](encoded)
    if None not in encoded and draw(st.booleans()):
        whole = whole.but(buffers=[None, *whole.buffers[1:]], null_count=0)
    return whole.but(offset=len(before), length=len(texts))


@st.composite
def dictionaries(draw: st.DrawFn, layout: str, texts: list[str | None], index_format: bytes) -> Array:
    """The same through an index: nulls stand in the indices or in the dictionary, and values may repeat."""
    values: list[str | None] = draw(st.permutations([*texts, *texts[:2], None]))
    places = [values.index(text) for text in texts]
    hidden = [text is None and draw(st.booleans()) for text in texts]
    before = draw(st.integers(0, 9))
    code = INDICES[index_format]
    packed = struct.pack(
        f"<{before + len(texts)}{code}",
        *[0] * before,
        *(99 if hide else p for hide, p in zip(hidden, places, strict=True)),
    )
    present = bitmap([False] * before + [not hide for hide in hidden])
    return Array(len(texts), [present, packed], offset=before, dictionary=draw(slices(layout, values)))


@st.composite
def columns_of_texts(draw: st.DrawFn) -> Column:
    layout = draw(st.sampled_from(sorted(LAYOUTS)))
    schema = LAYOUTS[layout][0]
    index_format = draw(st.one_of(st.none(), st.sampled_from(sorted(INDICES))))
    if index_format is not None:
        schema = Schema(index_format, dictionary=schema)
    in_struct = draw(st.booleans())
    arrays, texts = [], []
    for chunk in draw(st.lists(rows, max_size=3)):
        masked = [in_struct and draw(st.booleans()) for _ in chunk]
        before = draw(neighbours) if in_struct else []
        inside = [*before, *chunk]
        array = draw(slices(layout, inside) if index_format is None else dictionaries(layout, inside, index_format))
        if in_struct:
            present = bitmap([False] * len(before) + [not mask for mask in masked])
            array = Array(len(chunk), [present], offset=len(before), children=[array])
        arrays.append(array)
        texts += [None if mask else text for mask, text in zip(masked, chunk, strict=True)]
    return Column(texts, Producer(Schema(b"+s", [schema]) if in_struct else schema, arrays))


@pytest.fixture(params=["vectors", "plain"], autouse=True)
def _scanning(request: pytest.FixtureRequest) -> Iterator[None]:
    wanted = request.param == "vectors"
    if select_vectors(wanted) != wanted:
        pytest.skip("this machine has no vectors")
    yield
    select_vectors(True)


def to_list(column: object) -> list[Any]:
    made = pyarrow.array(column)
    made.validate(full=True)
    found: list[Any] = made.to_pylist()
    return found


@settings(max_examples=50)
@given(columns_of_texts(), boundaries, reference_widths, languages, elements)
def test_column_and_list_and_single_call_agree(
    column: Column, boundary: Any, bits: Any, languages: Any, elements: Any
) -> None:
    options = {"boundary": boundary, "reference_bits": bits, "languages": languages, "elements": elements}
    present = [text for text in column.texts if text is not None]
    single = [analyze(text, **options) for text in present]
    listed = columns.analyze(present, **options)
    assert listed.is_ucs2.tolist() == [one.alphabet.value == "UCS-2" for one in single]
    assert listed.segment_count.tolist() == [one.segment_count for one in single]
    assert listed.unit_count.tolist() == [one.unit_count for one in single]
    assert listed.units_left.tolist() == [one.units_left for one in single]
    outside = [next((index for index, character in enumerate(text) if character not in GSM7), -1) for text in present]
    assert listed.first_outside_gsm7.tolist() == outside
    for shift, identifiers in (("single", listed.single_shift), ("locking", listed.locking_shift)):
        names = [[used.language for used in one.languages if used.shift == shift] for one in single]
        assert [identifier != 0 for identifier in identifiers] == [bool(name) for name in names]

    found = to_list(columns.analyze(column.producer, **options))
    assert [row["alphabet"] is None for row in found] == [text is None for text in column.texts]
    found = [row for row in found if row["alphabet"] is not None]
    assert [row["alphabet"] for row in found] == [one.alphabet.value for one in single]
    assert [row["segment_count"] for row in found] == listed.segment_count.tolist()
    assert [row["unit_count"] for row in found] == listed.unit_count.tolist()
    assert [row["units_left"] for row in found] == listed.units_left.tolist()
    assert [-1 if row["first_outside_gsm7"] is None else row["first_outside_gsm7"] for row in found] == outside
    assert [(row["single_shift"], row["locking_shift"]) for row in found] == [
        tuple(next((used.language for used in one.languages if used.shift == s), None) for s in ("single", "locking"))
        for one in single
    ]
    assert column.producer.released == column.producer.made


@settings(max_examples=50)
@given(columns_of_texts(), boundaries)
def test_counts_are_those_of_single_calls(column: Column, boundary: Any) -> None:
    found = columns.count_segments(column.producer, boundary=boundary)
    assert to_list(found) == [
        text if text is None else count_segments(text, boundary=boundary) for text in column.texts
    ]
    assert found.null_count == column.texts.count(None)


@settings(max_examples=50)
@given(columns_of_texts(), st.data(), boundaries, reference_widths, languages, elements)
def test_segments_are_those_of_single_calls(
    column: Column, data: st.DataObject, boundary: Any, bits: Any, languages: Any, elements: Any
) -> None:
    options = {"boundary": boundary, "reference_bits": bits, "languages": languages, "elements": elements}
    count = len(column.texts)
    references = data.draw(st.lists(st.integers(0, 2**bits - 1), min_size=count, max_size=count))
    numbered = [(text, number) for text, number in zip(column.texts, references, strict=True) if text is not None]
    single = [[*segment(text, reference=number, **options)] for text, number in numbered]

    listed = columns.segment([text for text, _ in numbered], reference=[number for _, number in numbered], **options)
    assert len(listed) == len(single)
    flat = [one for parts in single for one in parts]
    assert listed.row_offsets.tolist() == [sum(map(len, single[:row])) for row in range(len(single) + 1)]
    assert listed.number.tolist() == [one.number for one in flat]
    assert listed.total.tolist() == [one.total for one in flat]
    assert listed.is_ucs2.tolist() == [one.alphabet.value == "UCS-2" for one in flat]
    assert listed.unit_count.tolist() == [one.unit_count for one in flat]
    assert listed.header_octets.tolist() == [len(one.header) for one in flat]
    assert listed.user_data_length.tolist() == [one.user_data_length for one in flat]
    ends = listed.user_data_offsets
    assert [listed.user_data[ends[j] : ends[j + 1]] for j in range(len(flat))] == [one.user_data for one in flat]
    assert ends[-1] == len(listed.user_data)

    found = to_list(columns.segment(column.producer, reference=references, **options))
    assert [row is None for row in found] == [text is None for text in column.texts]
    assert [one["user_data"] for row in found if row is not None for one in row] == [one.user_data for one in flat]
    assert [row and len(row) for row in found if row is not None] == [len(parts) for parts in single]


def count_or_none(octets: bytes | None) -> int | None:
    try:
        return None if octets is None else count_segments(octets.decode())
    except (UnicodeDecodeError, SegmentLimitError):
        return None


near_utf8 = st.builds(
    lambda text, position, octet: text[:position] + octet + text[position:],
    cuttable_texts.map(str.encode),
    st.integers(0, 200),
    st.sampled_from([b"", b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\x80", b"\xc3"]),
)


@given(st.sampled_from(sorted(LAYOUTS)), st.lists(st.one_of(st.none(), st.binary(max_size=40), near_utf8), max_size=6))
def test_octets_that_are_not_utf8_are_null_where_that_is_asked_for(layout: str, octets: list[bytes | None]) -> None:
    schema, make = LAYOUTS[layout]
    found = columns.count_segments(Producer(schema, [make(octets)]), errors="null")
    assert to_list(found) == [count_or_none(row) for row in octets]
