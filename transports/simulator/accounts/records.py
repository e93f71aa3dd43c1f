"""The records of an account: plain, immutable, ready for a store. They hold no rule; ``account.py`` does.

Source: Messaging V2 API, applications, locations and numbers; default rates and queue depth.
"""

import re
from enum import StrEnum
from typing import Final

import msgspec

from msgcore.errors import LocalError
from transports.simulator.accounts.office import Office
from transports.simulator.accounts.zones import check_zone_map

DEFAULT_DEPTH_SECONDS: Final = 900
LONGEST_DEPTH_SECONDS: Final = 4 * 3600
P2P_RATE: Final = 1.0
"""Segments per second from one P2P long code."""


class NumberClass(StrEnum):
    """What a sender is to the provider: it decides rate, receipts, group messages and sizes."""

    P2P_LONG_CODE = "p2p-long-code"
    """One segment a second of its own, below the account's rate. The only other class of group messages is A2P's."""
    A2P_LONG_CODE = "a2p-long-code"
    """10DLC: no limit of its own."""
    TOLL_FREE = "toll-free"
    """Handset receipts; no group; media of at most 525 KB."""
    SHORT_CODE = "short-code"
    """Handset receipts; no group. 5 or 6 bare digits (ASSUMED: the API speaks of E.164 only)."""
    ALPHANUMERIC = "alphanumeric"
    """A name; nobody can answer it."""

    @property
    def is_long_code(self) -> bool:
        """Whether it may send group messages."""
        return self in (NumberClass.P2P_LONG_CODE, NumberClass.A2P_LONG_CODE)


PRODUCTS: Final = {
    NumberClass.P2P_LONG_CODE: "P2P",
    NumberClass.A2P_LONG_CODE: "LOCAL_A2P",
    NumberClass.TOLL_FREE: "TOLL_FREE",
    NumberClass.SHORT_CODE: "SHORT_CODE_REACH",
    NumberClass.ALPHANUMERIC: "ALPHA_NUMERIC",
}
"""What search calls each class."""

_TOLL_FREE: Final = re.compile(r"\+18(?:00|33|44|55|66|77|88)[0-9]{7}")
_TOLL_FREE_BEGINNING: Final = "+18"


def class_by_form(sender: str) -> NumberClass:
    """Return the class a sender has by its form alone; nothing shows whether a long code is P2P, so it counts as A2P.

    >>> [class_by_form(sender).value for sender in ("+19195550100", "+18005550100", "72345", "Bakery")]
    ['a2p-long-code', 'toll-free', 'short-code', 'alphanumeric']
    """
    if sender.startswith("+"):
        is_toll_free = sender.startswith(_TOLL_FREE_BEGINNING) and _TOLL_FREE.fullmatch(sender)
        return NumberClass.TOLL_FREE if is_toll_free else NumberClass.A2P_LONG_CODE
    return NumberClass.SHORT_CODE if sender.isdigit() else NumberClass.ALPHANUMERIC


class Credential(msgspec.Struct, frozen=True):
    """A pair that opens the API: user and password, or API token and secret; on the wire both look the same.

    ``verifier`` is whatever the server checks a password against, a hash for instance; nothing here looks into it.
    ``created`` is when it was made, where that is known.
    """

    user: str
    verifier: str
    created: float | None = None

    def __repr__(self) -> str:
        return f"Credential(user={self.user!r})"


class CallbackCredential(msgspec.Struct, frozen=True):
    """What the provider answers when an application's server challenges a callback."""

    user: str
    password: str

    def __repr__(self) -> str:
        return f"CallbackCredential(user={self.user!r})"


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """Where events go. ``inbound_url`` and ``outbound_url`` default to ``callback_url``, the credentials likewise.

    Without a URL the events of that direction go nowhere. ``callback_types`` are the outbound events asked for,
    ``None`` for all there are. ``batch_limit`` is how many events one request carries at most: always an array, and one
    event is what the provider usually puts in; a higher number shows who reads only the first.
    """

    id: str
    name: str = ""
    callback_url: str | None = None
    inbound_url: str | None = None
    outbound_url: str | None = None
    callback_credential: CallbackCredential | None = None
    inbound_credential: CallbackCredential | None = None
    outbound_credential: CallbackCredential | None = None
    callback_types: frozenset[str] | None = None
    batch_limit: int = 1

    def url(self, *, inbound: bool) -> str | None:
        """Where events of a direction are posted."""
        return (self.inbound_url if inbound else self.outbound_url) or self.callback_url

    def credential(self, *, inbound: bool) -> CallbackCredential | None:
        """What answers a challenge of that URL."""
        return (self.inbound_credential if inbound else self.outbound_credential) or self.callback_credential


class Location(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers that share an application, services and zones. Zone 1 is always on.

    ``site_id`` is the sub-account it belongs to, the account's first where none is named; each site has one default.
    ``a2p`` makes long codes that come into it A2P unless their own options say otherwise. ``details`` are settings that
    are told back and change nothing here.
    """

    id: str
    name: str = ""
    application_id: str | None = None
    sms: bool = True
    mms: bool = True
    toll_free: bool = True
    short_code: bool = True
    zones: frozenset[int] = frozenset({1})
    site_id: str = ""
    is_default: bool = False
    description: str = ""
    a2p: bool = True
    details: dict[str, str] = {}


class Number(msgspec.Struct, frozen=True, kw_only=True):
    """A sender of the account: an E.164 number, a short code or a name.

    ``rate`` is its own limit in segments per second, ``None`` for that of its class. ``since`` is when it came into
    service and ``order_id`` the order or port-in that brought it, where that is known; ``a2p_state`` says whether its
    class is its own choice. ``options`` are told back and change nothing here.
    """

    number: str
    number_class: NumberClass
    location_id: str
    rate: float | None = None
    enabled: bool = True
    campaign_id: str | None = None
    campaign_class: str | None = None
    since: float | None = None
    order_id: str | None = None
    a2p_state: str = "SYSTEM_DEFAULT"
    options: dict[str, str] = {}

    @property
    def own_rate(self) -> float | None:
        """Its own limit, ``None`` where the account's alone counts."""
        return P2P_RATE if self.rate is None and self.number_class is NumberClass.P2P_LONG_CODE else self.rate


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for the whole account.

    ``open_senders`` and ``open_applications`` take whatever a message names: a sender not listed is the account's and
    has the class of its form. ``zone_map`` says which zone a number lies in by its first digits, ``None`` that every
    number is in zone 1. ``lists_carriers`` puts ``carrierName`` into callbacks, ``shows_expired_receipts`` gives 9902
    the status ``DLR_EXPIRED`` in search, ``accepts_encoded_slashes`` takes ``%2F`` in the id of an inbound attachment.
    ``fraction_digits`` are those of the seconds of all times: 0, 3 and 6 have been seen.
    """

    rate: float = 1
    queue_seconds: float = DEFAULT_DEPTH_SECONDS
    enabled: bool = True
    open_senders: bool = False
    open_applications: bool = False
    zone_map: dict[str, int] | None = None
    honours_opt_outs: bool = True
    lists_carriers: bool = False
    shows_expired_receipts: bool = False
    accepts_encoded_slashes: bool = False
    fraction_digits: int = 3

    def __post_init__(self) -> None:
        if self.fraction_digits not in (0, 3, 6):
            raise LocalError(f"fraction_digits: expected 0, 3 or 6, got {self.fraction_digits!r}")
        if not 0 < self.queue_seconds <= LONGEST_DEPTH_SECONDS:
            raise LocalError(
                f"queue_seconds: expected more than 0 and at most {LONGEST_DEPTH_SECONDS} (4 h), "
                f"got {self.queue_seconds!r}"
            )
        check_zone_map(self.zone_map or {})


class AccountRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A whole account as a store keeps it; no message is in it."""

    id: str
    settings: Settings
    credentials: tuple[Credential, ...] = ()
    applications: tuple[Application, ...] = ()
    locations: tuple[Location, ...] = ()
    numbers: tuple[Number, ...] = ()
    opt_outs: tuple[tuple[str, str], ...] = ()
    office: Office = msgspec.field(default_factory=Office)
