"""Octets taken one field after another: every field that ends too early is an error with its name and place."""

from msgcore.errors import UserDataError


class OctetReader:
    """Takes fields from the front of octets; ``offset`` is where the next one begins."""

    __slots__ = ("octets", "offset")

    def __init__(self, octets: bytes) -> None:
        self.octets = memoryview(octets).tobytes()  # not bytes(): of a number that would be as many zeros
        self.offset = 0

    def take(self, count: int, field: str) -> bytes:
        """Take the next ``count`` octets."""
        left = len(self.octets) - self.offset
        if count > left:
            raise UserDataError(field, self.offset, f"expected {count} octets, found {left}")
        start, self.offset = self.offset, self.offset + count
        return self.octets[start : self.offset]

    def octet(self, field: str) -> int:
        """Take the next octet as a number."""
        return self.take(1, field)[0]

    @property
    def has_more(self) -> bool:
        """Whether there are octets left."""
        return self.offset < len(self.octets)

    def expect_end(self) -> None:
        """Refuse octets behind the last field."""
        if self.has_more:
            raise UserDataError("end", self.offset, f"expected nothing more, found {len(self.octets) - self.offset}")


__all__ = ["OctetReader"]
