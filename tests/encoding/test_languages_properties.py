"""National languages against the reference, which tries every pair of tables on every text."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msgcore import columns
from msgcore.encoding.alphabet import decode_gsm7, encode_gsm7
from msgcore.encoding.segmentation import LanguageTable, analyze, count_segments, segment
from msgcore.encoding.user_data import decode_user_data
from msgcore.errors import EncodingError
from msgcore.kernel.national import decode_national
from msgcore.tables.alphabets import Alphabet
from tests.reference import languages as reference
from tests.reference import segmentation
from tests.reference.strategies import boundaries, cuttable_texts, reference_widths

identifiers = st.sampled_from(sorted(reference.NAMES))
alphabets = [sorted(set(table.values())) for table in (*reference.LOCKING.values(), *reference.SINGLE.values())]


@st.composite
def national_texts(draw: st.DrawFn) -> str:
    """Runs near the borders of segments, in the characters of one or two tables and a few of none."""
    pool = draw(st.sampled_from(alphabets)) + draw(st.sampled_from(alphabets))
    runs = st.builds(lambda character, count: character * count, st.sampled_from(pool), st.integers(0, 160))
    words = st.text(st.sampled_from(pool), max_size=40)
    return "".join(draw(st.lists(st.one_of(runs, words, st.sampled_from(["€", "\r\n", "ş", "ç"])), max_size=6)))


texts = st.one_of(national_texts(), cuttable_texts)
some_languages = st.one_of(st.lists(identifiers, min_size=1, max_size=3, unique=True), st.just(sorted(reference.NAMES)))


def tables(choice: reference.Choice) -> tuple[LanguageTable, ...]:
    single = (LanguageTable(reference.NAMES[choice.single], "single"),) if choice.single else ()
    locking = (LanguageTable(reference.NAMES[choice.locking], "locking"),) if choice.locking else ()
    return (*single, *locking)


def names(allowed: list[int]) -> str | list[str]:
    return "auto" if allowed == sorted(reference.NAMES) else [reference.NAMES[identifier] for identifier in allowed]


@settings(deadline=None)  # the reference cuts every text up to 183 times
@given(texts, some_languages, boundaries, reference_widths)
def test_the_choice_the_cuts_and_the_octets_are_those_of_the_reference(
    text: str, allowed: list[int], boundary: Any, bits: Any
) -> None:
    choice = reference.choose(text, allowed, boundary=boundary, reference_bits=bits)
    parts = segment(text, reference=200, boundary=boundary, reference_bits=bits, languages=names(allowed))
    assert parts.languages == tables(choice)
    assert parts.alphabet is (Alphabet.GSM7 if choice.gsm7 else Alphabet.UCS2)
    assert [part.text for part in parts] == reference.cut(text, choice, boundary=boundary, reference_bits=bits)
    for part in parts:
        head = reference.header(choice, 200, bits, len(parts), part.number)
        assert part.header == head
        assert part.unit_count == reference.units(part.text, choice)
        septets = reference.encode(part.text, choice) if choice.gsm7 else None
        assert (part.user_data, part.user_data_length) == segmentation.user_data(part.text, choice.gsm7, head, septets)


@given(texts, some_languages, boundaries, reference_widths)
def test_counting_is_cutting(text: str, allowed: list[int], boundary: Any, bits: Any) -> None:
    options: Any = {"boundary": boundary, "reference_bits": bits, "languages": names(allowed)}
    parts = segment(text, **options)
    analysis = analyze(text, **options)
    assert count_segments(text, **options) == len(parts) == analysis.segment_count
    assert columns.count_segments([text], **options)[0] == len(parts)
    assert analysis.unit_count == sum(part.unit_count for part in parts)
    room = segmentation.capacity(len(parts[-1].header), parts.alphabet is Alphabet.GSM7)
    assert analysis.units_left == room - parts[-1].unit_count
    assert analysis.languages == parts.languages


@given(texts, some_languages, boundaries, reference_widths)
def test_nothing_is_lost_and_all_reads_back(text: str, allowed: list[int], boundary: Any, bits: Any) -> None:
    parts = segment(text, boundary=boundary, reference_bits=bits, languages=names(allowed))
    assert "".join(part.text for part in parts) == text
    for part in parts:
        assert len(part.user_data) <= 140
        data = decode_user_data(part.user_data, part.user_data_length, part.alphabet, has_header=bool(part.header))
        assert data.text == part.text
        assert data.header.languages == parts.languages


@given(texts, some_languages)
def test_languages_never_cost_a_segment(text: str, allowed: list[int]) -> None:
    assert count_segments(text, languages=names(allowed)) <= count_segments(text)
    assert count_segments(text, languages="auto") <= count_segments(text, languages=names(allowed))


@given(
    st.binary(max_size=40).map(lambda octets: bytes(octet & 0x7F for octet in octets)),
    st.integers(0, 13),
    st.integers(0, 13),
)
def test_any_septets_decode_by_any_two_tables(septets: bytes, single: int, locking: int) -> None:
    assert decode_national(septets, single, locking) == reference.decode(septets, single, locking)


@given(st.integers(-5, 300), st.integers(-5, 300))
def test_every_code_of_every_table_decodes(single: int, locking: int) -> None:
    septets = bytes(septet for code in range(128) if code != 0x1B for septet in (code, 0x1B, code))
    assert decode_national(septets, single, locking) == reference.decode(septets, single, locking)


# ------------------------------------------------------------------------------------------------ unpacked, as in SMPP

choices = st.builds(
    lambda single, locking: reference.Choice(True, single, locking),
    st.sampled_from(sorted(reference.SINGLE)),
    st.sampled_from(sorted(reference.LOCKING)),
)


@given(choices, st.data())
def test_a_text_of_two_tables_has_the_septets_of_the_reference_and_reads_back(
    choice: reference.Choice, data: st.DataObject
) -> None:
    held = [*reference.LOCKING[choice.locking].values(), *reference.SINGLE[choice.single].values()]
    text = data.draw(st.text(st.sampled_from(held), max_size=60))
    septets = encode_gsm7(text, languages=tables(choice))
    assert septets == reference.encode(text, choice)
    assert decode_gsm7(septets, languages=tables(choice)) == text
    assert encode_gsm7(text, languages=tables(choice)[::-1]) == septets


@given(choices, st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_what_two_tables_lack_is_named_with_its_place(choice: reference.Choice, text: str) -> None:
    lacking = [index for index, held in enumerate(text) if reference.septets_of(held, choice) is None]
    if not lacking:
        assert encode_gsm7(text, languages=tables(choice)) == reference.encode(text, choice)
        return
    with pytest.raises(EncodingError) as caught:
        encode_gsm7(text, languages=tables(choice))
    assert (caught.value.position, caught.value.character) == (lacking[0], text[lacking[0]])


@given(st.binary(max_size=60).map(lambda octets: bytes(octet & 0x7F for octet in octets)), choices)
def test_unpacked_septets_read_as_the_reference_reads_them(septets: bytes, choice: reference.Choice) -> None:
    assert decode_gsm7(septets, languages=tables(choice)) == reference.decode(septets, choice.single, choice.locking)


@given(st.sampled_from(["turkish", "hindi", "auto"]), texts)
def test_a_segments_septets_are_those_of_its_text_under_the_tables_that_were_chosen(languages: str, text: str) -> None:
    parts = segment(text, languages=languages)
    if parts.alphabet is Alphabet.GSM7:
        for part in parts:
            septets = encode_gsm7(part.text, languages=parts.languages)
            assert len(septets) == part.unit_count
            data = decode_user_data(part.user_data, part.user_data_length, part.alphabet, has_header=bool(part.header))
            assert data.units == septets
