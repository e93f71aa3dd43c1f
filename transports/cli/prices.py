"""Prices as the commands show them: a table for people, plain values for programs."""

from decimal import Decimal
from typing import Any, Final

from rich.table import Table

from msgcore.planning import Price
from msgcore.wire import MessageKind

UNASSIGNED: Final = "unassigned"
KIND_NAMES: Final = {MessageKind.SMS: "SMS", MessageKind.MMS: "MMS", MessageKind.GROUP_MMS: "group MMS"}


def price_table(price: Price) -> Table:
    """Return a line for each kind, sender and zone, and their sum."""
    table = column_table(
        "kind", "sender", "zone", "segments", "each", f"amount {price.currency or ''}".strip(), texts=3
    )
    for (kind, sender, zone), segments, each, amount in price.lines:
        zone_name = UNASSIGNED if zone is None else str(zone)
        row = (KIND_NAMES[kind], sender.value, zone_name, f"{segments:,}", _money(each), _money(amount))
        table.add_row(*row, style="yellow" if each is None else None)
    table.add_row(
        "all", "", "", f"{sum(line.segments for line in price.lines):,}", "", _money(price.amount), style="bold"
    )
    return table


def column_table(*names: str, texts: int = 1) -> Table:
    """Return a table without rows, of which the first ``texts`` columns are words, and the others figures."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for index, name in enumerate(names):
        table.add_column(name, justify="left" if index < texts else "right", min_width=12 if index == 0 else None)
    return table


def price_json(price: Price) -> dict[str, Any]:
    """Return a price for a program; amounts are strings, so that no reader makes floats of them."""
    return {
        "amount": str(price.amount),
        "currency": price.currency,
        "unpriced_segments": price.unpriced_segments,
        "lines": [
            {
                "kind": line.key.kind,
                "sender": line.key.sender,
                "zone": UNASSIGNED if line.key.zone is None else line.key.zone,
                "segments": line.segments,
                "price": None if line.price is None else str(line.price),
                "amount": None if line.amount is None else str(line.amount),
            }
            for line in price.lines
        ],
    }


def _money(amount: Decimal | None) -> str:
    return "no price" if amount is None else f"{amount:,f}"


__all__ = ["KIND_NAMES", "UNASSIGNED", "column_table", "price_json", "price_table"]
