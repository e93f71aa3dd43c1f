"""Octets from anywhere, drawn so that more of them get past the first check of a decoder."""

from hypothesis import given
from hypothesis import strategies as st

from msgcore.encoding.alphabet import Alphabet
from tests.fuzz import encoding

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
concatenated_octets = st.builds(
    lambda element, total, number, rest: bytes([5, 0, 3, element, total, number]) + rest,
    st.integers(0, 255),
    st.integers(0, 3),
    st.integers(0, 4),
    st.binary(max_size=130),
)


@given(octets | header_octets)
def test_headers_decode_or_say_why_not(data: bytes) -> None:
    encoding.check_header(data)


@given(octets | header_octets | national_octets, st.integers(0, 200), st.integers(0, 7))
def test_user_data_decodes_or_says_why_not(data: bytes, length: int, flags: int) -> None:
    encoding.check_user_data(bytes((flags, length)) + data)


segments = st.lists(
    st.tuples(concatenated_octets | header_octets, st.integers(0, 160), st.sampled_from([*Alphabet, None])), max_size=12
)


@given(segments)
def test_segments_from_anywhere_are_joined_or_wait_or_say_why_not(arrived: encoding.Arrived) -> None:
    encoding.check_joining(arrived)


@given(octets, st.integers(0, 400), st.integers(0, 6))
def test_septets_unpack_or_say_why_not(data: bytes, count: int, fill_bits: int) -> None:
    encoding.check_unpack(bytes((fill_bits, *count.to_bytes(2, "big"))) + data)


@given(st.text(st.characters(), max_size=400), st.integers(0, 11))
def test_any_string_is_cut_or_says_why_not(text: str, options: int) -> None:
    """Lone surrogates included."""
    encoding.check_cuts(text, options)
