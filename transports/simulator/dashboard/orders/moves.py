"""Orders that move numbers to another location.

Source: published clients; ``MoveTnsOrder`` is the root of the answer, which one of them needs so.
"""

from typing import Final

from msgcore.errors import LocalError
from transports.simulator.accounts.office import Order, OrderKind, OrderStatus
from transports.simulator.dashboard.asking import Ask, Reply, Route, page_of, time_of
from transports.simulator.dashboard.elements import Element, element, optional
from transports.simulator.dashboard.orders.details import show_history
from transports.simulator.dashboard.orders.order import asked, errors_element, of_kind, wanted
from transports.simulator.orders import orders
from transports.simulator.orders.numbers import e164


def create_move(ask: Ask) -> Reply:
    """Move numbers to another location."""
    sent = ask.xml("MoveTnsOrder")
    numbers = sent.texts("TelephoneNumbers/TelephoneNumber")
    if not numbers:
        raise LocalError("TelephoneNumbers: expected at least one number")
    order = orders.move(ask.account, wanted(ask, sent), ask.now, map(e164, numbers))
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
        for order in of_kind(ask, OrderKind.MOVE)
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
        errors_element(order.failed) if is_over else None,
    )


ROUTES: Final = (
    Route("GET", "moveTns", list_moves),
    Route("POST", "moveTns", create_move),
    Route("GET", "moveTns/{id}", show_move),
    Route("GET", "moveTns/{id}/history", show_history),
)
