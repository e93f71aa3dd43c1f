"""What became of a message, TP-ST (3GPP TS 23.040, 9.2.3.15)."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from msgcore.encoding.tpdu.fields import check_fields, check_octet


class StatusCategory(Enum):
    """The four groups that bits 6 and 5 of the status make."""

    COMPLETED = "transaction completed"
    """The message has left the service centre for good."""

    TRYING = "temporary error, still trying"
    """Not delivered so far; another report may follow."""

    PERMANENT_ERROR = "permanent error, not trying any more"
    """Never delivered, and never will be."""

    GIVEN_UP = "temporary error, not trying any more"
    """Not delivered; sent again, it might be."""


_CATEGORIES: Final = (
    StatusCategory.COMPLETED,
    StatusCategory.TRYING,
    StatusCategory.PERMANENT_ERROR,
    StatusCategory.GIVEN_UP,
)

_TEMPORARY: Final = (
    "congestion",
    "recipient busy",
    "no response from the recipient",
    "service rejected",
    "quality of service not available",
    "error in the recipient's equipment",
)

# Meanings by the code that the first of them has.
_MEANINGS: Final = {
    first + index: meaning
    for first, meanings in (
        (
            0x00,
            (
                "received by the recipient",
                "forwarded to the recipient, delivery cannot be confirmed",
                "replaced by the service centre",
            ),
        ),
        (0x20, _TEMPORARY),
        (
            0x40,
            (
                "remote procedure error",
                "incompatible destination",
                "connection rejected by the recipient",
                "not obtainable",
                "quality of service not available",
                "no interworking available",
                "validity period expired",
                "deleted by the originator",
                "deleted by the service centre's administration",
                "message does not exist",
            ),
        ),
        (0x60, _TEMPORARY),
    )
    for index, meaning in enumerate(meanings)
}

_SERVICE_REJECTED: Final = 0x63


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    """A status by its code.

    >>> DeliveryStatus(0x46).category, DeliveryStatus(0x46).meaning
    (<StatusCategory.PERMANENT_ERROR: 'permanent error, not trying any more'>, 'validity period expired')

    9.2.3.15: a reserved code is interpreted as "service rejected", but kept as it was received. The upper half of each
    group is each service centre's own.
    """

    code: int

    def __post_init__(self) -> None:
        """Refuse what is no octet."""
        check_fields(self)
        check_octet("status", self.code)

    @property
    def category(self) -> StatusCategory:
        """Which of the four groups it belongs to."""
        return _CATEGORIES[self._effective_code >> 5]

    @property
    def meaning(self) -> str:
        """The standard's meaning in a few words."""
        if self.is_specific:
            return f"specific to the service centre: {self.code:#04x}"
        return _MEANINGS[self._effective_code]

    @property
    def is_reserved(self) -> bool:
        """Whether the standard gives the code no meaning."""
        return not self.is_specific and self.code not in _MEANINGS

    @property
    def is_specific(self) -> bool:
        """Whether the meaning is each service centre's own."""
        return self.code < 0x80 and bool(self.code & 0x10)

    @property
    def is_delivered(self) -> bool:
        """Whether the recipient is known to have the message: this alone is a proof of delivery."""
        return self.code == 0x00

    @property
    def is_final(self) -> bool:
        """Whether the service centre tries no more."""
        return self.category is not StatusCategory.TRYING

    @property
    def _effective_code(self) -> int:
        return _SERVICE_REJECTED if self.is_reserved else self.code


__all__ = ["DeliveryStatus", "StatusCategory"]
