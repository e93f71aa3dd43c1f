"""What an account has at the dashboard beside what messages need: users, sites, orders, ports, reports, prices.

Plain records; the rules stand in ``transports.simulator.orders``. Unlike the other records an :class:`Office` is
changed in place, and a store keeps it whole, as a part of the account's record. No message is in it.
"""

from enum import StrEnum
from typing import Final

import msgspec

HOME_SITE_ID: Final = "400001"
"""The site of locations that name none."""


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """A sub-account: it holds locations. ``address`` has the elements of an address as they were given."""

    id: str
    name: str = ""
    description: str = ""
    customer_name: str = ""
    address: dict[str, str] = {}


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A number that can be bought, and where it lies; ``city`` is empty for a toll-free one."""

    number: str
    city: str = ""
    state: str = ""
    rate_center: str = ""
    lata: str = ""

    @property
    def area_code(self) -> str:
        """The three digits behind the country code."""
        return self.number[2:5]


class OrderKind(StrEnum):
    """What an order does with numbers."""

    NEW = "new_number"
    """They are bought."""
    DISCONNECT = "disconnect"
    """They are given back."""
    MOVE = "move_tn_orders"
    """They go to another location."""
    OPTIONS = "tn_option"
    """They get another class or campaign."""


class OrderStatus(StrEnum):
    """How far an order is."""

    RECEIVED = "RECEIVED"
    BACKORDERED = "BACKORDERED"
    """Some of what was asked for is not for sale, and may be one day."""
    COMPLETE = "COMPLETE"
    PARTIAL = "PARTIAL"
    FAILED = "FAILED"


class FailedNumber(msgspec.Struct, frozen=True):
    """A number an order could do nothing with, and why; ``code`` is one of the dashboard's own."""

    number: str
    code: int
    description: str


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wrote beside an order."""

    id: str
    user: str
    description: str
    created: float


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """An order and what came of it. ``sent`` is the XML it was made of, for telling it back."""

    id: str
    kind: OrderKind
    created: float
    changed: float
    status: OrderStatus
    user: str = ""
    name: str = ""
    customer_order_id: str = ""
    site_id: str = ""
    location_id: str = ""
    numbers: tuple[str, ...] = ()
    failed: tuple[FailedNumber, ...] = ()
    pending: int = 0
    is_closed: bool = False
    sent: bytes = b""
    notes: tuple[Note, ...] = ()


class PortState(StrEnum):
    """How far a port-in is; the order of the first four is their order in time."""

    PENDING_DOCUMENTS = "PENDING_DOCUMENTS"
    """Nobody has handed in a letter of authority."""
    SUBMITTED = "SUBMITTED"
    """The losing carrier has been asked."""
    FOC = "FOC"
    """It has confirmed a date (firm order commitment)."""
    COMPLETE = "COMPLETE"
    """The numbers are the account's."""
    EXCEPTION = "EXCEPTION"
    """The losing carrier has refused; a supplement submits it again."""
    CANCELLED = "CANCELLED"


class PortStep(msgspec.Struct, frozen=True):
    """Since when a port-in has been in a state."""

    at: float
    state: PortState
    note: str = ""


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A letter of authority, or what else was handed in; ``kind`` is its document type."""

    name: str
    content_type: str
    content: bytes
    kind: str = "LOA"


class Port(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers on their way from another carrier. ``due`` is when its state changes by itself, if it does."""

    id: str
    created: float
    numbers: tuple[str, ...]
    billing_number: str
    steps: tuple[PortStep, ...]
    location_id: str
    site_id: str = ""
    user: str = ""
    customer_order_id: str = ""
    requested_foc: float | None = None
    foc: float | None = None
    due: float | None = None
    sent: bytes = b""
    documents: tuple[Document, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def state(self) -> PortState:
        """Where it stands now."""
        return self.steps[-1].state


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """An order for a billing report: ``start`` and ``end`` are days, both included, as ``YYYY-MM-DD``."""

    id: str
    kind: str
    start: str
    end: str
    created: float
    user: str = ""
    breakdown: str = "Automatic"
    columns: str = "all"
    filters: dict[str, str] = {}


class RatePrice(msgspec.Struct, frozen=True, kw_only=True):
    """A price of a rate card; ``zone`` ``None`` is unassigned, the price is a decimal as text."""

    kind: str
    sender: str
    zone: int | None
    price: str


class Office(msgspec.Struct, kw_only=True):
    """The paperwork of an account. ``users`` open the dashboard, and nothing else: name and verifier."""

    users: dict[str, str] = {}
    sites: dict[str, Site] = {}
    for_sale: dict[str, Offer] = {}
    orders: dict[str, Order] = {}
    ports: dict[str, Port] = {}
    disconnected: dict[str, float] = {}  # number, and when it was given back
    reports: dict[str, Report] = {}
    prices: tuple[RatePrice, ...] = ()
    currency: str | None = None
    last_id: int = 0

    @property
    def next_due(self) -> float | None:
        """When a port-in changes by itself next, ``None`` for never."""
        return min((port.due for port in self.ports.values() if port.due is not None), default=None)
