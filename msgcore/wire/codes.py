"""Delivery codes: why a message did not arrive, whose fault it was, and whether to try again.

How this works: the published codes are a table. The digits of a code have a meaning of their own, so one that was
added after the table is still understood: the first says who is at fault (4 the request, 5 a service, 9 nobody can
tell), the second who found out (1, 3, 4 the provider and 7 the carrier; 1, 2, 5 the provider and 6 the carrier).

Source: Messaging V2 API, error codes: the digit scheme, the rules for retries and for billing.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from msgcore.tables.generated.delivery_codes import DELIVERY_CODES


class CodeCategory(StrEnum):
    """Who refused or lost a message, in the words of the published table."""

    PROVIDER_REFUSED = "Bandwidth detected client error"
    """The provider found the request at fault and sent nothing."""
    CARRIER_REFUSED = "Carrier reported client error"
    """The carrier found the message at fault."""
    PROVIDER_FAILED = "Bandwidth service failure"
    """The provider could not do it."""
    CARRIER_FAILED = "Carrier reported service failure"
    """The carrier could not do it."""
    AMBIGUOUS = "Ambiguous carrier result"
    """Nobody can tell: the message may have arrived."""
    UNCLASSIFIED = "Unclassified"
    """The digits say nothing, or it is no delivery code at all."""


@dataclass(frozen=True, slots=True)
class DeliveryCode:
    """What one delivery code means.

    ``name`` is as published, spelling mistakes included, and empty where none was. ``retryable`` and ``billable`` are
    ``None`` where that is not known. ``known`` is false for a code outside the published table, whose other fields
    are read off its digits.
    """

    code: int
    name: str
    category: CodeCategory
    meaning: str
    retryable: bool | None
    known: bool
    billable: bool | None

    @property
    def retry_limit(self) -> int | None:
        """How many retries make sense: 0, 1, or ``None`` where no limit is documented (or none is advised).

        >>> delivery_code(4720).retry_limit, delivery_code(5600).retry_limit, delivery_code(5100).retry_limit
        (0, 1, None)
        """
        if self.retryable is False:
            return 0
        return 1 if self.category is CodeCategory.CARRIER_FAILED else None  # "56xx: at most one retry"


def delivery_code(code: int) -> DeliveryCode:
    """Tell what a delivery code means.

    >>> delivery_code(4720).name, delivery_code(4720).retryable
    ('invalid-destination-address', False)
    >>> delivery_code(4799).known, delivery_code(4799).category.value
    (False, 'Carrier reported client error')

    A code outside the published table is classified by its digits. A number that is no delivery code at all (negative,
    0, 200) is ``UNCLASSIFIED``, and whether to retry or pay is not known: events with such codes still have to be
    counted, so this raises nothing.
    """
    if isinstance(code, bool) or not isinstance(code, int):
        raise TypeError(f"code must be int, not {type(code).__name__}")
    return _TABLE.get(code) or _by_digits(code)


def delivery_codes() -> tuple[DeliveryCode, ...]:
    """Return the published codes, in ascending order.

    >>> len(delivery_codes()), delivery_codes()[0].code
    (82, 4001)
    """
    return tuple(_TABLE.values())


_TABLE: Final = {
    code: DeliveryCode(code, name, CodeCategory(category), meaning, retryable, known=True, billable=billable)
    for code, name, category, meaning, retryable, billable in DELIVERY_CODES
}

# First two digits -> category, retryable, billable.
# Retries: "4xxx: same request, same result; 51xx, 52xx, 55xx: a retry may help; 56xx: at most one".
# Billing: what the provider detects is free (spam is not, but its codes are all listed), what a carrier reports is not.
_BY_DIGITS: Final[dict[int, tuple[CodeCategory, bool | None, bool | None]]] = {
    41: (CodeCategory.PROVIDER_REFUSED, False, False),
    43: (CodeCategory.PROVIDER_REFUSED, False, False),
    44: (CodeCategory.PROVIDER_REFUSED, False, False),
    47: (CodeCategory.CARRIER_REFUSED, False, True),
    51: (CodeCategory.PROVIDER_FAILED, True, False),
    52: (CodeCategory.PROVIDER_FAILED, True, False),
    55: (CodeCategory.PROVIDER_FAILED, True, False),
    56: (CodeCategory.CARRIER_FAILED, True, True),
    99: (CodeCategory.AMBIGUOUS, None, True),
}
_UNCLASSIFIED: Final = (CodeCategory.UNCLASSIFIED, None, None)


def _by_digits(code: int) -> DeliveryCode:
    category, retryable, billable = _BY_DIGITS.get(code // 100, _UNCLASSIFIED)
    if category is not CodeCategory.UNCLASSIFIED:
        meaning = "A code outside the published table, classified by its digits"
    elif code // 1000 == 4:  # "4xxx: same request, same result", whoever found out
        meaning = "A code outside the published table; its first digit says that the request is at fault"
        retryable = False
    elif code // 1000 in (5, 9):
        meaning = "A code outside the published table, of an unknown group"
    else:
        meaning = "Not a delivery code: those are 4xxx, 5xxx and 9xxx"
    return DeliveryCode(code, "", category, meaning, retryable, known=False, billable=billable)
