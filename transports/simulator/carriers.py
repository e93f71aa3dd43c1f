"""What the carriers do with a message that has left: how long it takes, and what they say.

No carrier publishes its latency: the ranges are believable values, ASSUMED, and meant to keep events apart and in a
lifelike order rather than to predict anything. Within a range the draw is squared, so most are near the fast end.
"""

import re
from enum import Enum
from typing import NamedTuple

RECEIPT_EXPIRED = 9902
RECEIPT_TIMEOUT_SECONDS = 2 * 3600  # a toll-free or short code SMS without a receipt by then is 9902

_TOLL_FREE = re.compile(r"\+18(?:00|33|44|55|66|77|88)[0-9]{7}")


class Delay(NamedTuple):
    """A range of seconds; ``at`` turns a random number of [0, 1) into one of them."""

    shortest: float
    longest: float

    def at(self, luck: float) -> float:
        """Return the delay for a draw.

        >>> Delay(1, 10).at(0.0), Delay(1, 10).at(0.5)
        (1.0, 3.25)
        """
        return self.shortest + (self.longest - self.shortest) * luck * luck


# From the turn in the queue to the provider's own refusal.
CHECK_DELAY = Delay(0.05, 0.5)


class Route(Enum):
    """How a message travels: the delay from leaving the queue to its last event, and who confirmed it."""

    LOCAL_SMS = (Delay(0.2, 3.0), "Message delivered to carrier.")
    """SMS from a long code: local numbers get no handset receipts, so delivered means that the carrier took it."""
    RECEIPTED_SMS = (Delay(1.0, 10.0), "Message delivered to handset.")
    """SMS from a toll-free number, a short code or an alphanumeric sender."""
    MMS = (Delay(2.0, 20.0), "Message delivered to carrier.")
    """MMS and group MMS, from any sender."""

    def __init__(self, delay: Delay, delivered_description: str) -> None:
        self.delay = delay
        self.delivered_description = delivered_description


def is_long_code(sender: str) -> bool:
    """Return whether a sender is a local long code, the only class that may send group MMS.

    >>> [is_long_code(sender) for sender in ("+19195550100", "+18005550100", "72345", "Bakery")]
    [True, False, False, False]
    """
    return sender.startswith("+") and not _TOLL_FREE.fullmatch(sender)


def route_of(sender: str, *, is_mms: bool) -> Route:
    """Return the route of a message by its kind and the class of its sender.

    >>> [route_of(sender, is_mms=False).name for sender in ("+19195550100", "+18005550100", "72345")]
    ['LOCAL_SMS', 'RECEIPTED_SMS', 'RECEIPTED_SMS']
    """
    if is_mms:
        return Route.MMS
    return Route.LOCAL_SMS if is_long_code(sender) else Route.RECEIPTED_SMS
