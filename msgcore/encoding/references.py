"""Concatenation references: the number that ties the segments of one message together at the receiver.

A receiver tells messages apart by sender, reference and total. With a constant reference, the segments of two long
messages that are on their way at once are merged into nonsense; so each message to a recipient takes the next one.
"""

from collections import OrderedDict

from msgcore.kernel.arguments import integer


class ReferenceCounter:
    """Gives the next concatenation reference per recipient, wrapping at 8 or 16 bits.

    >>> references = ReferenceCounter()
    >>> references.next("+19195550123"), references.next("+19195550123"), references.next("+19195550150")
    (0, 1, 2)

    A recipient that is not known starts where the whole count stands, and not always at 0: so one that was forgotten
    is unlikely to get the reference again that its last message had.

    Memory is bounded: of more than ``max_recipients``, the one whose last message is oldest is forgotten (about 200
    octets each). Not safe for use by several threads at once.

    Args:
        reference_bits: 8 or 16; 8 leaves one more septet for text in each segment and is what everybody understands.
        start: where the count begins. A process that is restarted often gives something different each time.
        max_recipients: how many are remembered.
    """

    def __init__(self, *, reference_bits: int = 8, start: int = 0, max_recipients: int = 100_000) -> None:
        self._reference_bits = integer(reference_bits, "reference_bits")
        self._given = integer(start, "start")
        self._max_recipients = integer(max_recipients, "max_recipients")
        if self._reference_bits not in (8, 16):
            raise ValueError(f"reference_bits must be 8 or 16, not {reference_bits!r}")
        if self._max_recipients < 1:
            raise ValueError(f"max_recipients must be at least 1, not {max_recipients!r}")
        self._modulus = 1 << self._reference_bits
        self._next: OrderedDict[str, int] = OrderedDict()

    @property
    def reference_bits(self) -> int:
        """The width of the references, to be passed on to ``segment``."""
        return self._reference_bits

    def __len__(self) -> int:
        """Return how many recipients are remembered."""
        return len(self._next)

    def next(self, recipient: str) -> int:
        """Return the reference for the next message to ``recipient``."""
        reference = self._next.pop(recipient, self._given) % self._modulus
        self._next[recipient] = reference + 1  # at the end: the least recently used stands first
        self._given += 1
        if len(self._next) > self._max_recipients:
            self._next.popitem(last=False)
        return reference


__all__ = ["ReferenceCounter"]
