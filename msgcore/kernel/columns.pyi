from array import array
from collections.abc import Sequence
from typing import Literal

from msgcore.kernel.arrow_results import ArrowColumn
from msgcore.kernel.headers import InformationElement

def count_segments(
    texts: list[str],
    *,
    boundary: Literal["cluster", "character"] = "cluster",
    reference_bits: Literal[8, 16] = 8,
    languages: str | Sequence[str] | None = (),
    elements: Sequence[InformationElement] = (),
    errors: Literal["raise", "null"] = "raise",
) -> array[int]: ...
def measure(
    texts: list[str],
    *,
    boundary: Literal["cluster", "character"] = "cluster",
    reference_bits: Literal[8, 16] = 8,
    languages: str | Sequence[str] | None = (),
    elements: Sequence[InformationElement] = (),
    errors: Literal["raise", "null"] = "raise",
) -> tuple[array[int], array[int], array[int], array[int], array[int], array[int], array[int]]: ...
def count_arrow_segments(
    texts: object,
    *,
    boundary: Literal["cluster", "character"] = "cluster",
    reference_bits: Literal[8, 16] = 8,
    languages: str | Sequence[str] | None = (),
    elements: Sequence[InformationElement] = (),
    errors: Literal["raise", "null"] = "raise",
) -> ArrowColumn: ...
def measure_arrow(
    texts: object,
    *,
    boundary: Literal["cluster", "character"] = "cluster",
    reference_bits: Literal[8, 16] = 8,
    languages: str | Sequence[str] | None = (),
    elements: Sequence[InformationElement] = (),
    errors: Literal["raise", "null"] = "raise",
) -> ArrowColumn: ...
