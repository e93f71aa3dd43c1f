"""Segments, read straight from 3GPP TS 23.040, with lists and slices."""

from tests.reference import alphabet
from tests.reference.clusters import clusters

OCTETS = 140  # 9.2.3.24


def header(reference: int, reference_bits: int, total: int, number: int, elements: bytes = b"") -> bytes:
    """9.2.3.24.1 and 9.2.3.24.8, UDHL first; other elements stand behind."""
    if total == 1:
        return bytes([len(elements), *elements]) if elements else b""
    if reference_bits == 8:
        own = bytes([0x00, 3, reference, total, number])
    else:
        own = bytes([0x08, 4, reference // 256, reference % 256, total, number])
    return bytes([len(elements) + len(own), *own, *elements])


def units(text: str, gsm7: bool) -> int:
    return len(alphabet.encode(text)) if gsm7 else len(text.encode("utf-16-be")) // 2


def capacity(header_octets: int, gsm7: bool) -> int:
    bits = (OCTETS - header_octets) * 8
    return bits // 7 if gsm7 else bits // 16


def cut(text: str, *, boundary: str = "cluster", reference_bits: int = 8, elements: bytes = b"") -> list[str]:
    """Cut into what each segment carries.

    Pieces that must stay whole are clusters, or the characters of a cluster that no segment can hold; segments take
    as many pieces as fit, from the left.
    """
    gsm7 = alphabet.is_gsm7(text)
    if units(text, gsm7) <= capacity(len(header(0, reference_bits, 1, 1, elements)), gsm7):
        return [text]
    room = capacity(len(header(0, reference_bits, 2, 1, elements)), gsm7)
    pieces: list[str] = []
    for cluster in clusters(text):
        whole = boundary == "cluster" and units(cluster, gsm7) <= room
        pieces += [cluster] if whole else list(cluster)
    segments = [""]
    for piece in pieces:
        if units(segments[-1] + piece, gsm7) > room:
            segments.append("")
        segments[-1] += piece
    return segments


def user_data(text: str, gsm7: bool, head: bytes, septets: bytes | None = None) -> tuple[bytes, int]:
    """Return TP-UD and TP-UDL (9.2.3.16: septets or octets, header and fill bits counted); plain GSM-7 unless given."""
    if not gsm7:
        octets = head + text.encode("utf-16-be")
        return octets, len(octets)
    if septets is None:
        septets = alphabet.encode(text)
    header_septets = -(-len(head) * 8 // 7)
    fill_bits = header_septets * 7 - len(head) * 8
    length = header_septets + len(septets)
    octets = head + alphabet.pack(septets, fill_bits)
    return octets.ljust(-(-length * 7 // 8), b"\0"), length  # fill bits take an octet even if no septet follows
