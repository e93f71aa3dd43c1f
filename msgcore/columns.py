"""Whole columns: one call for a list of texts, typed buffers back, no Python object per row.

The results are ``array.array``; they have the buffer protocol, so ``numpy.frombuffer``, ``memoryview`` and Arrow take
them without a copy. Options mean what they mean for one text. An error names the row in a note
(``error.__notes__``) and stops the call: a column has no half result.
"""

from array import array  # subscripted in quotes: before Python 3.12 it takes no type parameter at run time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NoReturn

from msgcore.encoding.user_data import InformationElement
from msgcore.errors import UnsupportedError
from msgcore.kernel import columns as _kernel


@dataclass(frozen=True, slots=True)
class ColumnAnalysis:
    """What each text of a column costs: four arrays of one length.

    ``is_ucs2``
        1 for UCS-2, 0 for GSM-7 (octets)
    ``segment_count``, ``units_left``
        16-bit integers
    ``unit_count``
        32-bit integers: septets, or UTF-16 code units where ``is_ucs2``
    """

    is_ucs2: "array[int]"
    segment_count: "array[int]"
    unit_count: "array[int]"
    units_left: "array[int]"

    __hash__ = None  # type: ignore[assignment]  # arrays can change, so it has no hash

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.segment_count)


def count_segments(
    texts: list[str],
    *,
    boundary: Literal["cluster", "character"] = "cluster",
    reference_bits: Literal[8, 16] = 8,
    languages: str | Sequence[str] | None = (),
    elements: Sequence[InformationElement] = (),
) -> "array[int]":
    """Count the segments of each text.

    >>> count_segments(["hello", "a" * 161, ""])
    array('H', [1, 2, 1])

    Raises:
        EncodingError, SegmentLimitError: as for one text, with the row in a note.
    """
    _check_list(texts)
    return _kernel.count_segments(
        texts, boundary=boundary, reference_bits=reference_bits, languages=languages, elements=elements
    )


def analyze(
    texts: list[str],
    *,
    boundary: Literal["cluster", "character"] = "cluster",
    reference_bits: Literal[8, 16] = 8,
    languages: str | Sequence[str] | None = (),
    elements: Sequence[InformationElement] = (),
) -> ColumnAnalysis:
    """Tell what each text costs.

    >>> analyze(["hello", "10–12"]).units_left
    array('H', [155, 65])
    """
    _check_list(texts)
    return ColumnAnalysis(
        *_kernel.measure(
            texts, boundary=boundary, reference_bits=reference_bits, languages=languages, elements=elements
        )
    )


def classify_numbers(numbers: list[str]) -> NoReturn:
    """Classify a column of telephone numbers; not built yet."""
    raise UnsupportedError("classify_numbers is not built yet: call parse_number for each number")


def _check_list(texts: object) -> None:
    if isinstance(texts, list):
        return
    if hasattr(texts, "__arrow_c_array__") or hasattr(texts, "__arrow_c_stream__"):
        raise UnsupportedError("Arrow columns are not read yet: pass a list of str")
    raise TypeError(f"texts must be a list of str, not {type(texts).__name__}")


__all__ = ["ColumnAnalysis", "analyze", "classify_numbers", "count_segments"]
