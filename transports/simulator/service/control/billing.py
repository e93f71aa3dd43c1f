"""Operations on what an account has used: totals by day, what they cost, and detail records as files."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import msgspec
from starlette.responses import Response, StreamingResponse

from msgcore.wire.mdr import MdrColumns
from transports.simulator.accounts.office import RatePrice
from transports.simulator.service.control.operations import (
    Call,
    Operation,
    Parameter,
    ProblemError,
    for_accounts,
)
from transports.simulator.usage.archive import UsageFilter
from transports.simulator.usage.files import BREAKDOWNS, day_range_ms, day_text, stream_csv, stream_zip
from transports.simulator.usage.totals import Cost, UsageKey, rate_card_of


class ShownRateCard(msgspec.Struct, frozen=True, kw_only=True):
    """Prices of segments and MMS, as decimals in text; zone ``null`` is unassigned."""

    currency: str | None = None
    prices: tuple[RatePrice, ...] = ()


class ShownUsage(msgspec.Struct, frozen=True, kw_only=True):
    """What was used on a day, of one kind and with one end: messages for each recipient, and rows of MDRs."""

    day: str
    direction: str
    message_type: str
    number_class: str
    zone: int | None
    status: str
    code: int
    messages: int
    segments: int
    is_billed: bool


class ShownCostLine(msgspec.Struct, frozen=True, kw_only=True):
    """What segments of one kind cost; ``null`` where the card has no price."""

    kind: str
    sender: str
    zone: int | None
    segments: int
    price: str | None
    amount: str | None


class ShownCost(msgspec.Struct, frozen=True, kw_only=True):
    """What was used so far costs, exactly; ``unpriced_segments`` are in no sum, ``free_segments`` are not billed."""

    amount: str
    currency: str | None
    billed_segments: int
    free_segments: int
    unpriced_segments: int
    lines: tuple[ShownCostLine, ...]


# --------------------------------------------------------------------------------------------------------------- prices


async def show_rate_card(call: Call) -> ShownRateCard:
    """Show the prices."""
    office = call.tenant.account.office
    return ShownRateCard(currency=office.currency, prices=office.prices)


async def put_rate_card(call: Call) -> ShownRateCard:
    """Let other prices hold, for all that was ever used."""
    office, wanted = call.tenant.account.office, call.body
    rate_card_of(wanted.prices, wanted.currency)
    office.prices, office.currency = wanted.prices, wanted.currency
    await call.service.accounts_changed()
    return ShownRateCard(currency=office.currency, prices=office.prices)


async def show_cost(call: Call) -> ShownCost:
    """Show what was used so far costs."""
    tenant, office = call.tenant, call.tenant.account.office
    cost: Cost = tenant.usage.totals.cost(rate_card_of(office.prices, office.currency))
    return ShownCost(
        amount=f"{cost.amount:f}",
        currency=cost.currency,
        billed_segments=cost.billed_segments,
        free_segments=cost.free_segments,
        unpriced_segments=cost.unpriced_segments,
        lines=tuple(
            ShownCostLine(
                kind=line.key.kind,
                sender=line.key.sender,
                zone=line.key.zone,
                segments=line.segments,
                price=None if line.price is None else f"{line.price:f}",
                amount=None if line.amount is None else f"{line.amount:f}",
            )
            for line in cost.lines
        ),
    )


# ---------------------------------------------------------------------------------------------------------------- usage


async def list_usage(call: Call) -> list[ShownUsage]:
    """Show what was used, by day, kind, class of sender, zone and end."""
    return [_shown(*line) for line in call.tenant.usage.totals.lines()]


def _shown(key: UsageKey, messages: int, segments: int) -> ShownUsage:
    return ShownUsage(
        day=day_text(key.day),
        direction="INBOUND" if key.inbound else "OUTBOUND",
        message_type="mms" if key.is_mms else "sms",
        number_class=key.number_class,
        zone=key.zone or None,
        status=key.status_name,
        code=key.code,
        messages=messages,
        segments=segments,
        is_billed=key.is_billed,
    )


async def download_csv(call: Call) -> Response:
    """Write the detail records of some days as CSV."""
    wanted, columns, name = _asked(call)
    account_id = call.tenant.account.id
    return _file(stream_csv(call.service.usage_of(account_id), account_id, wanted, columns), f"{name}.csv", "text/csv")


async def download_zip(call: Call) -> Response:
    """The same as a ZIP of CSV files."""
    wanted, columns, name = _asked(call)
    account_id = call.tenant.account.id
    breakdown = _one_of(call, "breakdown", BREAKDOWNS)
    pieces = stream_zip(call.service.usage_of(account_id), account_id, wanted, columns, name=name, breakdown=breakdown)
    return _file(pieces, f"{name}.zip", "application/zip")


def _asked(call: Call) -> tuple[UsageFilter, MdrColumns, str]:
    values = call.values
    today = day_text(int(call.now // 86400))
    start, end = values.get("start", today), values.get("end", today)
    since_ms, until_ms = day_range_ms(start, end)
    code = values.get("code")
    if code is not None and not (code.isascii() and code.isdigit() and len(code) < 10):
        raise ProblemError(400, "invalid", f"code: expected a delivery code, or 0, got {code[:40]!r}")
    wanted = UsageFilter(
        since_ms,
        until_ms,
        location=values.get("location"),
        site_id=values.get("site_id"),
        campaign_id=values.get("campaign_id"),
        direction=None if "direction" not in values else _one_of(call, "direction", ("INBOUND", "OUTBOUND")),
        type=None if "type" not in values else _one_of(call, "type", ("sms", "mms")),
        status=values.get("status"),
        code=None if code is None else int(code),
    )
    columns = MdrColumns(_one_of(call, "columns", [each.value for each in MdrColumns]))
    return wanted, columns, f"mdrs_{start}_{end}"


def _one_of(call: Call, name: str, known: "list[str] | tuple[str, ...]") -> str:
    value = call.values.get(name, known[0])
    if value not in known:
        raise ProblemError(400, "invalid", f"{name}: expected one of {', '.join(known)}, got {value[:40]!r}")
    return value


def _file(pieces: AsyncIterator[bytes], name: str, media_type: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(_with_breath(pieces), headers=headers, media_type=media_type)


async def _with_breath(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Let others have their turn between two pieces: a million rows take seconds."""
    async for piece in pieces:
        yield piece
        await asyncio.sleep(0)


_MDR: Final = (
    Parameter("start", "first day, as 2026-01-31; today unless said"),
    Parameter("end", "last day; today unless said"),
    Parameter("columns", "all, or confirmed-only"),
    Parameter("location", "of a location's name alone"),
    Parameter("site_id", "of a site alone"),
    Parameter("campaign_id", "of a campaign alone"),
    Parameter("direction", "INBOUND or OUTBOUND"),
    Parameter("type", "sms or mms"),
    Parameter("status", "with one status alone, such as DELIVERED"),
    Parameter("code", "with one delivery code alone; 0 is none", {"type": "integer"}),
)

OPERATIONS: Final = (
    *for_accounts((
        Operation("GET", "/rate-card", "The prices of segments and MMS", show_rate_card, gives=ShownRateCard),
        Operation("PUT", "/rate-card", "Other prices, for all that was ever used", put_rate_card, ShownRateCard,
                  ShownRateCard),
        Operation("GET", "/cost", "What was used so far costs", show_cost, gives=ShownCost),
        Operation("GET", "/usage", "What was used, by day, kind and end", list_usage, gives=list[ShownUsage]),
        Operation("GET", "/mdrs.csv", "Detail records of some days", download_csv, parameters=_MDR,
                  media_type="text/csv"),
        Operation("GET", "/mdrs.zip", "The same in a ZIP", download_zip, media_type="application/zip",
                  parameters=(*_MDR, Parameter("breakdown", "Automatic, Location or Sub-Account"))),
    )),
)  # fmt: skip
