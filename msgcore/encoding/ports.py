"""Application ports: which program on the handset a message is for (3GPP TS 23.040, 9.2.3.24.3 and 9.2.3.24.4)."""

from dataclasses import dataclass
from typing import Final, Literal, Self

from msgcore.encoding.user_data import InformationElement, UserDataHeader

# 3GPP TS 23.040, 9.2.3.24, table of information element identifiers
PORTS_8_BIT: Final = 0x04
PORTS_16_BIT: Final = 0x05

_BITS: Final = {PORTS_8_BIT: 8, PORTS_16_BIT: 16}


@dataclass(frozen=True, slots=True)
class ApplicationPorts:
    """The ports that a message goes to and comes from, 0 to 65535, or 0 to 255 in 8 bits.

    >>> from msgcore.encoding.segmentation import segment
    >>> ports = ApplicationPorts(destination=2948, source=9200)
    >>> part = segment("hello", elements=[ports.element()])[0]
    >>> part.header.hex(" ")
    '06 05 04 0b 84 23 f0'
    >>> ApplicationPorts.of(UserDataHeader.decode(part.header)) == ports
    True
    """

    destination: int
    source: int = 0
    bits: Literal[8, 16] = 16

    def __post_init__(self) -> None:
        """Refuse what the element has no octets for."""
        if self.bits not in (8, 16):
            raise ValueError(f"bits must be 8 or 16, not {self.bits!r}")
        for name, port in (("destination", self.destination), ("source", self.source)):
            if not 0 <= port < 1 << self.bits:
                raise ValueError(f"{name} must be 0 to {(1 << self.bits) - 1} in {self.bits} bits, not {port}")

    def element(self) -> InformationElement:
        """Return the information element that says so: destination first."""
        octets = self.bits // 8
        data = self.destination.to_bytes(octets, "big") + self.source.to_bytes(octets, "big")
        return InformationElement(PORTS_8_BIT if self.bits == 8 else PORTS_16_BIT, data)

    @classmethod
    def of(cls, header: UserDataHeader) -> Self | None:
        """Return what the last ports element of a header says, or None.

        9.2.3.24: of elements that repeat or exclude each other the last one counts. One of another length is ignored.
        """
        for item in reversed(header.elements):
            bits = _BITS.get(item.identifier)
            if bits is not None and len(item.data) == bits // 4:
                middle = len(item.data) // 2
                destination, source = (int.from_bytes(half, "big") for half in (item.data[:middle], item.data[middle:]))
                return cls(destination, source, 8 if bits == 8 else 16)
        return None


__all__ = ["ApplicationPorts"]
