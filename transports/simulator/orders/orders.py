"""Orders for numbers: buy them, give them back, move them, give them options.

An order is done at once, all or part of it: what follows for messages holds from the next one on. The provider takes
seconds, so the answer to an order says ``RECEIVED`` and whoever asks again finds how it ended (ASSUMED to be quick
enough for nobody to see more).
"""

import uuid
from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec

from msgcore.errors import LocalError
from transports.simulator.accounts.account import Account
from transports.simulator.accounts.inventory import offer_of
from transports.simulator.accounts.office import FailedNumber, Order, OrderKind, OrderStatus
from transports.simulator.accounts.records import Location, Number, NumberClass, class_by_form
from transports.simulator.orders.numbers import EVERYTHING, NumberFilter, find_offers, site_of, ten_digits, unique

NOT_FOR_SALE: Final = 5005
NOT_OURS: Final = 5006
"""ASSUMED: the one number code that is published is 5005."""

_NAMESPACE: Final = uuid.UUID("6d736763-6f72-4500-8000-000000000000")
_MOST_NUMBERS: Final = 5000

replace = msgspec.structs.replace


class Wanted(NamedTuple):
    """What every order may say about itself."""

    user: str = ""
    name: str = ""
    customer_order_id: str = ""
    site_id: str = ""
    location_id: str = ""
    sent: bytes = b""


def new_id(account: Account) -> str:
    """Return an id that the account has not given before, the same after the same history."""
    account.office.last_id += 1
    return str(uuid.uuid5(_NAMESPACE, f"{account.id}/{account.office.last_id}"))


def location_for(account: Account, wanted: Wanted) -> Location:
    """Return where numbers go: the location named, or the default one of the site, or of the account.

    Raises:
        LocalError: there is none such.
    """
    if wanted.location_id:
        location = account.location(wanted.location_id)
        if location is None or wanted.site_id not in ("", site_of(account, location.id)):
            raise LocalError(f"there is no location {wanted.location_id!r} in site {wanted.site_id or 'at all'}")
        return location
    if wanted.site_id and wanted.site_id not in account.office.sites:
        raise LocalError(f"there is no site {wanted.site_id!r}")
    found = [location for location in account.locations if wanted.site_id in ("", site_of(account, location.id))]
    default = next((location for location in found if location.is_default), found[0] if found else None)
    if default is None:
        raise LocalError("there is no location that the numbers could go to")
    return default


def buy(
    account: Account,
    wanted: Wanted,
    now: float,
    *,
    numbers: Iterable[str] = (),
    search: NumberFilter = EVERYTHING,
    quantity: int = 0,
    takes_part: bool = False,
    takes_later: bool = False,
) -> Order:
    """Buy numbers, named or looked for; without ``takes_part`` all of them or none.

    What is missing fails with 5005, or waits where ``takes_later``.
    """
    location = location_for(account, wanted)
    named = list(unique(numbers))
    if named:
        there = [number for number in named if number in account.office.for_sale]
        failed = [
            FailedNumber(number, NOT_FOR_SALE, "The telephone number is unavailable for ordering")
            for number in named
            if number not in account.office.for_sale
        ]
        missing = len(failed)
    else:
        _check_quantity(quantity)
        there = [offer.number for offer in find_offers(account, search, quantity)]
        failed, missing = [], quantity - len(there)
    if missing and not (takes_part or takes_later):
        there = []
    status = _status(len(there), missing)
    if missing and takes_later:
        status, failed = OrderStatus.BACKORDERED, []
    order = _order(account, OrderKind.NEW, wanted, now, status, there, failed)
    order = replace(order, location_id=location.id, pending=missing if takes_later else 0)
    for number in there:
        del account.office.for_sale[number]
        activate(account, number, location, order.id, now)
    return _keep(account, order)


def disconnect(account: Account, wanted: Wanted, now: float, numbers: Iterable[str]) -> Order:
    """Give numbers back: messages from them fail from now on, and they are for sale again."""
    found, failed = _ours(account, numbers)
    for number in found:
        account.remove_number(number)
        account.office.disconnected[number] = now
        account.office.for_sale[number] = offer_of(number)
    return _keep(account, _order(account, OrderKind.DISCONNECT, wanted, now, _ended(found, failed), found, failed))


def move(account: Account, wanted: Wanted, now: float, numbers: Iterable[str]) -> Order:
    """Move numbers to another location: its application, zones and services are theirs from now on."""
    location = location_for(account, wanted)
    found, failed = _ours(account, numbers)
    for number in found:
        account.put_number(_placed(_number(account, number), location))
    order = _order(account, OrderKind.MOVE, wanted, now, _ended(found, failed), found, failed)
    return _keep(account, replace(order, location_id=location.id))


class Options(NamedTuple):
    """What a TN option order changes; ``None`` leaves it. ``action`` is that of ``A2pSettings``."""

    numbers: tuple[str, ...]
    sms: bool | None = None
    action: str | None = None
    message_class: str | None = None
    campaign_id: str | None = None
    others: dict[str, str] = {}  # noqa: RUF012  never changed


ACTIONS: Final = ("asSpecified", "systemDefault", "off", "unchanged", "delete")


def set_options(account: Account, wanted: Wanted, now: float, groups: Iterable[Options]) -> Order:
    """Give numbers another class, campaign or switch."""
    groups = tuple(groups)
    for group in groups:
        if group.action is not None and group.action not in ACTIONS:
            raise LocalError(f"Action: expected one of {', '.join(ACTIONS)}, got {group.action[:40]!r}")
    done: list[str] = []
    refused: list[FailedNumber] = []
    for group in groups:
        found, failed = _ours(account, group.numbers)
        for number in found:
            account.put_number(_with_options(account, _number(account, number), group))
        done += found
        refused += failed
    return _keep(account, _order(account, OrderKind.OPTIONS, wanted, now, _ended(done, refused), done, refused))


def change_order(account: Account, order_id: str, now: float, *, name: str | None, closes: bool | None) -> Order:
    """Rename an order, or close it: what is on back order is given up."""
    order = account.office.orders[order_id]
    if name is not None:
        order = replace(order, name=name)
    if closes and not order.is_closed:
        status = order.status
        if order.status is OrderStatus.BACKORDERED:
            status = _status(len(order.numbers), order.pending)
        order = replace(order, is_closed=True, pending=0, status=status)
    return _keep(account, replace(order, changed=now))


def activate(account: Account, number: str, location: Location, order_id: str, now: float) -> None:
    """Put a number into service in a location."""
    number_class = class_by_form(number)
    if number_class.is_long_code and not location.a2p:
        number_class = NumberClass.P2P_LONG_CODE
    account.office.disconnected.pop(number, None)
    account.put_number(
        Number(number=number, number_class=number_class, location_id=location.id, since=now, order_id=order_id)
    )


def follow_location(account: Account, location: Location) -> None:
    """Let the numbers of a location be of the class that it now gives them."""
    for number in account.numbers:
        if number.location_id == location.id:
            account.put_number(_placed(number, location))


def _with_options(account: Account, number: Number, group: Options) -> Number:
    if group.sms is not None:
        number = replace(number, enabled=group.sms)
    if group.others:
        number = replace(number, options={**number.options, **group.others})
    if group.action == "asSpecified":
        return replace(
            number,
            number_class=NumberClass.A2P_LONG_CODE if number.number_class.is_long_code else number.number_class,
            a2p_state="OVERRIDDEN",
            campaign_id=group.campaign_id or number.campaign_id,
            campaign_class=group.message_class or number.campaign_class,
        )
    if group.action == "off":
        p2p = NumberClass.P2P_LONG_CODE if number.number_class.is_long_code else number.number_class
        return replace(number, number_class=p2p, a2p_state="OFF", campaign_id=None, campaign_class=None)
    if group.action == "delete":
        return replace(number, campaign_id=None, campaign_class=None)
    if group.action == "systemDefault":
        location = account.location(number.location_id)
        return replace(
            _placed(replace(number, a2p_state="SYSTEM_DEFAULT"), location) if location else number,
            campaign_id=None,
            campaign_class=None,
        )
    return number


def _placed(number: Number, location: Location) -> Number:
    """A number inherits everything from its location, its class included unless it has chosen one."""
    number = replace(number, location_id=location.id)
    if not number.number_class.is_long_code or number.a2p_state != "SYSTEM_DEFAULT":
        return number
    return replace(number, number_class=NumberClass.A2P_LONG_CODE if location.a2p else NumberClass.P2P_LONG_CODE)


def _number(account: Account, number: str) -> Number:
    found = account.number(number)
    assert found is not None, "only numbers of the account come here"
    return found


def _ours(account: Account, numbers: Iterable[str]) -> tuple[list[str], list[FailedNumber]]:
    named = list(unique(numbers))
    _check_quantity(len(named))
    found = [number for number in named if account.owns(number)]
    return found, [
        FailedNumber(number, NOT_OURS, "The telephone number is not one of this account's")
        for number in named
        if not account.owns(number)
    ]


def _order(
    account: Account,
    kind: OrderKind,
    wanted: Wanted,
    now: float,
    status: OrderStatus,
    numbers: Iterable[str],
    failed: Iterable[FailedNumber],
) -> Order:
    return Order(
        id=new_id(account),
        kind=kind,
        created=now,
        changed=now,
        status=status,
        user=wanted.user,
        name=wanted.name,
        customer_order_id=wanted.customer_order_id,
        site_id=wanted.site_id or site_of(account, wanted.location_id),
        location_id=wanted.location_id,
        numbers=tuple(numbers),
        failed=tuple(failed),
        sent=wanted.sent,
    )


def _keep(account: Account, order: Order) -> Order:
    account.office.orders[order.id] = order
    return order


def _ended(found: list[str], failed: list[FailedNumber]) -> OrderStatus:
    return _status(len(found), len(failed))


def _status(done: int, missing: int) -> OrderStatus:
    if not missing:
        return OrderStatus.COMPLETE
    return OrderStatus.PARTIAL if done else OrderStatus.FAILED


def _check_quantity(quantity: int) -> None:
    if not 0 < quantity <= _MOST_NUMBERS:
        raise LocalError(f"quantity: expected 1 to {_MOST_NUMBERS} numbers, got {quantity}")


__all__ = [
    "ACTIONS",
    "Options",
    "Wanted",
    "activate",
    "buy",
    "change_order",
    "disconnect",
    "follow_location",
    "location_for",
    "move",
    "new_id",
    "replace",
    "set_options",
    "ten_digits",
]
