"""What the orders of all kinds have in common: how one is read, asked for, listed, and told.

Source: published clients. An order's own answer says ``RECEIVED``, and how it ended stands in what is asked for later.
"""

from collections.abc import Iterable
from typing import Final

from transports.simulator.accounts.office import FailedNumber, Order, OrderKind
from transports.simulator.dashboard.asking import Ask, Reply, found, page_of, time_of
from transports.simulator.dashboard.elements import Element, element, read_xml, write_fragment
from transports.simulator.orders.orders import Wanted

# What an answer says itself, whatever was sent.
_TOLD: Final = ("id", "orderid", "orderstatus", "ordercreatedate", "lastmodifieddate", "errorlist", "errors")


def wanted(ask: Ask, sent: Element) -> Wanted:
    """Read what an order of any kind may say."""
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


def of_kind(ask: Ask, kind: OrderKind) -> list[Order]:
    """Return all orders of a kind, oldest first."""
    return [order for order in ask.account.office.orders.values() if order.kind is kind]


def echo(order: Order) -> list[Element]:
    """Write what was sent, apart from what the answer says better."""
    if not order.sent:
        return []
    return [child for child in read_xml(order.sent).children if child.name.lower() not in _TOLD]


def errors_element(failed: Iterable[FailedNumber]) -> Element:
    """Write what has failed, number by number."""
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


def listed(ask: Ask, orders: Iterable[Order]) -> Reply:
    """Answer with a page of orders, a few words on each."""
    items = [
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
        for order in orders
    ]
    page = page_of(ask, items)
    return Reply(
        root=element(
            "ResponseSelectWrapper",
            element("ListOrderIdUserIdDate", element("TotalCount", page.total), page.links, page.items),
        )
    )


def completed_element(numbers: Iterable[str]) -> Element:
    """Write the numbers that an order was carried out for."""
    return element(
        "CompletedNumbers", [element("TelephoneNumber", element("FullNumber", number[2:])) for number in numbers]
    )
