"""Operations on the paperwork of an account: numbers for sale, orders, moves, port-ins, prices."""

from typing import Any, Final

import msgspec

from transports.simulator.accounts.inventory import offer_of
from transports.simulator.accounts.office import Document, FailedNumber, Offer, Order, Port, PortState, PortStep, Site
from transports.simulator.accounts.records import Location, Number
from transports.simulator.orders import orders, ports
from transports.simulator.orders.numbers import NumberFilter, e164, find_offers
from transports.simulator.service.control.operations import (
    Call,
    Operation,
    Parameter,
    ProblemError,
    changed,
    for_accounts,
)

_USER: Final = "control"


class NewOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers to buy: named, or so many of an area code. They go to a location, or else to the default one."""

    numbers: tuple[str, ...] = ()
    area_code: str = ""
    quantity: int = 1
    location_id: str = ""
    partial: bool = False


class NumbersAndPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers, and the location that they go to."""

    numbers: tuple[str, ...]
    location_id: str


class SomeNumbers(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers."""

    numbers: tuple[str, ...]


class NewPort(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers to port in; with ``has_documents`` a letter of authority is handed in with it."""

    numbers: tuple[str, ...]
    location_id: str = ""
    billing_number: str = ""
    requested_foc: float | None = None
    has_documents: bool = True


class PortChange(msgspec.Struct, frozen=True, kw_only=True):
    """The state that a port-in is to be in."""

    state: PortState
    note: str = ""


class ShownOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order and what came of it."""

    id: str
    kind: str
    status: str
    created: float
    name: str
    user: str
    location_id: str
    numbers: tuple[str, ...]
    failed: tuple[FailedNumber, ...]
    pending: int


class ShownPort(msgspec.Struct, frozen=True, kw_only=True):
    """A port-in, the states it has been in, and when it changes by itself."""

    id: str
    state: PortState
    created: float
    numbers: tuple[str, ...]
    billing_number: str
    location_id: str
    steps: tuple[PortStep, ...]
    due: float | None
    documents: tuple[str, ...]


# ------------------------------------------------------------------------------------------------------------- numbers


async def list_offers(call: Call) -> list[Offer]:
    """Show what is for sale."""
    toll_free = {"true": True, "false": False}.get(call.values.get("toll_free", ""))
    wanted = NumberFilter(
        area_code=call.values.get("area_code", ""), state=call.values.get("state", ""), toll_free=toll_free
    )
    return find_offers(call.tenant.account, wanted)


async def add_offers(call: Call) -> list[Offer]:
    """Put numbers up for sale."""
    account = call.tenant.account
    numbers = [e164(number) for number in call.body.numbers]
    for number in numbers:
        if account.owns(number):
            raise ProblemError(400, "invalid", f"{number} is in service already")
    offers = [offer_of(number) for number in numbers]
    account.office.for_sale.update({offer.number: offer for offer in offers})
    await call.service.accounts_changed()
    return offers


async def list_orders(call: Call) -> list[ShownOrder]:
    """Show all orders, oldest first."""
    return [_order(order) for order in call.tenant.account.office.orders.values()]


async def buy(call: Call) -> ShownOrder:
    """Buy numbers."""
    wanted: NewOrder = call.body
    order = orders.buy(
        call.tenant.account,
        orders.Wanted(user=_USER, location_id=wanted.location_id),
        call.now,
        numbers=map(e164, wanted.numbers),
        search=NumberFilter(area_code=wanted.area_code),
        quantity=wanted.quantity,
        takes_part=wanted.partial,
    )
    return await _done(call, order)


async def disconnect(call: Call) -> ShownOrder:
    """Give numbers back."""
    account = call.tenant.account
    return await _done(
        call, orders.disconnect(account, orders.Wanted(user=_USER), call.now, map(e164, call.body.numbers))
    )


async def move(call: Call) -> ShownOrder:
    """Move numbers to another location."""
    wanted = orders.Wanted(user=_USER, location_id=call.body.location_id)
    return await _done(call, orders.move(call.tenant.account, wanted, call.now, map(e164, call.body.numbers)))


async def change_number(call: Call) -> Number:
    """Change some of a number; the rest stays."""
    account = call.tenant.account
    number = account.number(call.path["number"])
    if number is None:
        raise ProblemError(404, "not-found", f"there is no number {call.path['number']!r}")
    new: Number = changed(number, _known(Number, {**call.body, "number": number.number}))
    account.put_number(new)
    await call.service.accounts_changed()
    return new


async def _done(call: Call, order: Order) -> ShownOrder:
    await call.service.accounts_changed()
    if order.failed and not order.numbers:
        raise ProblemError(400, "invalid", f"{order.failed[0].number}: {order.failed[0].description}")
    return _order(order)


def _order(order: Order) -> ShownOrder:
    return ShownOrder(
        id=order.id,
        kind=order.kind.value,
        status=order.status.value,
        created=order.created,
        name=order.name,
        user=order.user,
        location_id=order.location_id,
        numbers=order.numbers,
        failed=order.failed,
        pending=order.pending,
    )


# ------------------------------------------------------------------------------------------------------ sites and so on


async def list_sites(call: Call) -> list[Site]:
    """Show the sub-accounts."""
    return list(call.tenant.account.office.sites.values())


async def change_location(call: Call) -> Location:
    """Change some of a location; the rest stays."""
    account = call.tenant.account
    location = account.location(call.path["id"])
    if location is None:
        raise ProblemError(404, "not-found", f"there is no location {call.path['id']!r}")
    new: Location = changed(location, _known(Location, {**call.body, "id": location.id}))
    account.put_location(new)
    await call.service.accounts_changed()
    return new


def _known(record: Any, fields: dict[str, Any]) -> dict[str, Any]:
    if unknown := sorted(fields.keys() - set(record.__struct_fields__)):
        raise ProblemError(400, "invalid", f"unknown field {unknown[0]!r}")
    return fields


# --------------------------------------------------------------------------------------------------------------- ports


async def list_ports(call: Call) -> list[ShownPort]:
    """Show all port-ins, oldest first."""
    return [_port(port) for port in call.tenant.account.office.ports.values()]


async def open_port(call: Call) -> ShownPort:
    """Ask for numbers that are with another carrier."""
    account, wanted = call.tenant.account, call.body
    port = ports.open_port(
        account,
        orders.Wanted(user=_USER, location_id=wanted.location_id),
        call.now,
        map(e164, wanted.numbers),
        billing_number=e164(wanted.billing_number) if wanted.billing_number else "",
        requested_foc=wanted.requested_foc,
    )
    if wanted.has_documents:
        letter = Document(name="loa.txt", content_type="text/plain", content=b"a sample letter of authority\n")
        port = ports.hand_in(account, port, letter, call.now)
    await call.service.accounts_changed()
    return _port(port)


async def change_port(call: Call) -> ShownPort:
    """Bring a port-in into a state by hand."""
    account = call.tenant.account
    port = account.office.ports.get(call.path["id"])
    if port is None:
        raise ProblemError(404, "not-found", f"there is no port-in {call.path['id']!r}")
    port = ports.enter(account, port, call.body.state, call.now, call.body.note)
    await call.service.accounts_changed()
    return _port(port)


def _port(port: Port) -> ShownPort:
    return ShownPort(
        id=port.id,
        state=port.state,
        created=port.created,
        numbers=port.numbers,
        billing_number=port.billing_number,
        location_id=port.location_id,
        steps=port.steps,
        due=port.due,
        documents=tuple(document.name for document in port.documents),
    )


_Fields = dict[str, Any]

OPERATIONS: Final = (
    *for_accounts((
        Operation("GET", "/numbers-for-sale", "Numbers that can be bought", list_offers, gives=list[Offer],
                  parameters=(Parameter("area_code", "of one area code alone"), Parameter("state", "of one state"),
                              Parameter("toll_free", "true or false"))),
        Operation("POST", "/numbers-for-sale", "Put numbers up for sale", add_offers, SomeNumbers, list[Offer], 201),
        Operation("PATCH", "/numbers/{number}", "Some of a number", change_number, _Fields, Number),
        Operation("GET", "/orders", "Orders, moves and disconnects, oldest first", list_orders,
                  gives=list[ShownOrder]),
        Operation("POST", "/orders", "Buy numbers", buy, NewOrder, ShownOrder, 201),
        Operation("POST", "/moves", "Move numbers to another location", move, NumbersAndPlace, ShownOrder, 201),
        Operation("POST", "/disconnects", "Give numbers back", disconnect, SomeNumbers, ShownOrder, 201),
        Operation("GET", "/sites", "Sub-accounts", list_sites, gives=list[Site]),
        Operation("PATCH", "/locations/{id}", "Some of a location, such as its zones", change_location, _Fields,
                  Location),
        Operation("GET", "/ports", "Port-ins, oldest first", list_ports, gives=list[ShownPort]),
        Operation("POST", "/ports", "Port numbers in", open_port, NewPort, ShownPort, 201),
        Operation("PATCH", "/ports/{id}", "Bring a port-in into a state by hand", change_port, PortChange, ShownPort),
    )),
)  # fmt: skip
