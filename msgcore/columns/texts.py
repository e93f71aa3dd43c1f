"""Columns of texts: counted, analyzed, cut into segments.

Options mean what they mean for one text.
"""

from array import array  # subscripted in quotes: before Python 3.12 it takes no type parameter at run time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, overload

from msgcore.columns.producers import ArrowProducer, as_list
from msgcore.encoding.user_data import InformationElement
from msgcore.kernel import column_segments as _segments
from msgcore.kernel import columns as _kernel
from msgcore.kernel.arrow_results import ArrowColumn

Boundary = Literal["cluster", "character"]
ReferenceBits = Literal[8, 16]
Errors = Literal["raise", "null"]


@dataclass(frozen=True, slots=True)
class ColumnAnalysis:
    """What each text of a list costs: arrays of one length.

    ``is_ucs2``
        1 for UCS-2, 0 for GSM-7 (octets)
    ``segment_count``, ``units_left``
        16-bit integers; no segments mean that there is no answer
    ``unit_count``
        32-bit integers: septets, or UTF-16 code units where ``is_ucs2``
    ``first_outside_gsm7``
        32-bit integers: the index of the first character that is not in GSM-7, -1 where there is none
    ``single_shift``, ``locking_shift``
        the national language whose table is used, by its identifier in 3GPP TS 23.038, 6.2.1.2.4; 0 for none (octets)
    """

    is_ucs2: "array[int]"
    segment_count: "array[int]"
    unit_count: "array[int]"
    units_left: "array[int]"
    first_outside_gsm7: "array[int]"
    single_shift: "array[int]"
    locking_shift: "array[int]"

    __hash__ = None  # type: ignore[assignment]  # arrays can change, so it has no hash

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.segment_count)


@dataclass(frozen=True, slots=True)
class ColumnSegments:
    """The segments of all texts of a list, one after the other, as arrays; octets each, but for the offsets.

    ``row_offsets``
        64-bit integers: row ``i`` has the segments from ``row_offsets[i]`` up to ``row_offsets[i + 1]``; a row without
        segments has no answer
    ``is_ucs2``, ``number``, ``total``, ``unit_count``, ``user_data_length``
        of each segment, as ``Segment`` has them
    ``header_octets``
        how many octets of the user data are its header
    ``user_data_offsets``
        64-bit integers: segment ``j`` has the octets from ``user_data_offsets[j]`` up to ``user_data_offsets[j + 1]``
    ``user_data``
        TP-UD of all segments: header, fill bits and packed septets, or header and UTF-16BE
    """

    row_offsets: "array[int]"
    is_ucs2: "array[int]"
    number: "array[int]"
    total: "array[int]"
    unit_count: "array[int]"
    header_octets: "array[int]"
    user_data_length: "array[int]"
    user_data_offsets: "array[int]"
    user_data: bytes

    __hash__ = None  # type: ignore[assignment]  # arrays can change, so it has no hash

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.row_offsets) - 1


@overload
def count_segments(
    texts: list[str],
    *,
    boundary: Boundary = ...,
    reference_bits: ReferenceBits = ...,
    languages: str | Sequence[str] | None = ...,
    elements: Sequence[InformationElement] = ...,
    errors: Errors = ...,
) -> "array[int]": ...
@overload
def count_segments(
    texts: ArrowProducer,
    *,
    boundary: Boundary = ...,
    reference_bits: ReferenceBits = ...,
    languages: str | Sequence[str] | None = ...,
    elements: Sequence[InformationElement] = ...,
    errors: Errors = ...,
) -> ArrowColumn: ...
def count_segments(
    texts: list[str] | ArrowProducer,
    *,
    boundary: Boundary = "cluster",
    reference_bits: ReferenceBits = 8,
    languages: str | Sequence[str] | None = (),
    elements: Sequence[InformationElement] = (),
    errors: Errors = "raise",
) -> "array[int] | ArrowColumn":
    """Count the segments of each text.

    >>> count_segments(["hello", "a" * 161, ""])
    array('H', [1, 2, 1])

    An Arrow column gives one of 16-bit integers, null where it is null.

    Raises:
        EncodingError, SegmentLimitError: as for one text, with the row in a note.
        ColumnError: an Arrow column breaks Arrow's rules, or a row of it is not UTF-8.
    """
    options = {
        "boundary": boundary,
        "reference_bits": reference_bits,
        "languages": languages,
        "elements": elements,
        "errors": errors,
    }
    listed = as_list(texts)
    if listed is not None:
        return _kernel.count_segments(listed, **options)  # type: ignore[arg-type]
    return _kernel.count_arrow_segments(texts, **options)  # type: ignore[arg-type]


@overload
def analyze(
    texts: list[str],
    *,
    boundary: Boundary = ...,
    reference_bits: ReferenceBits = ...,
    languages: str | Sequence[str] | None = ...,
    elements: Sequence[InformationElement] = ...,
    errors: Errors = ...,
) -> ColumnAnalysis: ...
@overload
def analyze(
    texts: ArrowProducer,
    *,
    boundary: Boundary = ...,
    reference_bits: ReferenceBits = ...,
    languages: str | Sequence[str] | None = ...,
    elements: Sequence[InformationElement] = ...,
    errors: Errors = ...,
) -> ArrowColumn: ...
def analyze(
    texts: list[str] | ArrowProducer,
    *,
    boundary: Boundary = "cluster",
    reference_bits: ReferenceBits = 8,
    languages: str | Sequence[str] | None = (),
    elements: Sequence[InformationElement] = (),
    errors: Errors = "raise",
) -> ColumnAnalysis | ArrowColumn:
    """Tell what each text costs.

    >>> analyze(["hello", "10–12"]).units_left
    array('H', [155, 65])

    An Arrow column gives a table (a struct without nulls of its own) of these fields, each null where the row is:
    ``alphabet`` (a dictionary of ``GSM-7`` and ``UCS-2``), ``segment_count``, ``unit_count``, ``units_left``;
    ``first_outside_gsm7``, null where all characters are in GSM-7; ``single_shift`` and ``locking_shift`` (dictionaries
    of the languages' names), null where no national table is used.

    Raises:
        EncodingError, SegmentLimitError, ColumnError: as for ``count_segments``.
    """
    options = {
        "boundary": boundary,
        "reference_bits": reference_bits,
        "languages": languages,
        "elements": elements,
        "errors": errors,
    }
    listed = as_list(texts)
    if listed is not None:
        return ColumnAnalysis(*_kernel.measure(listed, **options))  # type: ignore[arg-type]
    return _kernel.measure_arrow(texts, **options)  # type: ignore[arg-type]


@overload
def segment(
    texts: list[str],
    *,
    reference: int | Sequence[int] = ...,
    reference_bits: ReferenceBits = ...,
    boundary: Boundary = ...,
    languages: str | Sequence[str] | None = ...,
    elements: Sequence[InformationElement] = ...,
    errors: Errors = ...,
) -> ColumnSegments: ...
@overload
def segment(
    texts: ArrowProducer,
    *,
    reference: int | Sequence[int] = ...,
    reference_bits: ReferenceBits = ...,
    boundary: Boundary = ...,
    languages: str | Sequence[str] | None = ...,
    elements: Sequence[InformationElement] = ...,
    errors: Errors = ...,
) -> ArrowColumn: ...
def segment(
    texts: list[str] | ArrowProducer,
    *,
    reference: int | Sequence[int] = 0,
    reference_bits: ReferenceBits = 8,
    boundary: Boundary = "cluster",
    languages: str | Sequence[str] | None = (),
    elements: Sequence[InformationElement] = (),
    errors: Errors = "raise",
) -> ColumnSegments | ArrowColumn:
    """Cut each text into segments and build the user data of each.

    >>> parts = segment(["hi", "a" * 161], reference=[6, 7])
    >>> parts.row_offsets, parts.unit_count, parts.user_data_length
    (array('q', [0, 1, 3]), array('B', [2, 153, 8]), array('B', [2, 160, 15]))
    >>> start = parts.user_data_offsets[1]
    >>> parts.user_data[start : start + parts.header_octets[1]].hex(" ")
    '05 00 03 07 02 01'

    An Arrow column gives a list of structs a row: ``alphabet``, ``number``, ``total``, ``unit_count``,
    ``header_octets`` (of the user data), ``user_data_length`` and ``user_data``, as ``Segment`` and ``ColumnSegments``
    have them.

    Args:
        reference: the concatenation reference of all texts, or one for each row, null rows included.

    Raises:
        EncodingError, SegmentLimitError, ColumnError: as for ``count_segments``.
        ValueError: a reference is too large, or there are not as many as rows.
    """
    options = {
        "reference": reference,
        "reference_bits": reference_bits,
        "boundary": boundary,
        "languages": languages,
        "elements": elements,
        "errors": errors,
    }
    listed = as_list(texts)
    if listed is not None:
        return ColumnSegments(*_segments.segment(listed, **options))  # type: ignore[arg-type]
    return _segments.segment_arrow(texts, **options)  # type: ignore[arg-type]


__all__ = ["ColumnAnalysis", "ColumnSegments", "analyze", "count_segments", "segment"]
