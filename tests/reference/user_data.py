"""3GPP TS 23.040, 9.2.3.24, in plain Python: TP-UD as one long number, its header as a list."""

from typing import NamedTuple

Element = tuple[int, bytes]


class BrokenError(Exception):
    """What a receiver cannot read: which field, and the octet it is about."""

    def __init__(self, field: str, offset: int) -> None:
        super().__init__(field, offset)
        self.field = field
        self.offset = offset


class TakenApart(NamedTuple):
    elements: list[Element]
    units: bytes


def read_header(octets: bytes) -> list[Element]:
    """UDHL, then elements: identifier, length, data."""
    if not octets or len(octets) <= octets[0] or octets[0] > 139:
        raise BrokenError("header.length", 0)
    rest = octets[1 : 1 + octets[0]]
    elements = []
    offset = 1
    while rest:
        if len(rest) == 1:
            raise BrokenError("header.element.length", offset + 1)
        identifier, length = rest[0], rest[1]
        if len(rest) < 2 + length:
            raise BrokenError("header.element.data", offset + 2)
        elements.append((identifier, rest[2 : 2 + length]))
        rest = rest[2 + length :]
        offset += 2 + length
    return elements


def write_header(elements: list[Element]) -> bytes:
    body = b"".join(bytes([identifier, len(data)]) + data for identifier, data in elements)
    return bytes([len(body)]) + body


def concatenation(elements: list[Element]) -> tuple[int, int, int, int] | None:
    """Reference, its bits, total and number by the last element that makes sense (9.2.3.24.1, 9.2.3.24.8)."""
    found = None
    for identifier, data in elements:
        if (identifier, len(data)) in ((0x00, 3), (0x08, 4)):
            *reference, total, number = data
            if 1 <= number <= total:
                found = (int.from_bytes(bytes(reference), "big"), 8 * len(reference), total, number)
    return found


def shifts(elements: list[Element], single: set[int], locking: set[int]) -> tuple[int, int]:
    """The languages of single and locking shift, 0 for none, by the last element that names one that there is.

    3GPP TS 23.038, 6.2.1.2.4: language 0 is reserved, so whoever names it names none.
    """
    found = {0x24: 0, 0x25: 0}
    known = {0x24: single - {0}, 0x25: locking - {0}}
    for identifier, data in elements:
        if identifier in known and len(data) == 1 and data[0] in known[identifier]:
            found[identifier] = data[0]
    return found[0x24], found[0x25]


def take_apart(octets: bytes, length: int, *, is_gsm7: bool, has_header: bool) -> TakenApart:
    """9.2.3.16: the length counts septets or octets, the header among them; septets begin at a septet border."""
    elements = read_header(octets) if has_header else []
    header_octets = len(write_header(elements)) if has_header else 0
    header_units = -(-header_octets * 8 // 7) if is_gsm7 else header_octets
    if length < header_units:
        raise BrokenError("user_data_length", 0)
    if length * (7 if is_gsm7 else 8) > len(octets) * 8 and length > header_units:
        raise BrokenError("user_data", len(octets))
    if not is_gsm7:
        return TakenApart(elements, octets[header_octets:length])
    number = int.from_bytes(octets, "little")
    septets = bytes(number >> (7 * index) & 0x7F for index in range(header_units, length))
    return TakenApart(elements, septets)
