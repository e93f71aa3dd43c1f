from array import array
from collections.abc import Sequence
from typing import Literal

from msgcore.kernel.arrow_results import ArrowColumn
from msgcore.kernel.headers import InformationElement

def segment(
    texts: list[str],
    *,
    reference: int | Sequence[int] = 0,
    reference_bits: Literal[8, 16] = 8,
    boundary: Literal["cluster", "character"] = "cluster",
    languages: str | Sequence[str] | None = (),
    elements: Sequence[InformationElement] = (),
    errors: Literal["raise", "null"] = "raise",
) -> tuple[array[int], array[int], array[int], array[int], array[int], array[int], array[int], array[int], bytes]: ...
def segment_arrow(
    texts: object,
    *,
    reference: int | Sequence[int] = 0,
    reference_bits: Literal[8, 16] = 8,
    boundary: Literal["cluster", "character"] = "cluster",
    languages: str | Sequence[str] | None = (),
    elements: Sequence[InformationElement] = (),
    errors: Literal["raise", "null"] = "raise",
) -> ArrowColumn: ...
