"""What detail records cost by a rate card: the segments that are billed, counted by what a card has prices for.

Source: Messaging V2, billing: outbound segments are billed unless the provider itself has found the fault; the column
``billable`` of the delivery codes. A failure whose code no column tells is taken for billed: no bill is guessed low.
"""

from functools import lru_cache

from msgcore.errors import NumberError
from msgcore.numbering import SenderKind, sender_kind
from msgcore.planning import Price, RateCard, RateKey, price_segments
from msgcore.wire import MdrRow, MessageKind, delivery_code

_MOST_REMEMBERED = 100_000


class MdrCost:
    """Counts what is billed. Rows that no card can have a price for are in no sum and counted as ``unclear``."""

    __slots__ = ("_billed", "_card", "free_segments", "unclear_segments")

    def __init__(self, card: RateCard) -> None:
        self._card = card
        self._billed: dict[RateKey, int] = {}
        self.free_segments = 0
        self.unclear_segments = 0

    def add(self, row: MdrRow) -> None:
        """Count a row."""
        if not row.is_outbound:
            return
        if row.api_error_code and not _is_billed(row.api_error_code):
            self.free_segments += 1
            return
        key = _key(row.message_type, row.source, row.zone)
        if key is None:
            self.unclear_segments += 1
        else:
            self._billed[key] = self._billed.get(key, 0) + 1

    def price(self) -> Price:
        """Return what was billed costs; sums are exact."""
        return price_segments(self._billed, self._card)


@lru_cache(_MOST_REMEMBERED)
def _is_billed(code: int) -> bool:
    return delivery_code(code).billable is not False


@lru_cache(_MOST_REMEMBERED)
def _key(message_type: str, source: str, zone: str) -> RateKey | None:
    kind = {"sms": MessageKind.SMS, "mms": MessageKind.MMS}.get(message_type.lower())
    sender = _sender(source)
    if kind is None or sender is None or not (zone == "" or (zone.isascii() and zone.isdigit() and len(zone) < 4)):
        return None
    return RateKey(kind, sender, int(zone) if zone else None)


def _sender(source: str) -> SenderKind | None:
    # The records leave out the plus sign, and no short code has more than six digits.
    number = f"+{source}" if source.isdigit() and len(source) > 6 else source
    try:
        return sender_kind(number)
    except NumberError:
        return None


__all__ = ["MdrCost"]
