"""Segments against the reference, and what must hold for any text."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgcore.encoding.segmentation import analyze, count_segments, segment
from msgcore.encoding.user_data import InformationElement, decode_user_data
from msgcore.errors import SegmentLimitError
from msgcore.kernel.clusters import cluster_ends
from msgcore.tables.alphabets import Alphabet
from tests.reference import segmentation as reference
from tests.reference.alphabet import is_gsm7
from tests.reference.strategies import boundaries, cuttable_texts, elements, reference_widths


@given(cuttable_texts, boundaries, reference_widths)
def test_cuts_and_octets_are_those_of_the_reference(text: str, boundary: Any, bits: Any) -> None:
    parts = segment(text, reference=200, boundary=boundary, reference_bits=bits)
    expected = reference.cut(text, boundary=boundary, reference_bits=bits)
    gsm7 = is_gsm7(text)
    assert [part.text for part in parts] == expected
    for number, part in enumerate(parts, start=1):
        head = reference.header(200, bits, len(expected), number)
        assert part.header == head
        assert (part.user_data, part.user_data_length) == reference.user_data(part.text, gsm7, head)
        assert part.unit_count == reference.units(part.text, gsm7)
        assert (part.number, part.total) == (number, len(expected))
        assert part.alphabet is parts.alphabet is (Alphabet.GSM7 if gsm7 else Alphabet.UCS2)


@given(cuttable_texts, boundaries, reference_widths, elements)
def test_elements_of_the_caller_stand_in_every_segment(
    text: str, boundary: Any, bits: Any, given_elements: list[InformationElement]
) -> None:
    octets = b"".join(bytes([item.identifier, len(item.data), *item.data]) for item in given_elements)
    expected = reference.cut(text, boundary=boundary, reference_bits=bits, elements=octets)
    if len(expected) > 255:
        with pytest.raises(SegmentLimitError) as raised:
            segment(text, boundary=boundary, reference_bits=bits, elements=given_elements)
        assert raised.value.needed == len(expected)
        return
    parts = segment(text, reference=200, boundary=boundary, reference_bits=bits, elements=given_elements)
    assert [part.text for part in parts] == expected
    for number, part in enumerate(parts, start=1):
        head = reference.header(200, bits, len(expected), number, octets)
        assert part.header == head
        assert (part.user_data, part.user_data_length) == reference.user_data(part.text, is_gsm7(text), head)
        assert len(part.user_data) <= 140
    counted = count_segments(text, boundary=boundary, reference_bits=bits, elements=given_elements)
    analysis = analyze(text, boundary=boundary, reference_bits=bits, elements=given_elements)
    assert counted == analysis.segment_count == len(parts)


@given(cuttable_texts, st.data())
def test_segments_are_the_same_whichever_is_asked_for_first(text: str, data: st.DataObject) -> None:
    expected = list(segment(text))
    parts = segment(text)
    for index in data.draw(st.lists(st.integers(0, len(expected) - 1), max_size=5)):
        assert parts[index] == parts[index - len(parts)] == expected[index]
        assert parts[index] is parts[index]
    assert list(parts) == expected
    assert parts[1:] == tuple(expected[1:])


@given(cuttable_texts, boundaries, reference_widths)
def test_counting_is_cutting(text: str, boundary: Any, bits: Any) -> None:
    parts = segment(text, boundary=boundary, reference_bits=bits)
    analysis = analyze(text, boundary=boundary, reference_bits=bits)
    assert count_segments(text, boundary=boundary, reference_bits=bits) == len(parts) == analysis.segment_count
    assert analysis.unit_count == sum(part.unit_count for part in parts)
    head = len(parts[-1].header)
    assert analysis.units_left == reference.capacity(head, is_gsm7(text)) - parts[-1].unit_count
    assert analysis.alphabet is parts.alphabet


@given(cuttable_texts, boundaries, reference_widths)
def test_nothing_is_lost_or_too_long(text: str, boundary: Any, bits: Any) -> None:
    parts = segment(text, boundary=boundary, reference_bits=bits)
    assert "".join(part.text for part in parts) == text
    assert all(len(part.user_data) <= 140 for part in parts)
    assert all(part.text for part in parts) or text == ""


@given(cuttable_texts, reference_widths)
def test_no_cluster_that_fits_is_cut(text: str, bits: Any) -> None:
    gsm7 = is_gsm7(text)
    room = reference.capacity(6 if bits == 8 else 7, gsm7)
    cuts = set()
    position = 0
    for part in segment(text, reference_bits=bits)[:-1]:
        position += len(part.text)
        cuts.add(position)
    start = 0
    for end in cluster_ends(text):
        if reference.units(text[start:end], gsm7) <= room:
            assert cuts.isdisjoint(range(start + 1, end))
        start = end


@given(cuttable_texts, reference_widths)
def test_characters_give_the_fewest_segments(text: str, bits: Any) -> None:
    assert count_segments(text, boundary="character", reference_bits=bits) <= count_segments(text, reference_bits=bits)


@given(cuttable_texts, boundaries, reference_widths)
def test_user_data_reads_back_as_the_text(text: str, boundary: Any, bits: Any) -> None:
    parts = segment(text, reference=77, boundary=boundary, reference_bits=bits)
    for part in parts:
        data = decode_user_data(part.user_data, part.user_data_length, part.alphabet, has_header=bool(part.header))
        assert data.text == part.text
        found = data.header.concatenation
        if len(parts) == 1:
            assert found is None
        else:
            assert found is not None
            assert (found.reference, found.reference_bits) == (77, bits)
            assert (found.total, found.number) == (part.total, part.number)
