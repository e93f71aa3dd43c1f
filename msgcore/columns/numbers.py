"""Columns of telephone numbers, judged by the numbering plan."""

from array import array  # subscripted in quotes: before Python 3.12 it takes no type parameter at run time
from dataclasses import dataclass
from typing import ClassVar, overload

from msgcore.columns.producers import ArrowProducer, as_list
from msgcore.kernel import number_columns as _kernel
from msgcore.kernel.arrow_results import ArrowColumn
from msgcore.tables.generated.numbering import REGIONS
from msgcore.tables.number_kinds import KINDS, STATUSES, NumberKind, NumberStatus


@dataclass(frozen=True, slots=True)
class NumberClassification:
    """What the numbering plan says about each number of a column: four arrays of one length.

    ``calling_code``
        16-bit integers, 0 where it is unknown or the row is not E.164
    ``region``, ``kind``, ``status``
        octets, each an index into ``regions``, ``kinds`` or ``statuses``; status 0 is valid
    """

    calling_code: "array[int]"
    region: "array[int]"
    kind: "array[int]"
    status: "array[int]"

    regions: ClassVar[tuple[str | None, ...]] = REGIONS
    kinds: ClassVar[tuple[NumberKind, ...]] = KINDS
    statuses: ClassVar[tuple[NumberStatus, ...]] = STATUSES

    __hash__ = None  # type: ignore[assignment]  # arrays can change, so it has no hash

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.status)


@overload
def classify_numbers(numbers: list[str]) -> NumberClassification: ...
@overload
def classify_numbers(numbers: ArrowProducer) -> ArrowColumn: ...
def classify_numbers(numbers: list[str] | ArrowProducer) -> NumberClassification | ArrowColumn:
    """Tell what the numbering plan says about each number, exactly as written.

    >>> found = classify_numbers(["+442070313000", "+4402070313000", "020 7031 3000"])
    >>> [found.statuses[status].value for status in found.status]
    ['valid', 'written with a trunk prefix', 'not E.164']

    A number that is not valid, or no number at all, is marked in its row and is no error.

    An Arrow column gives a table (a struct without nulls of its own) of ``calling_code``, null where it is unknown;
    ``region``, null where the number belongs to none or to several; ``kind`` and ``status``. The last three are
    dictionaries of names. A null row is null in each.

    Raises:
        TypeError: a row is no string; a note names it.
        ColumnError: an Arrow column breaks Arrow's rules.
    """
    listed = as_list(numbers)
    if listed is not None:
        return NumberClassification(*_kernel.classify_numbers(listed))
    return _kernel.classify_arrow_numbers(numbers)


__all__ = ["NumberClassification", "classify_numbers"]
