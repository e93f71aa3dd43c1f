"""The scan with vector instructions and without: the same answers, wherever in a block anything stands."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgcore.kernel.scanning import scan_units, select_vectors
from tests.reference.alphabet import DEFAULT, EXTENSION, encode, is_gsm7
from tests.reference.strategies import texts

# What stands alone in an otherwise plain text: an escape, the edges of every range, a surrogate, each width of storage.
MARKS = ["€", "{", "\x0c", "é", "ç", "`", "\x00", "\x1b", "\x7f", "\x80", "ÿ", "Ā", "Δ", "中", "😀", "\ud800", "\udfff"]
FILLERS = ["a", "é", "Δ", "€", "^", "中", "😀"]
LENGTHS = [*range(70), 95, 96, 97, 127, 128, 129, 255, 256, 257]


@pytest.fixture(params=[True, False], ids=["vectors", "plain"])
def vectors(request: pytest.FixtureRequest) -> Iterator[None]:
    if select_vectors(request.param) != request.param:
        select_vectors(True)
        pytest.skip("this machine has no such instructions")
    yield
    select_vectors(True)


def expected(text: str) -> tuple[int, int, int]:
    """Read the text character by character."""
    outside = next((index for index, character in enumerate(text) if not is_gsm7(character)), -1)
    surrogate = next((index for index, character in enumerate(text) if "\ud800" <= character <= "\udfff"), -1)
    if outside < 0:
        return len(encode(text)), -1, -1
    return len(text) + sum(character > "\uffff" for character in text), outside, surrogate


def same(text: str) -> bool:
    found, wanted = scan_units(text), expected(text)
    return found == wanted or (found[1:] == wanted[1:] and wanted[2] >= 0)


@pytest.mark.usefixtures("vectors")
@pytest.mark.parametrize("filler", FILLERS)
def test_every_length_is_counted_to_its_last_character(filler: str) -> None:
    assert [length for length in LENGTHS if not same(filler * length)] == []


@pytest.mark.usefixtures("vectors")
@pytest.mark.parametrize("mark", MARKS, ids=ascii)
@pytest.mark.parametrize("filler", ["a", "Δ", "😀"])
def test_a_mark_is_found_at_every_place(filler: str, mark: str) -> None:
    faults = [
        (length, place)
        for length in (1, 15, 16, 17, 31, 32, 33, 47, 64, 65, 100)
        for place in range(length)
        if not same(filler * place + mark + filler * (length - place - 1))
    ]
    assert faults == []


@pytest.mark.usefixtures("vectors")
def test_every_character_of_the_basic_plane_is_read_as_the_tables_say() -> None:
    alphabet = set(DEFAULT.replace("\x1b", "")) | set(EXTENSION)
    inside = {chr(point) for point in range(0x10000) if scan_units("a" * 40 + chr(point) + "a" * 40)[1] < 0}
    assert inside == alphabet


@given(texts, st.integers(0, 40))
def test_vectors_and_plain_code_agree(text: str, skipped: int) -> None:
    text = text[skipped:]
    found = []
    for wanted in (False, True):
        select_vectors(wanted)
        found.append(scan_units(text))
    assert found[0] == found[1]
    assert same(text)
