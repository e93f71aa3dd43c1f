"""Orders that give numbers back."""

from typing import Final

from msgcore.errors import LocalError
from transports.simulator.accounts.office import Order, OrderKind, OrderStatus
from transports.simulator.dashboard.asking import Ask, Reply, Route, time_of
from transports.simulator.dashboard.elements import Element, element
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
from transports.simulator.orders import orders
from transports.simulator.orders.numbers import e164


def create_disconnect(ask: Ask) -> Reply:
    """Give numbers back."""
    sent = ask.xml("DisconnectTelephoneNumberOrder")
    numbers = sent.texts("DisconnectTelephoneNumberOrderType/TelephoneNumberList/TelephoneNumber")
    if not numbers:
        raise LocalError("TelephoneNumberList: expected at least one number")
    order = orders.disconnect(ask.account, wanted(ask, sent), ask.now, map(e164, numbers))
    status = order.status if order.status is OrderStatus.FAILED else OrderStatus.RECEIVED
    return Reply(200, _disconnect(order, status), ask.url("disconnects", order.id))


def show_disconnect(ask: Ask) -> Reply:
    """Show one and what came of it."""
    order = asked(ask, OrderKind.DISCONNECT)
    return Reply(root=_disconnect(order, order.status))


def list_disconnects(ask: Ask) -> Reply:
    """Show all."""
    return listed(ask, of_kind(ask, OrderKind.DISCONNECT))


def _disconnect(order: Order, status: OrderStatus) -> Element:
    is_over = status is order.status
    return element(
        "DisconnectTelephoneNumberOrderResponse",
        errors_element(order.failed) if is_over and order.failed else None,
        element(
            "orderRequest",
            element("id", order.id),
            element("OrderCreateDate", time_of(order.created)),
            echo(order),
        ),
        element("OrderStatus", status),
        completed_element(order.numbers) if is_over else None,
    )


ROUTES: Final = (
    Route("GET", "disconnects", list_disconnects),
    Route("POST", "disconnects", create_disconnect),
    Route("GET", "disconnects/{id}", show_disconnect),
    *detail_routes("disconnects"),
)
