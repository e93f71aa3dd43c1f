"""Orders: new numbers, disconnects, options, moves; each with its notes and its history.

Source: published clients. An order's own answer says ``RECEIVED``, and how it ended stands in what is asked for later.
``TnOptionOrder`` and ``MoveTnsOrder`` are the root of their answers, which one client needs so.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from msgcore.errors import LocalError
from transports.simulator.accounts.office import FailedNumber, Note, Order, OrderKind, OrderStatus
from transports.simulator.dashboard.asking import Ask, Reply, Route, found, page_of, time_of
from transports.simulator.dashboard.elements import (
    Element,
    element,
    optional,
    read_xml,
    write_fragment,
)
from transports.simulator.dashboard.numbers import search_of
from transports.simulator.dashboard.sites import asked_site
from transports.simulator.orders import orders
from transports.simulator.orders.numbers import NumberFilter, e164
from transports.simulator.orders.orders import Options, Wanted, replace

# What an answer says itself, whatever was sent.
_TOLD: Final = ("id", "orderid", "orderstatus", "ordercreatedate", "lastmodifieddate", "errorlist", "errors")
_MOST_NOTE: Final = 1000

# ------------------------------------------------------------------------------------------------------- what is common


def _wanted(ask: Ask, sent: Element) -> Wanted:
    return Wanted(
        user=ask.user,
        name=sent.get("Name"),
        customer_order_id=sent.get("CustomerOrderId"),
        site_id=sent.get("SiteId"),
        location_id=sent.get("PeerId") or sent.get("SipPeerId"),
        sent=write_fragment(sent),
    )


def asked(ask: Ask, *kinds: OrderKind) -> Order:
    """Return the order that the path names."""
    order = ask.account.office.orders.get(ask.parts["id"])
    return found(order if order is not None and order.kind in kinds else None, "order", ask.parts["id"])


def _of_kind(ask: Ask, kind: OrderKind) -> list[Order]:
    return [order for order in ask.account.office.orders.values() if order.kind is kind]


def _echo(order: Order) -> list[Element]:
    """What was sent, apart from what the answer says better."""
    if not order.sent:
        return []
    return [child for child in read_xml(order.sent).children if child.name.lower() not in _TOLD]


def _errors(failed: Iterable[FailedNumber]) -> Element:
    return element(
        "ErrorList",
        [
            element(
                "Error",
                element("Code", each.code),
                element("Description", each.description),
                element("TelephoneNumber", each.number[2:]),
            )
            for each in failed
        ],
    )


def _summaries(ask: Ask, kind: OrderKind) -> list[Element]:
    return [
        element(
            "OrderIdUserIdDate",
            element("CountOfTNs", len(order.numbers) + len(order.failed) + order.pending),
            element("userId", order.user),
            element("lastModifiedDate", time_of(order.changed)),
            element("OrderType", order.kind),
            element("OrderDate", time_of(order.created)),
            element("OrderId", order.id),
            element("OrderStatus", order.status),
        )
        for order in _of_kind(ask, kind)
    ]


def _list(ask: Ask, kind: OrderKind, items: list[Element] | None = None) -> Reply:
    page = page_of(ask, _summaries(ask, kind) if items is None else items)
    return Reply(
        root=element(
            "ResponseSelectWrapper",
            element("ListOrderIdUserIdDate", element("TotalCount", page.total), page.links, page.items),
        )
    )


def show_history(ask: Ask) -> Reply:
    """Show the steps of an order."""
    order = asked(ask, *OrderKind)
    steps = [(order.created, OrderStatus.RECEIVED)]
    if order.status is not OrderStatus.RECEIVED:
        steps.append((order.changed, order.status))
    return Reply(
        root=element(
            "OrderHistoryWrapper",
            [
                element(
                    "OrderHistory",
                    element("OrderDate", time_of(when)),
                    element("Note", ""),
                    element("Author", order.user),
                    element("Status", status),
                    element("Difference", ""),
                )
                for when, status in steps
            ],
        )
    )


# ---------------------------------------------------------------------------------------------------------------- notes


def list_notes(ask: Ask) -> Reply:
    """Show the notes beside an order."""
    return Reply(root=notes_element(asked(ask, *OrderKind).notes))


def add_note(ask: Ask) -> Reply:
    """Write a note beside an order."""
    order = asked(ask, *OrderKind)
    note = new_note(ask, order.notes)
    ask.account.office.orders[order.id] = replace(order, notes=(*order.notes, note))
    return Reply(201, location=f"{ask.base_url}/{ask.path}/{note.id}")


def notes_element(notes: Iterable[Note]) -> Element:
    """Write notes."""
    return element(
        "Notes",
        [
            element(
                "Note",
                element("Id", note.id),
                element("UserId", note.user),
                element("Description", note.description),
                element("LastDateModifier", time_of(note.created)),
            )
            for note in notes
        ],
    )


def new_note(ask: Ask, notes: tuple[Note, ...]) -> Note:
    """Read a note; ids count from 11001 within an order."""
    sent = ask.xml("Note")
    text = sent.get("Description")
    if not text or len(text) > _MOST_NOTE:
        raise LocalError(f"Description: expected a text of at most {_MOST_NOTE} characters")
    return Note(id=str(11001 + len(notes)), user=sent.get("UserId") or ask.user, description=text, created=ask.now)


# ---------------------------------------------------------------------------------------------------------- new numbers


def create_order(ask: Ask) -> Reply:
    """Buy numbers."""
    sent = ask.xml("Order")
    named, search, quantity = _what(sent)
    order = orders.buy(
        ask.account,
        _wanted(ask, sent),
        ask.now,
        numbers=named,
        search=search,
        quantity=quantity,
        takes_part=bool(sent.flag("PartialAllowed")),
        takes_later=bool(sent.flag("BackOrderRequested")),
    )
    if order.status is OrderStatus.FAILED:
        # Nothing will come of it, so why should the first answer hide that?
        return Reply(201, _order(order, order.status), ask.url("orders", order.id))
    return Reply(201, _order(order, OrderStatus.RECEIVED), ask.url("orders", order.id))


def _what(sent: Element) -> tuple[list[str], NumberFilter, int]:
    """Return the numbers that an order names, or what it looks for, and how many."""
    existing = sent.find("ExistingTelephoneNumberOrderType")
    if existing is not None:
        if existing.find("ReservationIdList") is not None:
            raise LocalError("ReservationIdList: reservations are not simulated")
        named = [e164(text) for text in existing.texts("TelephoneNumberList/TelephoneNumber")]
        if not named:
            raise LocalError("TelephoneNumberList: expected at least one number")
        return named, NumberFilter(), 0
    for child in sent.children:
        if child.name.lower().endswith("searchandordertype"):
            quantity = child.get("Quantity", "1")
            if not (quantity.isascii() and quantity.isdigit() and len(quantity) < 6):
                raise LocalError(f"Quantity: expected a whole number, got {quantity[:40]!r}")
            search = search_of(child.get)
            if search == NumberFilter():
                raise LocalError(f"{child.name}: expected what to look for")
            return [], search, int(quantity)
    raise LocalError("Order: expected ExistingTelephoneNumberOrderType or one that searches")


def show_order(ask: Ask) -> Reply:
    """Show an order and what came of it."""
    order = asked(ask, OrderKind.NEW)
    return Reply(root=_order(order, order.status))


def change_order(ask: Ask) -> Reply:
    """Rename an order, or close it."""
    order, sent = asked(ask, OrderKind.NEW), ask.xml("Order")
    order = orders.change_order(
        ask.account, order.id, ask.now, name=sent.get("Name") or None, closes=sent.flag("CloseOrder")
    )
    return Reply(root=_order(order, order.status))


def list_orders(ask: Ask) -> Reply:
    """Show all orders for new numbers."""
    return _list(ask, OrderKind.NEW)


def list_orders_of_site(ask: Ask) -> Reply:
    """Show those for a site."""
    site = asked_site(ask)
    orders_of_site = [order.id for order in _of_kind(ask, OrderKind.NEW) if order.site_id == site.id]
    items = [item for item in _summaries(ask, OrderKind.NEW) if item.get("OrderId") in orders_of_site]
    return _list(ask, OrderKind.NEW, items)


def _order(order: Order, status: OrderStatus) -> Element:
    is_over = status is order.status
    named = ("name", "customerorderid", "siteid", "peerid", "closeorder")
    return element(
        "OrderResponse",
        element("CompletedQuantity", len(order.numbers)) if is_over else None,
        element("CreatedByUser", order.user),
        element("LastModifiedDate", time_of(order.changed)),
        element("OrderCompleteDate", time_of(order.changed)) if is_over else None,
        element(
            "Order",
            element("id", order.id),
            element("Name", order.name),
            optional("CustomerOrderId", order.customer_order_id),
            element("SiteId", order.site_id),
            element("PeerId", order.location_id),
            element("OrderCreateDate", time_of(order.created)),
            [child for child in _echo(order) if child.name.lower() not in named],
            element("CloseOrder", order.is_closed),
        ),
        element("OrderStatus", status),
        element("FailedQuantity", len(order.failed)) if is_over else None,
        element("PendingQuantity", order.pending) if is_over else None,
        _numbers("CompletedNumbers", order.numbers) if is_over else None,
        element("FailedNumbers", [element("FullNumber", each.number[2:]) for each in order.failed])
        if is_over
        else None,
        _errors(order.failed) if is_over and order.failed else None,
        element("Summary", f"{len(order.numbers)} number(s) ordered") if is_over else None,
    )


def _numbers(name: str, numbers: Iterable[str]) -> Element:
    return element(name, [element("TelephoneNumber", element("FullNumber", number[2:])) for number in numbers])


def show_tns(ask: Ask) -> Reply:
    """Show the numbers of an order."""
    return Reply(root=numbers_element(asked(ask, *OrderKind).numbers))


def numbers_element(numbers: tuple[str, ...]) -> Element:
    """Write numbers and their count."""
    shown = [element("TelephoneNumber", number[2:]) for number in numbers]
    return element("TelephoneNumbers", element("Count", len(shown)), shown)


def show_area_codes(ask: Ask) -> Reply:
    """Count the numbers of an order by area code."""
    return Reply(root=counts_element("AreaCode", (number[2:5] for number in asked(ask, *OrderKind).numbers)))


def show_prefixes(ask: Ask) -> Reply:
    """Count them by area code and exchange."""
    numbers = asked(ask, *OrderKind).numbers
    return Reply(root=counts_element("NPA-NXX", (f"{number[2:5]}-{number[5:8]}" for number in numbers)))


def show_totals(ask: Ask) -> Reply:
    """Count them by site."""
    order = asked(ask, *OrderKind)
    return Reply(root=counts_element("SiteId", (order.site_id for _ in order.numbers)))


def counts_element(name: str, values: Iterable[str]) -> Element:
    """Write how often each value stands there."""
    return element(
        "TelephoneDetailsReports",
        [
            element("TelephoneDetailsReport", element(name, value), element("Count", count))
            for value, count in sorted(Counter(values).items())
        ],
    )


# ---------------------------------------------------------------------------------------------------------- disconnects


def create_disconnect(ask: Ask) -> Reply:
    """Give numbers back."""
    sent = ask.xml("DisconnectTelephoneNumberOrder")
    numbers = sent.texts("DisconnectTelephoneNumberOrderType/TelephoneNumberList/TelephoneNumber")
    if not numbers:
        raise LocalError("TelephoneNumberList: expected at least one number")
    order = orders.disconnect(ask.account, _wanted(ask, sent), ask.now, map(e164, numbers))
    status = order.status if order.status is OrderStatus.FAILED else OrderStatus.RECEIVED
    return Reply(200, _disconnect(order, status), ask.url("disconnects", order.id))


def show_disconnect(ask: Ask) -> Reply:
    """Show one and what came of it."""
    order = asked(ask, OrderKind.DISCONNECT)
    return Reply(root=_disconnect(order, order.status))


def list_disconnects(ask: Ask) -> Reply:
    """Show all."""
    return _list(ask, OrderKind.DISCONNECT)


def _disconnect(order: Order, status: OrderStatus) -> Element:
    is_over = status is order.status
    return element(
        "DisconnectTelephoneNumberOrderResponse",
        _errors(order.failed) if is_over and order.failed else None,
        element(
            "orderRequest",
            element("id", order.id),
            element("OrderCreateDate", time_of(order.created)),
            _echo(order),
        ),
        element("OrderStatus", status),
        _numbers("CompletedNumbers", order.numbers) if is_over else None,
    )


# -------------------------------------------------------------------------------------------------------------- options


def create_options(ask: Ask) -> Reply:
    """Give numbers another class, campaign or switch."""
    sent = ask.xml("TnOptionOrder")
    holder = sent.find("TnOptionGroups")
    groups = [] if holder is None else [_options(group) for group in holder.children]
    if not groups:
        raise LocalError("TnOptionGroups: expected at least one group")
    order = orders.set_options(ask.account, _wanted(ask, sent), ask.now, groups)
    return Reply(
        201,
        element("TnOptionOrderResponse", _option_order(ask, order, OrderStatus.RECEIVED)),
        ask.url("tnoptions", order.id),
    )


_KNOWN_OPTIONS: Final = ("sms", "a2psettings", "telephonenumbers")


def _options(group: Element) -> Options:
    numbers = tuple(e164(text) for text in group.texts("TelephoneNumbers/TelephoneNumber"))
    if not numbers:
        raise LocalError("TelephoneNumbers: expected at least one number")
    return Options(
        numbers,
        sms=group.flag("Sms"),
        action=group.get("A2pSettings/Action") or None,
        message_class=group.get("A2pSettings/MessageClass") or None,
        campaign_id=group.get("A2pSettings/CampaignId") or None,
        others={
            child.name: child.text
            for child in group.children
            if child.name.lower() not in _KNOWN_OPTIONS and not child.children
        },
    )


def show_options(ask: Ask) -> Reply:
    """Show one and what came of it."""
    order = asked(ask, OrderKind.OPTIONS)
    return Reply(root=_option_order(ask, order, order.status))


def list_options(ask: Ask) -> Reply:
    """Show all."""
    items = [
        element(
            "TnOptionOrderSummary",
            element("AccountId", ask.account.id),
            element("CountOfTNs", len(order.numbers) + len(order.failed)),
            element("UserId", order.user),
            element("LastModifiedDate", time_of(order.changed)),
            element("OrderDate", time_of(order.created)),
            element("OrderType", order.kind),
            element("OrderStatus", order.status),
            element("OrderId", order.id),
        )
        for order in _of_kind(ask, OrderKind.OPTIONS)
    ]
    page = page_of(ask, items)
    return Reply(root=element("TnOptionOrders", element("TotalCount", page.total), page.links, page.items))


def _option_order(ask: Ask, order: Order, status: OrderStatus) -> Element:
    groups = next((child for child in _echo(order) if child.name.lower() == "tnoptiongroups"), None)
    return element(
        "TnOptionOrder",
        element("OrderCreateDate", time_of(order.created)),
        element("AccountId", ask.account.id),
        element("CreatedByUser", order.user),
        element("OrderId", order.id),
        element("LastModifiedDate", time_of(order.changed)),
        element("ProcessingStatus", status),
        optional("CustomerOrderId", order.customer_order_id),
        groups or element("TnOptionGroups"),
        _errors(order.failed) if status is order.status else None,
    )


# ---------------------------------------------------------------------------------------------------------------- moves


def create_move(ask: Ask) -> Reply:
    """Move numbers to another location."""
    sent = ask.xml("MoveTnsOrder")
    numbers = sent.texts("TelephoneNumbers/TelephoneNumber")
    if not numbers:
        raise LocalError("TelephoneNumbers: expected at least one number")
    order = orders.move(ask.account, _wanted(ask, sent), ask.now, map(e164, numbers))
    return Reply(
        201,
        element("MoveTnsOrderResponse", _move(ask, order, OrderStatus.RECEIVED)),
        ask.url("moveTns", order.id),
    )


def show_move(ask: Ask) -> Reply:
    """Show one and what came of it."""
    order = asked(ask, OrderKind.MOVE)
    return Reply(root=_move(ask, order, order.status))


def list_moves(ask: Ask) -> Reply:
    """Show all."""
    items = [
        element(
            "MoveTnsOrderSummary",
            element("AccountId", ask.account.id),
            element("CountOfTNs", len(order.numbers) + len(order.failed)),
            element("userId", order.user),
            element("lastModifiedDate", time_of(order.changed)),
            element("OrderDate", time_of(order.created)),
            element("OrderType", order.kind),
            element("OrderId", order.id),
            element("OrderStatus", order.status),
        )
        for order in _of_kind(ask, OrderKind.MOVE)
    ]
    page = page_of(ask, items)
    return Reply(root=element("MoveTnsOrders", element("TotalCount", page.total), page.links, page.items))


def _move(ask: Ask, order: Order, status: OrderStatus) -> Element:
    is_over = status is order.status
    numbers = order.numbers if is_over else (*order.numbers, *(each.number for each in order.failed))
    return element(
        "MoveTnsOrder",
        element("OrderCreateDate", time_of(order.created)),
        element("SourceAccountId", ask.account.id),
        element("AccountId", ask.account.id),
        element("CreatedByUser", order.user),
        element("OrderId", order.id),
        element("LastModifiedDate", time_of(order.changed)),
        element("ProcessingStatus", status),
        optional("CustomerOrderId", order.customer_order_id),
        element("SiteId", order.site_id),
        element("SipPeerId", order.location_id),
        element("TelephoneNumbers", [element("TelephoneNumber", number[2:]) for number in numbers]),
        _errors(order.failed) if is_over else None,
    )


def _parts(path: str) -> tuple[Route, ...]:
    return (
        Route("GET", f"{path}/{{id}}/history", show_history),
        Route("GET", f"{path}/{{id}}/notes", list_notes),
        Route("POST", f"{path}/{{id}}/notes", add_note),
        Route("GET", f"{path}/{{id}}/tns", show_tns),
        Route("GET", f"{path}/{{id}}/areaCodes", show_area_codes),
        Route("GET", f"{path}/{{id}}/npaNxx", show_prefixes),
        Route("GET", f"{path}/{{id}}/totals", show_totals),
    )


ROUTES: Final = (
    Route("GET", "orders", list_orders),
    Route("POST", "orders", create_order),
    Route("GET", "orders/{id}", show_order),
    Route("PUT", "orders/{id}", change_order),
    *_parts("orders"),
    Route("GET", "sites/{site}/orders", list_orders_of_site),
    Route("GET", "disconnects", list_disconnects),
    Route("POST", "disconnects", create_disconnect),
    Route("GET", "disconnects/{id}", show_disconnect),
    *_parts("disconnects"),
    Route("GET", "tnoptions", list_options),
    Route("POST", "tnoptions", create_options),
    Route("GET", "tnoptions/{id}", show_options),
    Route("GET", "moveTns", list_moves),
    Route("POST", "moveTns", create_move),
    Route("GET", "moveTns/{id}", show_move),
    Route("GET", "moveTns/{id}/history", show_history),
)
