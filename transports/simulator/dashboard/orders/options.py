"""Orders that give numbers another class, campaign or switch.

Source: published clients; ``TnOptionOrder`` is the root of the answer, which one of them needs so.
"""

from typing import Final

from msgcore.errors import LocalError
from transports.simulator.accounts.office import Order, OrderKind, OrderStatus
from transports.simulator.dashboard.asking import Ask, Reply, Route, page_of, time_of
from transports.simulator.dashboard.elements import Element, element, optional
from transports.simulator.dashboard.orders.order import asked, echo, errors_element, of_kind, wanted
from transports.simulator.orders import orders
from transports.simulator.orders.numbers import e164
from transports.simulator.orders.orders import Options

_KNOWN_OPTIONS: Final = ("sms", "a2psettings", "telephonenumbers")


def create_options(ask: Ask) -> Reply:
    """Give numbers another class, campaign or switch."""
    sent = ask.xml("TnOptionOrder")
    holder = sent.find("TnOptionGroups")
    groups = [] if holder is None else [_options(group) for group in holder.children]
    if not groups:
        raise LocalError("TnOptionGroups: expected at least one group")
    order = orders.set_options(ask.account, wanted(ask, sent), ask.now, groups)
    return Reply(
        201,
        element("TnOptionOrderResponse", _option_order(ask, order, OrderStatus.RECEIVED)),
        ask.url("tnoptions", order.id),
    )


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
        for order in of_kind(ask, OrderKind.OPTIONS)
    ]
    page = page_of(ask, items)
    return Reply(root=element("TnOptionOrders", element("TotalCount", page.total), page.links, page.items))


def _option_order(ask: Ask, order: Order, status: OrderStatus) -> Element:
    groups = next((child for child in echo(order) if child.name.lower() == "tnoptiongroups"), None)
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
        errors_element(order.failed) if status is order.status else None,
    )


ROUTES: Final = (
    Route("GET", "tnoptions", list_options),
    Route("POST", "tnoptions", create_options),
    Route("GET", "tnoptions/{id}", show_options),
)
