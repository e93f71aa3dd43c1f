"""Columns of every library that speaks the Arrow PyCapsule Interface, and results that every one of them takes."""

import gc
import pickle
from collections.abc import Callable
from functools import partial
from typing import Any

import duckdb
import nanoarrow
import pandas
import polars
import pyarrow
import pytest

from msgcore import columns
from msgcore.encoding import analyze, count_segments, segment
from msgcore.errors import SegmentLimitError
from tests.reference.strategies import GSM7

TEXTS = ["hello", None, "", "a" * 161, "José, 10 €", "10–12", "😀" * 40, "नमस्ते " * 30, None, "`", "ş" * 150]

strings = pyarrow.array(TEXTS)


def with_neighbours(make: Callable[[list[str | None]], Any]) -> Any:
    """A slice of something longer."""
    return make(["before", None, *TEXTS, "after"])[2:-1]


def sliced_struct() -> Any:
    longer = pyarrow.array([None, "x", *TEXTS, "y"])
    return pyarrow.record_batch({"text": longer}).slice(2, len(TEXTS))


def dictionary_of_slice(index: str, value: str) -> Any:
    """Both the indices and the dictionary begin somewhere else."""
    encoded = pyarrow.array(["x", *TEXTS, "y"]).dictionary_encode()
    values = pyarrow.array(["z", "z", *encoded.dictionary.to_pylist(), "z"], getattr(pyarrow, value)())[2:-1]
    return pyarrow.DictionaryArray.from_arrays(encoded.indices.cast(getattr(pyarrow, index)()), values)[1:-1]


def null_in_dictionary() -> Any:
    values = pyarrow.array([text or "" for text in TEXTS] + [None])
    indices = [
        len(TEXTS) if text is None and row < 3 else None if text is None else row for row, text in enumerate(TEXTS)
    ]
    return pyarrow.DictionaryArray.from_arrays(pyarrow.array(indices, pyarrow.int8()), values)


PRODUCERS: dict[str, Callable[[], Any]] = {
    "pyarrow utf8": lambda: strings,
    "pyarrow large_utf8": lambda: strings.cast(pyarrow.large_string()),
    "pyarrow string_view": lambda: strings.cast(pyarrow.string_view()),
    "pyarrow slice": lambda: with_neighbours(pyarrow.array),
    "pyarrow slice of views": lambda: with_neighbours(lambda texts: pyarrow.array(texts, pyarrow.string_view())),
    "pyarrow chunks": lambda: pyarrow.chunked_array([strings[:3], strings[3:3], strings[3:]]),
    "pyarrow table": lambda: pyarrow.table({"text": strings}),
    "pyarrow record batch": lambda: pyarrow.record_batch({"text": strings}),
    "pyarrow slice of a record batch": sliced_struct,
    "pyarrow reader": lambda: pyarrow.table({"text": strings}).to_reader(max_chunksize=2),
    "pyarrow struct with nulls": lambda: pyarrow.StructArray.from_arrays(
        [pyarrow.array(["not seen" if text is None else text for text in TEXTS])],
        names=["text"],
        mask=pyarrow.array([text is None for text in TEXTS]),
    ),
    "pyarrow dictionary": strings.dictionary_encode,
    "pyarrow dictionary with nulls in it": null_in_dictionary,
    **{
        f"pyarrow {index} dictionary of {value}": partial(dictionary_of_slice, index, value)
        for index, value in [
            ("int8", "string"),
            ("uint8", "large_string"),
            ("int16", "string"),
            ("uint16", "string"),
            ("int32", "string_view"),
            ("uint32", "string"),
            ("int64", "large_string"),
            ("uint64", "string"),
        ]
    },
    "polars series": lambda: polars.Series(TEXTS),
    "polars slice": lambda: with_neighbours(polars.Series),
    "polars chunks": lambda: polars.concat([polars.Series(TEXTS[:4]), polars.Series(TEXTS[4:])], rechunk=False),
    "polars data frame": lambda: polars.DataFrame({"text": TEXTS}),
    "polars categorical": lambda: polars.Series(TEXTS, dtype=polars.Categorical),
    "polars enumeration": lambda: polars.Series(TEXTS, dtype=polars.Enum(sorted({text or "" for text in TEXTS}))),
    "duckdb relation": lambda: duckdb.from_arrow(pyarrow.table({"text": strings})),
    "nanoarrow array": lambda: nanoarrow.Array(TEXTS, nanoarrow.string()),
    "nanoarrow chunks": lambda: nanoarrow.Array.from_chunks([TEXTS[:4], TEXTS[4:]], nanoarrow.string()),
    "nanoarrow c array": lambda: nanoarrow.c_array(TEXTS, nanoarrow.large_string()),
    "pandas series": lambda: pandas.Series(TEXTS, dtype="str"),
    "pandas arrow series": lambda: pandas.Series(strings, dtype=pandas.ArrowDtype(pyarrow.string())),
    "pandas data frame": lambda: pandas.DataFrame({"text": pandas.Series(TEXTS, dtype="str")}),
}


@pytest.mark.parametrize("name", PRODUCERS)
def test_counts_are_those_of_one_call_each(name: str) -> None:
    found = columns.count_segments(PRODUCERS[name]())
    assert pyarrow.array(found).to_pylist() == [None if text is None else count_segments(text) for text in TEXTS]


@pytest.mark.parametrize("name", PRODUCERS)
def test_analysis_is_that_of_one_call_each(name: str) -> None:
    rows = pyarrow.array(columns.analyze(PRODUCERS[name](), languages="auto")).to_pylist()
    for text, row in zip(TEXTS, rows, strict=True):
        if text is None:
            assert set(row.values()) == {None}
            continue
        one = analyze(text, languages="auto")
        assert row == {
            "alphabet": one.alphabet.value,
            "segment_count": one.segment_count,
            "unit_count": one.unit_count,
            "units_left": one.units_left,
            "first_outside_gsm7": next((index for index, character in enumerate(text) if character not in GSM7), None),
            "single_shift": next((used.language for used in one.languages if used.shift == "single"), None),
            "locking_shift": next((used.language for used in one.languages if used.shift == "locking"), None),
        }


@pytest.mark.parametrize("name", PRODUCERS)
def test_segments_are_those_of_one_call_each(name: str) -> None:
    references = list(range(100, 100 + len(TEXTS)))
    rows = pyarrow.array(columns.segment(PRODUCERS[name](), reference=references)).to_pylist()
    for text, reference, row in zip(TEXTS, references, rows, strict=True):
        if text is None:
            assert row is None
            continue
        assert row == [
            {
                "alphabet": one.alphabet.value,
                "number": one.number,
                "total": one.total,
                "unit_count": one.unit_count,
                "header_octets": len(one.header),
                "user_data_length": one.user_data_length,
                "user_data": one.user_data,
            }
            for one in segment(text, reference=reference)
        ]


# ------------------------------------------------------------------------------------------------------- results


def test_pyarrow_finds_nothing_wrong_with_the_results() -> None:
    for call in (columns.count_segments, columns.analyze, columns.segment):
        for texts in (strings, strings[:0], pyarrow.nulls(3), pyarrow.chunked_array([], pyarrow.string())):
            made = pyarrow.array(call(texts))
            made.validate(full=True)
            assert len(made) == len(texts)


def test_an_analysis_is_a_table_for_every_library() -> None:
    found = columns.analyze(strings)
    counts = [None if text is None else count_segments(text) for text in TEXTS]
    assert pyarrow.record_batch(found)["segment_count"].to_pylist() == counts
    assert pyarrow.table(found)["segment_count"].to_pylist() == counts
    assert polars.DataFrame(found)["segment_count"].to_list() == counts
    relation = duckdb.sql("select segment_count from found")
    assert relation is not None
    assert relation.fetchall() == [(count,) for count in counts]
    assert [row["segment_count"] for row in nanoarrow.Array(found).to_pylist()] == counts
    assert pandas.DataFrame.from_arrow(found)["alphabet"].tolist()[:1] == ["GSM-7"]


def test_a_result_is_a_column_of_texts_for_the_next_call() -> None:
    alphabets = pyarrow.record_batch(columns.analyze(strings))["alphabet"]
    assert pyarrow.array(columns.count_segments(alphabets)).to_pylist() == [
        None if text is None else 1 for text in TEXTS
    ]


def test_a_part_of_a_result_outlives_the_rest() -> None:
    found = columns.analyze(strings)
    batch = pyarrow.record_batch(found)
    del found
    column = batch["alphabet"]
    del batch
    assert column.to_pylist()[:2] == ["GSM-7", None]


def test_capsules_that_nobody_takes_are_released() -> None:
    found = columns.count_segments(strings)
    for _ in range(3):
        found.__arrow_c_schema__()
        found.__arrow_c_array__()
        found.__arrow_c_stream__()
    assert pyarrow.array(found).to_pylist()[:1] == [1]


def test_a_result_is_freed_when_nobody_holds_it() -> None:
    def alive() -> int:
        gc.collect()
        return sum(type(thing) is columns.ArrowColumn for thing in gc.get_objects())

    before = alive()
    for _ in range(5):
        for take in (pyarrow.array, polars.Series, nanoarrow.Array, pyarrow.chunked_array, lambda found: found):
            take(columns.analyze(strings))
            take(columns.segment(strings))
        capsules = columns.analyze(strings).__arrow_c_array__()
        assert alive() > before
        del capsules
    assert alive() == before


def test_a_result_cannot_be_pickled_or_copied() -> None:
    with pytest.raises(TypeError, match="no default __reduce__"):
        pickle.dumps(columns.count_segments(strings))


def test_a_result_says_what_it_is() -> None:
    found = columns.analyze(strings)
    assert repr(found).startswith(f"<ArrowColumn of {len(TEXTS)} rows, fields: alphabet, segment_count, unit_count,")
    assert repr(columns.count_segments(strings)) == f"<ArrowColumn of {len(TEXTS)} rows>"
    assert (len(found), found.null_count, columns.count_segments(strings).null_count) == (len(TEXTS), 0, 2)
    with pytest.raises(TypeError, match=r"msgcore\.columns makes it"):
        columns.ArrowColumn()


# -------------------------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize("make", [strings.slice, polars.Series, pyarrow.array], ids=["pyarrow", "polars", "chunk"])
def test_a_text_that_cannot_be_sent_names_its_row(make: Any) -> None:
    long = ["fine", None, "a" * 153 * 256]
    texts = pyarrow.array(long) if make == strings.slice else make(long)
    for call in (columns.count_segments, columns.analyze, columns.segment):
        with pytest.raises(SegmentLimitError, match="needs 256 segments") as caught:
            call(texts)
        assert caught.value.__notes__ == ["at row 2 of the column"]


def test_a_chunk_longer_than_a_block_is_read_to_its_end() -> None:
    texts = ["a", None, "–"] * 100_000  # more than the 2**18 rows that are worked on at once
    column = pyarrow.array([*texts, "a" * 161])
    counts = pyarrow.array(columns.count_segments(column))
    assert (len(counts), counts.null_count, counts[-1].as_py()) == (300_001, 100_000, 2)
    table = pyarrow.record_batch(columns.analyze(column))
    assert table["alphabet"].slice(262_140, 9).to_pylist() == ["GSM-7", None, "UCS-2"] * 3
    segments = pyarrow.array(columns.segment(column))
    assert [row and len(row) for row in segments.slice(299_998).to_pylist()] == [None, 1, 2]
    for call in (columns.count_segments, columns.analyze, columns.segment):
        with pytest.raises(SegmentLimitError) as caught:
            call(pyarrow.array([*texts, "a" * 153 * 256]))
        assert caught.value.__notes__ == ["at row 300000 of the column"]


def test_an_unsigned_index_is_read_as_one() -> None:
    for count, index_type in ((200, pyarrow.uint8()), (40_000, pyarrow.uint16()), (40_000, pyarrow.int32())):
        values = [f"{number}" for number in range(count)] + ["a" * 161]
        column = pyarrow.DictionaryArray.from_arrays(pyarrow.array([count, count - 1, 0], index_type), values)
        assert pyarrow.array(columns.count_segments(column)).to_pylist() == [2, 1, 1]


def test_a_text_that_cannot_be_sent_is_null_where_that_is_asked_for() -> None:
    texts = ["fine", "a" * 153 * 256, None, "é" * 90]
    column = pyarrow.array(texts)
    assert pyarrow.array(columns.count_segments(column, errors="null")).to_pylist() == [1, None, None, 1]
    assert pyarrow.array(columns.analyze(column, errors="null")).to_pylist()[1]["alphabet"] is None
    segments = pyarrow.array(columns.segment(column, errors="null")).to_pylist()
    assert [row and len(row) for row in segments] == [1, None, None, 1]


@pytest.mark.parametrize(
    "wrong",
    [
        pyarrow.array([1, 2]),
        pyarrow.array([b"octets"]),
        pyarrow.array([["a"]]),
        pyarrow.table({"one": ["a"], "two": ["b"]}),
        polars.Series([1.5]),
        polars.DataFrame({"one": ["a"], "two": ["b"]}),
    ],
    ids=str,
)
def test_columns_that_hold_no_texts_are_refused(wrong: Any) -> None:
    for call in (columns.count_segments, columns.analyze, columns.segment):
        with pytest.raises(TypeError, match=r"expected an Arrow column of|expected one column"):
            call(wrong)
