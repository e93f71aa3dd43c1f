"""Septets, headers, user data, texts and the joining of segments."""

from typing import Literal

from msgcore.encoding.alphabet import Alphabet, decode_gsm7, encode_gsm7, pack_septets, unpack_septets
from msgcore.encoding.reassembly import Reassembler
from msgcore.encoding.segmentation import analyze, count_segments, segment
from msgcore.encoding.substitution import to_gsm7
from msgcore.encoding.user_data import UserDataHeader, decode_units, decode_user_data
from msgcore.errors import EncodingError, SegmentLimitError, UserDataError
from msgcore.kernel.national import decode_national
from tests.fuzz.target import Target

ALPHABETS = (*Alphabet, None)  # None: 8-bit data

# Segments in their order: TP-UD, TP-UDL and what they are read by.
Arrived = list[tuple[bytes, int, Alphabet | None]]
LANGUAGES = ((), "auto", ("turkish", "spanish", "hindi"))


def check_gsm7(data: bytes) -> None:
    """Septets, one to a byte, as text."""
    too_large = [index for index, octet in enumerate(data) if octet > 127]
    try:
        text = decode_gsm7(data)
    except EncodingError as error:
        assert error.position == too_large[0]
        return
    assert not too_large
    assert decode_gsm7(encode_gsm7(text)) == text


def check_pack(data: bytes) -> None:
    """Fill bits, then septets to pack."""
    fill_bits, septets = data[:1] or b"\0", data[1:]
    try:
        packed = pack_septets(septets, fill_bits[0] % 7)
    except EncodingError as error:
        assert septets[error.position] > 127
        return
    assert len(packed) == ((len(septets) * 7 + fill_bits[0] % 7 + 7) // 8 if septets else 0)
    assert unpack_septets(packed, len(septets), fill_bits[0] % 7) == septets


def check_unpack(data: bytes) -> None:
    """Fill bits, the count in two octets, then packed septets."""
    fill_bits, count, octets = data[:1] or b"\0", int.from_bytes(data[1:3], "big"), data[3:]
    try:
        septets = unpack_septets(octets, count, fill_bits[0] % 7)
    except UserDataError as error:
        assert count * 7 + fill_bits[0] % 7 > len(octets) * 8
        assert error.offset == len(octets)
        return
    assert len(septets) == count
    decode_gsm7(septets)


def check_national(data: bytes) -> None:
    """Single and locking shift, each any number there is no table for as well, then septets."""
    shifts, septets = data[:2].ljust(2, b"\0"), data[2:]
    try:
        text = decode_national(septets, *shifts)
    except EncodingError as error:
        assert septets[error.position] > 127
        return
    assert len(text) <= len(septets)
    if shifts == b"\0\0":
        assert text == decode_gsm7(septets)


def check_units(data: bytes) -> None:
    """UCS-2 of any octets, odd ones too."""
    text = decode_units(data, Alphabet.UCS2)
    assert len(text) <= (len(data) + 1) // 2


def check_header(data: bytes) -> None:
    """A user data header from UDHL on."""
    try:
        header = UserDataHeader.decode(data)
    except UserDataError as error:
        assert 0 <= error.offset <= len(data)
        return
    assert header.encode() == data[: header.octet_count]
    found = header.concatenation
    assert found is None or 1 <= found.number <= found.total <= 255
    assert len(header.languages) <= 2


def check_user_data(data: bytes) -> None:
    """TP-UDHI and alphabet in an octet, TP-UDL in another, then TP-UD."""
    flags, length, octets = (data[:1] or b"\0")[0], (data[1:2] or b"\0")[0], data[2:]
    alphabet = ALPHABETS[(flags >> 1) % 3]
    try:
        found = decode_user_data(octets, length, alphabet, has_header=bool(flags & 1))
    except UserDataError as error:
        assert 0 <= error.offset <= len(octets)
        return
    assert (found.text is None) == (alphabet is None)
    Reassembler().add(found, sender="a", recipient="b", now=0.0)


def check_reassembly(data: bytes) -> None:
    """Segments one after another, each an octet of alphabet, one of length, and so many octets."""
    arrived: Arrived = []
    while len(data) >= 2:
        kind, size = data[0], data[1] % 141
        octets, data = data[2 : 2 + size], data[2 + size :]
        alphabet = ALPHABETS[kind % 3]
        arrived.append((octets, size * 8 // 7 if alphabet is Alphabet.GSM7 else size, alphabet))
    check_joining(arrived)


def check_joining(arrived: Arrived) -> None:
    """Each segment completes a message, waits, or is refused, and then nothing has changed."""
    reassembler = Reassembler(max_messages=4)
    for octets, length, alphabet in arrived:
        waiting = len(reassembler)
        try:
            found = reassembler.add_octets(
                octets, length, alphabet, has_header=True, sender="a", recipient="b", now=0.0
            )
        except UserDataError as error:
            assert 0 <= error.offset <= len(octets)
            assert len(reassembler) == waiting
            continue
        assert len(reassembler) <= 4
        assert found is None or (found.text is None) == (found.data is not None)
    assert all(1 <= len(message.segments) < message.total for message in reassembler.expire(1e9))


def check_text(data: bytes) -> None:
    """Options in an octet, then UTF-16 that may hold lone surrogates."""
    options, octets = (data[:1] or b"\0")[0], data[1:]
    check_cuts(octets[: len(octets) & ~1].decode("utf-16-le", "surrogatepass"), options)


def check_cuts(text: str, options: int = 0) -> None:
    """A text is cut, and its count is right, or it is said why not."""
    boundary: Literal["cluster", "character"] = "character" if options & 1 else "cluster"
    bits: Literal[8, 16] = 16 if options & 2 else 8
    languages = LANGUAGES[(options >> 2) % 3]
    surrogates = [index for index, character in enumerate(text) if "\ud800" <= character <= "\udfff"]
    try:
        segments = segment(text, boundary=boundary, reference_bits=bits, languages=languages)
        counted = count_segments(text, boundary=boundary, reference_bits=bits, languages=languages)
        analysis = analyze(text, boundary=boundary, reference_bits=bits, languages=languages)
    except EncodingError as error:
        assert error.position == surrogates[0]
    except SegmentLimitError as error:
        assert error.needed > 255
    else:
        assert not surrogates
        assert counted == analysis.segment_count == len(segments)
        assert "".join(part.text for part in segments) == text
        assert all(len(part.user_data) <= 140 for part in segments)
    try:
        to_gsm7(text)
    except EncodingError as error:
        assert error.position == surrogates[0]
    except SegmentLimitError as error:
        assert error.needed > 255
    try:
        assert decode_gsm7(encode_gsm7(text)) == text
    except EncodingError as error:
        assert text[error.position] == error.character


TARGETS = {
    "gsm7": Target(check_gsm7, (b"hello", b"10 \x1b\x65", b"\x1b\x1b\x1b")),
    "pack": Target(check_pack, (b"\0hello", b"\1" + b"a" * 153)),
    "unpack": Target(check_unpack, (bytes.fromhex("000005e8329bfd06"), bytes.fromhex("010001c2"))),
    "national": Target(check_national, (bytes.fromhex("01001b7307"), bytes.fromhex("00011b6507"), b"\6\6\x1b\x1b\x20")),
    "units": Target(check_units, ("a€😀".encode("utf-16-be"), b"\xd8\x00\x00")),
    "header": Target(check_header, (bytes.fromhex("0500030702010a"), bytes.fromhex("0a000307020124010125010a"))),
    "user_data": Target(
        check_user_data,
        (
            b"\0" + bytes.fromhex("05e8329bfd06"),
            b"\1" + bytes.fromhex("08050003070201c2"),
            b"\3" + bytes.fromhex("080500030702014e2d"),
            b"\5" + bytes.fromhex("0805000307020101ff"),
            b"\1" + bytes.fromhex("0606240101250101c2"),
        ),
    ),
    "reassembly": Target(
        check_reassembly,
        (
            bytes.fromhex("0007050003070201c2 0007050003070202c2"),
            bytes.fromhex("01090608040007030100410109060804000703030043 0109060804000703020042"),
            bytes.fromhex("0208050003070202fffe 02080500030702010001"),
        ),
    ),
    "text": Target(
        check_text,
        (
            b"\0" + "hello 10 €".encode("utf-16-le"),
            b"\2" + ("ж" * 66 + "👩🏽\u200d💻" * 9).encode("utf-16-le"),
            b"\4" + ("şı" * 80 + "{").encode("utf-16-le"),
            b"\1" + ("a" * 152 + "€\r\n" + "b" * 152).encode("utf-16-le"),
        ),
    ),
}
