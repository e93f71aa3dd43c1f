from array import array
from collections.abc import Iterable, Sequence
from typing import Literal

from msgcore.kernel.arrow_results import ArrowColumn
from msgcore.kernel.headers import InformationElement

def segment(
    texts: list[str],
    *,
    reference: int | Iterable[int] = 0,
    reference_bits: Literal[8, 16] = 8,
    boundary: Literal["cluster", "character"] = "cluster",
    languages: str | Sequence[str] | None = (),
    elements: Sequence[InformationElement] = (),
    errors: Literal["raise", "null"] = "raise",
) -> tuple[array[int], array[int], array[int], array[int], array[int], array[int], array[int], array[int], bytes]: ...
def segment_arrow(
    texts: object,
    *,
    reference: int | Iterable[int] = 0,
    reference_bits: Literal[8, 16] = 8,
    boundary: Literal["cluster", "character"] = "cluster",
    languages: str | Sequence[str] | None = (),
    elements: Sequence[InformationElement] = (),
    errors: Literal["raise", "null"] = "raise",
) -> ArrowColumn: ...
