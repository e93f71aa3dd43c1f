from array import array
from collections.abc import Sequence
from typing import Literal

from msgcore.kernel.headers import InformationElement

def count_segments(
    texts: list[str],
    *,
    boundary: Literal["cluster", "character"] = "cluster",
    reference_bits: Literal[8, 16] = 8,
    languages: str | Sequence[str] | None = (),
    elements: Sequence[InformationElement] = (),
) -> array[int]: ...
def measure(
    texts: list[str],
    *,
    boundary: Literal["cluster", "character"] = "cluster",
    reference_bits: Literal[8, 16] = 8,
    languages: str | Sequence[str] | None = (),
    elements: Sequence[InformationElement] = (),
) -> tuple[array[int], array[int], array[int], array[int]]: ...
