"""Texts drawn: what is shown is what is billed and what travels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgcore.encoding import Alphabet, count_segments, segment
from msgcore.errors import EncodingError
from tests.reference.strategies import texts
from transports.simulator.service.watching.drawing import draw


@given(texts)
def test_cells_make_up_the_text_and_their_units_what_is_billed(text: str) -> None:
    drawing = draw(text)
    assert drawing.segment_count == count_segments(text, boundary="character") == len(drawing.segments)
    assert "".join(cell.character for part in drawing.segments for cell in part.cells) == text
    assert sum(len(cell.units) for part in drawing.segments for cell in part.cells) == drawing.unit_count
    for part in drawing.segments:
        assert sum(len(cell.units) for cell in part.cells) == part.unit_count <= part.capacity
    last = drawing.segments[-1]
    assert last.capacity - last.unit_count == drawing.units_left
    assert any(cell.outside for part in drawing.segments for cell in part.cells) == (drawing.alphabet == "UCS-2")


@given(texts)
def test_octets_are_those_that_travel(text: str) -> None:
    for part, cut in zip(draw(text).segments, segment(text, boundary="character"), strict=True):
        octets = bytes.fromhex(part.user_data)
        assert octets == cut.user_data
        assert octets.startswith(bytes.fromhex(part.header))
        assert part.user_data_length == cut.user_data_length


@pytest.mark.parametrize("text, capacity", [("a", 160), ("a" * 161, 153), ("—", 70), ("—" * 71, 67)])
def test_capacities_are_those_of_the_standard(text: str, capacity: int) -> None:
    assert {part.capacity for part in draw(text).segments} == {capacity}


def test_what_forces_ucs_2_is_counted_and_a_saving_proposed() -> None:
    drawing = draw("“Hi” – “you”")
    assert [
        (item.character, item.code_points, item.count, item.first, item.replacement) for item in drawing.outside
    ] == [
        ("“", "U+201C", 2, 0, '"'),
        ("”", "U+201D", 2, 3, '"'),
        ("–", "U+2013", 1, 5, "-"),
    ]
    [saving] = drawing.savings
    assert (saving.text, saving.alphabet, saving.changes) == ('"Hi" - "you"', Alphabet.GSM7.value, 5)


def test_letters_lose_their_accents_only_in_a_proposal_of_its_own() -> None:
    assert [(saving.unaccented, saving.text) for saving in draw("“garçon”").savings] == [(True, '"garcon"')]
    assert draw("plain").savings == draw("привет").savings == ()


@given(st.text(alphabet="ab\ud800\udfff", max_size=5))
def test_half_a_surrogate_pair_is_an_error_that_says_where(text: str) -> None:
    if "\ud800" in text or "\udfff" in text:
        with pytest.raises(EncodingError):
            draw(text)
    else:
        draw(text)
