"""Orders for new numbers, named or looked for."""

from typing import Final

from msgcore.errors import LocalError
from transports.simulator.accounts.office import Order, OrderKind, OrderStatus
from transports.simulator.dashboard.asking import Ask, Reply, Route, time_of
from transports.simulator.dashboard.elements import Element, element, optional
from transports.simulator.dashboard.numbers import search_of
from transports.simulator.dashboard.orders.details import detail_routes
from transports.simulator.dashboard.orders.order import (
    asked,
    completed_element,
    echo,
    errors_element,
    listed,
    of_kind,
    wanted,
)
from transports.simulator.dashboard.sites import asked_site
from transports.simulator.orders import orders
from transports.simulator.orders.numbers import NumberFilter, e164


def create_order(ask: Ask) -> Reply:
    """Buy numbers."""
    sent = ask.xml("Order")
    named, search, quantity = _what(sent)
    order = orders.buy(
        ask.account,
        wanted(ask, sent),
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
    return listed(ask, of_kind(ask, OrderKind.NEW))


def list_orders_of_site(ask: Ask) -> Reply:
    """Show those for a site."""
    site = asked_site(ask)
    return listed(ask, [order for order in of_kind(ask, OrderKind.NEW) if order.site_id == site.id])


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
            [child for child in echo(order) if child.name.lower() not in named],
            element("CloseOrder", order.is_closed),
        ),
        element("OrderStatus", status),
        element("FailedQuantity", len(order.failed)) if is_over else None,
        element("PendingQuantity", order.pending) if is_over else None,
        completed_element(order.numbers) if is_over else None,
        element("FailedNumbers", [element("FullNumber", each.number[2:]) for each in order.failed])
        if is_over
        else None,
        errors_element(order.failed) if is_over and order.failed else None,
        element("Summary", f"{len(order.numbers)} number(s) ordered") if is_over else None,
    )


ROUTES: Final = (
    Route("GET", "orders", list_orders),
    Route("POST", "orders", create_order),
    Route("GET", "orders/{id}", show_order),
    Route("PUT", "orders/{id}", change_order),
    *detail_routes("orders"),
    Route("GET", "sites/{site}/orders", list_orders_of_site),
)
