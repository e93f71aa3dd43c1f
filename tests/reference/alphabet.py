"""3GPP TS 23.038 in plain Python: the alphabet, and septets as one long number."""

# 6.2.1, read down the columns of the standard's table; "\x1b" stands where the escape is.
DEFAULT = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)
# 6.2.1.1
EXTENSION = {
    "\f": 0x0A,
    "^": 0x14,
    "{": 0x28,
    "}": 0x29,
    "\\": 0x2F,
    "[": 0x3C,
    "~": 0x3D,
    "]": 0x3E,
    "|": 0x40,
    "€": 0x65,
}
ESCAPE = "\x1b"


def septets_of(character: str) -> list[int] | None:
    """Return one septet, or the escape and another, or None for a character outside GSM-7."""
    if character in EXTENSION:
        return [DEFAULT.index(ESCAPE), EXTENSION[character]]
    if character == ESCAPE or character not in DEFAULT:
        return None
    return [DEFAULT.index(character)]


def is_gsm7(text: str) -> bool:
    return all(septets_of(character) is not None for character in text)


def encode(text: str) -> bytes:
    return bytes(septet for character in text for septet in septets_of(character) or [])


def decode(septets: bytes) -> str:
    """6.2.1.1: unknown codes are those of the default alphabet; what follows an escape for another table is a space."""
    characters = {code: character for character, code in EXTENSION.items()}
    text = ""
    position = 0
    while position < len(septets):
        if DEFAULT[septets[position]] != ESCAPE:
            text += DEFAULT[septets[position]]
        elif position + 1 == len(septets):
            text += " "
        else:
            position += 1
            code = septets[position]
            text += " " if DEFAULT[code] == ESCAPE else characters.get(code, DEFAULT[code])
        position += 1
    return text


def pack(septets: bytes, fill_bits: int) -> bytes:
    """6.1.2.1.1: the first septet is lowest, seven bits each, zero bits up to the octet."""
    if not septets:
        return b""
    number = sum(septet << (7 * index) for index, septet in enumerate(septets)) << fill_bits
    bits = 7 * len(septets) + fill_bits
    return number.to_bytes(-(-bits // 8), "little")


def unpack(octets: bytes, septet_count: int, fill_bits: int) -> bytes:
    number = int.from_bytes(octets, "little") >> fill_bits
    return bytes((number >> (7 * index)) & 0x7F for index in range(septet_count))
