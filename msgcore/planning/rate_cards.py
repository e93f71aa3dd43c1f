"""What a segment or an MMS costs: the caller's own card, looked up exactly.

How this works: prices are a contract's, so none come with msgcore. A card names a price for each kind of message, kind
of sender and zone; what it does not name has no price, and whoever adds up says so instead of counting it as nothing.
Prices are decimals from the first character to the last sum: no float ever stands in for one.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Final, NamedTuple, Self

from msgcore.errors import LocalError
from msgcore.numbering import SenderKind
from msgcore.planning.csv_tables import read_table
from msgcore.planning.zones import ZONES
from msgcore.wire import MessageKind

UNASSIGNED: Final = "unassigned"
PRICED_KINDS: Final = (MessageKind.SMS, MessageKind.MMS)

# Prices are far from these bounds. Within them the sum of a campaign keeps every digit.
MOST_DIGITS: Final = 18


class RateKey(NamedTuple):
    """What a price is for. ``kind`` is SMS (per segment) or MMS (per recipient); zone ``None`` is unassigned."""

    kind: MessageKind
    sender: SenderKind
    zone: int | None


class RateCard(Mapping[RateKey, Decimal]):
    """Prices by kind of message, kind of sender and zone.

    >>> card = RateCard({("sms", "long code", 1): "0.0040", ("mms", "long code", 1): Decimal("0.015")}, currency="USD")
    >>> card[RateKey(MessageKind.SMS, SenderKind.LONG_CODE, 1)]
    Decimal('0.0040')

    Prices are ``Decimal``, ``int`` or text; a group MMS is billed as one MMS for each recipient.

    Raises:
        LocalError: a key names no kind, sender or zone, or stands there twice; a price is negative or no number.
        TypeError: a price is a float, which no price is.
    """

    __slots__ = ("_prices", "currency")

    def __init__(
        self, prices: Mapping[tuple[str, str, int | None], Decimal | int | str], *, currency: str | None = None
    ) -> None:
        self._prices: dict[RateKey, Decimal] = {}
        self.currency = currency
        for (kind, sender, zone), price in prices.items():
            key = RateKey(_kind(kind), _sender(sender), _zone(zone))
            if key in self._prices:
                raise LocalError(f"the card has two prices for {key}")
            self._prices[key] = _price(price)

    @classmethod
    def from_csv(cls, text: str) -> Self:
        """Read a table with the columns ``kind``, ``sender``, ``zone`` and ``price``; ``currency`` may stand there too.

        >>> card = RateCard.from_csv('''kind,sender,zone,price,currency
        ... sms,long code,1,0.0040,USD
        ... sms,toll-free,1,0.0075,USD
        ... mms,long code,unassigned,0.25,USD
        ... ''')
        >>> len(card), card.currency
        (3, 'USD')

        ``kind`` is ``sms`` or ``mms``, ``sender`` one of ``long code``, ``toll-free``, ``short code`` and
        ``alphanumeric``, ``zone`` 1 to 5 or ``unassigned``. All rows have one currency.

        Raises:
            LocalError: the table cannot be read; the message names the line.
        """
        prices: dict[tuple[str, str, int | None], Decimal | int | str] = {}
        currency: str | None = None
        for line, values in read_table(
            text, "rate card", needed=("kind", "sender", "zone", "price"), optional=("currency",)
        ):
            try:
                zone = _zone_named(values["zone"])
                key = RateKey(_kind(values["kind"].lower()), _sender(values["sender"].lower()), zone)
                price = _price(values["price"])
            except LocalError as error:
                raise LocalError(f"rate card, line {line}: {error}") from error
            if key in prices:
                raise LocalError(
                    f"rate card, line {line}: {key.kind}, {key.sender}, {values['zone']} has a price already"
                )
            unit = values.get("currency") or None
            if prices and unit != currency:
                raise LocalError(f"rate card, line {line}: currency {unit or 'none'}, the rows before have {currency}")
            prices[key], currency = price, unit
        return cls(prices, currency=currency)

    def __getitem__(self, key: RateKey) -> Decimal:
        return self._prices[key]

    def __iter__(self) -> Iterator[RateKey]:
        return iter(self._prices)

    def __len__(self) -> int:
        return len(self._prices)

    def __repr__(self) -> str:
        return f"<RateCard of {len(self)} prices{f' in {self.currency}' if self.currency else ''}>"


def _kind(name: str) -> MessageKind:
    if name in PRICED_KINDS:
        return MessageKind(name)
    raise LocalError(f"kind must be sms or mms, not {name!r}")


def _sender(name: str) -> SenderKind:
    try:
        return SenderKind(name)
    except ValueError as error:
        raise LocalError(f"sender must be one of {', '.join(SenderKind)}; not {name!r}") from error


def _zone(zone: int | None) -> int | None:
    if zone is None or zone in ZONES:
        return zone
    raise LocalError(f"zone must be 1 to 5 or {UNASSIGNED}, not {zone!r}")


def _zone_named(name: str) -> int | None:
    if name.lower() == UNASSIGNED:
        return None
    if name not in map(str, ZONES):
        raise LocalError(f"zone must be 1 to 5 or {UNASSIGNED}, not {name!r}")
    return int(name)


def _price(price: Decimal | int | str) -> Decimal:
    if isinstance(price, float):
        raise TypeError(f"a price must be Decimal, int or str, not float: {price!r} is not what was meant")
    try:
        value = Decimal(price)
    except InvalidOperation as error:
        raise LocalError(f"price must be a number such as 0.0040, not {price!r}") from error
    if not value.is_finite() or value.is_signed():
        raise LocalError(f"price must be a number, not negative, not {price!r}")
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)  # it is finite
    if not -MOST_DIGITS <= exponent <= 0 or len(digits) > MOST_DIGITS:
        raise LocalError(
            f"price must have at most {MOST_DIGITS} digits, and be written without exponent, not {price!r}"
        )
    return value


__all__ = ["UNASSIGNED", "RateCard", "RateKey"]
