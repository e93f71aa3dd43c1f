"""Port-ins: numbers on their way from another carrier, and the states they go through.

    PENDING_DOCUMENTS ── a document ──> SUBMITTED ── an hour ──> FOC ── its date ──> COMPLETE
                                            │                      │
                                            └── by hand ──> EXCEPTION ── a supplement ──> SUBMITTED
    every state but the last: CANCELLED

The order of the states is known, what brings one about is not (ASSUMED): a letter of authority submits a port, the
losing carrier confirms after an hour, for the date that was asked for, or else a day later, and on that date the
numbers are the account's. A test pushes the time, or the port itself.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from msgcore.errors import LocalError
from transports.simulator.accounts.account import Account
from transports.simulator.accounts.office import Document, Port, PortState, PortStep
from transports.simulator.orders.numbers import site_of, unique
from transports.simulator.orders.orders import Wanted, activate, location_for, new_id

CONFIRMED_AFTER_SECONDS: Final = 3600.0
MOVED_AFTER_SECONDS: Final = 86400.0
MOST_DOCUMENTS: Final = 10
DOCUMENT_LIMIT: Final = 2**20
LATEST_FOC: Final = 253_402_214_400.0
"""31 December 9999: what lies behind cannot be written as a time."""

_OVER: Final = (PortState.COMPLETE, PortState.CANCELLED)
replace = msgspec.structs.replace


def open_port(
    account: Account,
    wanted: Wanted,
    now: float,
    numbers: Iterable[str],
    *,
    billing_number: str = "",
    requested_foc: float | None = None,
) -> Port:
    """Ask for numbers that are with another carrier.

    Raises:
        LocalError: there are none, or one is in service here already, or on its way.
    """
    named = tuple(unique(numbers))
    if not named:
        raise LocalError("ListOfPhoneNumbers: expected at least one number")
    _check_foc(requested_foc)
    _check_numbers(account, named)
    location = location_for(account, wanted)
    port = Port(
        id=new_id(account),
        created=now,
        numbers=named,
        billing_number=billing_number or named[0],
        steps=(PortStep(now, PortState.PENDING_DOCUMENTS),),
        location_id=location.id,
        site_id=site_of(account, location.id),
        user=wanted.user,
        customer_order_id=wanted.customer_order_id,
        requested_foc=requested_foc,
        sent=wanted.sent,
    )
    return _keep(account, port)


def hand_in(account: Account, port: Port, document: Document, now: float) -> Port:
    """Take a document, or another edition of it; the first one submits the port."""
    others = tuple(item for item in port.documents if item.name != document.name)
    if len(others) >= MOST_DOCUMENTS or len(document.content) > DOCUMENT_LIMIT:
        raise LocalError(f"documents: expected at most {MOST_DOCUMENTS}, each of at most {DOCUMENT_LIMIT} octets")
    port = _keep(account, replace(port, documents=(*others, document)))
    return enter(account, port, PortState.SUBMITTED, now) if port.state is PortState.PENDING_DOCUMENTS else port


def supplement(
    account: Account,
    port: Port,
    now: float,
    *,
    requested_foc: float | None = None,
    sent: bytes | None = None,
    customer_order_id: str | None = None,
) -> Port:
    """Change what was asked for; one that the losing carrier refused is submitted again."""
    _check_open(port)
    _check_foc(requested_foc)
    changes: dict[str, object] = {}
    if requested_foc is not None:
        changes["requested_foc"] = requested_foc
    if sent is not None:
        changes["sent"] = sent
    if customer_order_id is not None:
        changes["customer_order_id"] = customer_order_id
    port = _keep(account, replace(port, **changes))
    if port.state is PortState.FOC and requested_foc is not None:
        return enter(account, port, PortState.FOC, now)
    return enter(account, port, PortState.SUBMITTED, now) if port.state is PortState.EXCEPTION else port


def enter(account: Account, port: Port, state: PortState, now: float, note: str = "") -> Port:
    """Bring a port into a state; LocalError where it has come to its end already."""
    _check_open(port)
    due = foc = None
    if state is PortState.SUBMITTED:
        due = now + CONFIRMED_AFTER_SECONDS
    elif state is PortState.FOC:
        due = foc = max(now, now + MOVED_AFTER_SECONDS if port.requested_foc is None else port.requested_foc)
    elif state is PortState.COMPLETE:
        foc = port.foc
        _complete(account, port, now)
    return _keep(account, replace(port, steps=(*port.steps, PortStep(now, state, note)), due=due, foc=foc))


def settle(account: Account, now: float) -> bool:
    """Let happen what is due by ``now``, at its own time; returns whether anything did."""
    happened = False
    while True:
        due = min(
            (port for port in account.office.ports.values() if port.due is not None and port.due <= now),
            key=lambda port: port.due or 0.0,
            default=None,
        )
        if due is None:
            return happened
        assert due.due is not None, "it was looked for by it"
        state = PortState.FOC if due.state is PortState.SUBMITTED else PortState.COMPLETE
        try:
            enter(account, due, state, due.due)
        except LocalError as error:  # all locations are gone
            enter(account, due, PortState.EXCEPTION, due.due, str(error))
        happened = True


def _complete(account: Account, port: Port, now: float) -> None:
    location = account.location(port.location_id) or location_for(account, Wanted())
    for number in port.numbers:
        account.office.for_sale.pop(number, None)
        activate(account, number, location, port.id, now)


def _check_numbers(account: Account, numbers: tuple[str, ...]) -> None:
    for number in numbers:
        if account.owns(number):
            raise LocalError(f"{number} is in service in this account already")
        if any(number in port.numbers and port.state not in _OVER for port in account.office.ports.values()):
            raise LocalError(f"{number} is on its way already")


def _check_foc(requested: float | None) -> None:
    if requested is not None and requested > LATEST_FOC:
        raise LocalError("RequestedFocDate: expected a time before 9999-12-31")


def _check_open(port: Port) -> None:
    if port.state in _OVER:
        raise LocalError(f"port-in {port.id} is {port.state}, nothing can be changed any more")


def _keep(account: Account, port: Port) -> Port:
    account.office.ports[port.id] = port
    return port
