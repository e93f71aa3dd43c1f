"""Octets from anywhere: accepted, or a documented error; never another exception, never a read out of bounds."""

from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from msgcore.encoding.alphabet import Alphabet, decode_gsm7, encode_gsm7, pack_septets, unpack_septets
from msgcore.encoding.reassembly import Reassembler
from msgcore.encoding.segmentation import analyze, segment
from msgcore.encoding.substitution import to_gsm7
from msgcore.encoding.user_data import UserDataHeader, decode_user_data
from msgcore.errors import EncodingError, SegmentLimitError, UserDataError

octets = st.binary(max_size=160)
# Random octets seldom make a header, so most are given one whose lengths nearly fit.
header_octets = st.builds(
    lambda length, rest: bytes([length % 256]) + rest, st.integers(-2, 20), st.binary(max_size=150)
)
# Any language, known or not, before any text.
national_octets = st.builds(
    lambda single, locking, rest: bytes([6, 0x24, 1, single, 0x25, 1, locking]) + rest,
    st.integers(0, 255),
    st.integers(0, 255),
    st.binary(max_size=133),
)
alphabets = st.sampled_from([*Alphabet, None])
concatenated_octets = st.builds(
    lambda element, total, number, rest: bytes([5, 0, 3, element, total, number]) + rest,
    st.integers(0, 255),
    st.integers(0, 3),
    st.integers(0, 4),
    st.binary(max_size=130),
)


@given(st.one_of(octets, header_octets))
def test_headers_decode_or_say_why_not(data: bytes) -> None:
    try:
        header = UserDataHeader.decode(data)
    except UserDataError as error:
        assert 0 <= error.offset <= len(data)
        return
    assert header.encode() == data[: header.octet_count]
    found = header.concatenation
    assert found is None or 1 <= found.number <= found.total <= 255


@given(st.one_of(octets, header_octets, national_octets), st.integers(0, 200), alphabets, st.booleans())
def test_user_data_decodes_or_says_why_not(
    data: bytes, length: int, alphabet: Alphabet | None, has_header: bool
) -> None:
    try:
        found = decode_user_data(data, length, alphabet, has_header=has_header)
    except UserDataError as error:
        assert 0 <= error.offset <= len(data)
        return
    assert (found.text is None) == (alphabet is None)
    Reassembler().add(found, sender="a", recipient="b", now=0.0)


@given(st.lists(st.tuples(concatenated_octets | header_octets, st.integers(0, 160), alphabets), max_size=12))
def test_segments_from_anywhere_are_joined_or_wait_or_say_why_not(
    given_octets: list[tuple[bytes, int, Alphabet | None]],
) -> None:
    reassembler = Reassembler(max_messages=4)
    for data, length, alphabet in given_octets:
        waiting = len(reassembler)
        try:
            found = reassembler.add_octets(data, length, alphabet, has_header=True, sender="a", recipient="b", now=0.0)
        except UserDataError as error:
            assert 0 <= error.offset <= len(data)
            assert len(reassembler) == waiting
            continue
        assert found is None or (found.text is None) == (found.data is not None)
    assert all(1 <= len(item.segments) < item.total for item in reassembler.expire(1e9))


@given(octets, st.integers(0, 400), st.integers(0, 6))
def test_septets_unpack_or_say_why_not(data: bytes, count: int, fill_bits: int) -> None:
    try:
        septets = unpack_septets(data, count, fill_bits)
    except UserDataError:
        assert count * 7 + fill_bits > len(data) * 8
        return
    assert len(septets) == count
    decode_gsm7(septets)


@given(octets, st.integers(0, 6))
def test_any_octets_are_septets_or_say_why_not(data: bytes, fill_bits: int) -> None:
    for call in (decode_gsm7, lambda given: pack_septets(given, fill_bits)):
        try:
            call(data)
        except EncodingError as error:
            assert data[error.position] > 127
        else:
            assert max(data, default=0) <= 127


@given(st.text(st.characters(), max_size=400))
def test_any_string_is_cut_or_says_why_not(text: str) -> None:
    """Lone surrogates included."""
    surrogates = [index for index, character in enumerate(text) if "\ud800" <= character <= "\udfff"]
    for call in (segment, analyze, to_gsm7, partial(segment, languages="auto")):
        try:
            call(text)
        except EncodingError as error:
            assert error.position == surrogates[0]
        except SegmentLimitError as error:
            assert error.needed > 255
        else:
            assert not surrogates
    try:
        encode_gsm7(text)
    except EncodingError as error:
        assert text[error.position] == error.character
