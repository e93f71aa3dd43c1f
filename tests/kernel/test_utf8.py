"""UTF-8 of a column is read as Python reads it, strictly, at every place where a rule ends."""

from collections.abc import Iterator
from itertools import product

import pyarrow
import pytest

from msgcore import columns
from msgcore.errors import ColumnError
from msgcore.kernel.scanning import select_vectors
from tests.columns.handmade import UTF8, Producer, utf8

# On both sides of each limit of table 3-7 of the Unicode Standard.
EDGES = [0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC1, 0xC2, 0xC3, 0xC4, 0xDF, 0xE0, 0xEC, 0xED, 0xEE, 0xEF]
HIGH_EDGES = [0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF]


def units_or_none(octets: bytes) -> int | None:
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        return None
    return len(text) + sum(character > "\uffff" for character in text)


def read(rows: list[bytes]) -> list[int | None]:
    found = pyarrow.record_batch(columns.analyze(Producer(UTF8, [utf8(rows)]), errors="null"))
    units: list[int | None] = found["unit_count"].to_pylist()
    return units


@pytest.fixture(params=["vectors", "plain"], autouse=True)
def _scanning(request: pytest.FixtureRequest) -> Iterator[None]:
    wanted = request.param == "vectors"
    if select_vectors(wanted) != wanted:
        pytest.skip("this machine has no vectors")
    yield
    select_vectors(True)


def test_every_two_octets() -> None:
    rows = [bytes(pair) + "–".encode() for pair in product(range(256), repeat=2)]  # never GSM-7: a unit a character
    assert read(rows) == [units_or_none(row) for row in rows]


@pytest.mark.parametrize("lead", EDGES + HIGH_EDGES)
def test_four_octets_from_the_edges(lead: int) -> None:
    rows = [bytes([lead, *rest]) + "–".encode() for rest in product(EDGES + HIGH_EDGES, repeat=3)]
    assert read(rows) == [units_or_none(row) for row in rows]


@pytest.mark.parametrize("piece", ["é", "Ā", "ş", "–", "😀", "é–", "é–😀", "é\x00z"])
def test_ascii_around_other_characters_is_kept(piece: str) -> None:
    lengths = [0, 1, 7, 15, 16, 17, 31, 32, 33, 48]
    texts = ["a" * before + piece + "b" * after + piece + "ç" for before, after in product(lengths, repeat=2)]
    for text, parts in zip(texts, pyarrow.array(columns.segment(pyarrow.array(texts))).to_pylist(), strict=True):
        written = b"".join(part["user_data"][part["header_octets"] :] for part in parts)
        assert written.decode("utf-16-be") == text


def test_no_character_is_taken_for_the_octets_it_is_made_of() -> None:
    points = [*range(0x80, 0xD800), *range(0xE000, 0x10000), *range(0x1F000, 0x1FB00)]
    texts = [chr(point) * 20 for point in points]
    found = pyarrow.record_batch(columns.analyze(Producer(UTF8, [utf8([text.encode() for text in texts])])))
    listed = columns.analyze(texts)  # a string is read as Python stores it
    assert found["alphabet"].indices.to_pylist() == listed.is_ucs2.tolist()
    assert found["unit_count"].to_pylist() == listed.unit_count.tolist()


@pytest.mark.parametrize("octets", [b"a" * 40 + b"\xff", b"\xc3\xa9" * 20 + b"\xc3", b"\xf0\x9f\x98\x80\xed\xa0\x80"])
def test_the_offset_of_what_is_not_utf8_is_told(octets: bytes) -> None:
    with pytest.raises(UnicodeDecodeError) as told:
        octets.decode()
    with pytest.raises(ColumnError, match=f"at offset {told.value.start}$"):
        columns.count_segments(Producer(UTF8, [utf8([octets])]))
