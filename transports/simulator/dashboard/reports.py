"""Billing reports: ordered, asked for again until they are done, and then a file.

Source: Messaging V2, MDR reports: ``POST`` with a type and a range of days (``RECEIVED``), ``GET`` (``PROCESSING`` …
``COMPLETED``), ``GET …/file`` (a ZIP). How long it takes is ASSUMED: two seconds of the provider's time. The file has
what was over when the report was ordered, whenever it is fetched; filters, breakdown and columns are ours.
"""

from datetime import UTC, datetime
from typing import Final

from msgcore.errors import LocalError
from msgcore.wire.mdr import MdrColumns
from transports.simulator.accounts.office import Report
from transports.simulator.dashboard.asking import INVALID, Ask, RefusedError, Reply, Route, found, page_of
from transports.simulator.dashboard.elements import Element, element
from transports.simulator.orders.orders import new_id
from transports.simulator.usage.archive import UsageFilter
from transports.simulator.usage.files import BREAKDOWNS, day_range_ms

PROCESSING_AFTER_SECONDS: Final = 0.5
COMPLETED_AFTER_SECONDS: Final = 2.0

_KIND: Final = "MDR"
_FILTERS: Final = {
    "CampaignId": "campaign_id",
    "SubAccountId": "site_id",
    "SiteId": "site_id",
    "Location": "location",
    "Direction": "direction",
    "MessageType": "type",
    "MessageStatus": "status",
}
_DESCRIPTIONS: Final = {
    "RECEIVED": "The report archive request has been received",
    "PROCESSING": "The report archive is being prepared",
    "COMPLETED": "The report archive is complete",
}


def create_report(ask: Ask) -> Reply:
    """Order a report."""
    sent = ask.xml("BillingReport")
    kind = sent.get("Type")
    if kind != _KIND:
        raise LocalError(f"Type: {_KIND} is the one that is simulated, got {kind[:40] or 'nothing'!r}")
    start, end = sent.get("DateRange/StartDate"), sent.get("DateRange/EndDate")
    day_range_ms(start, end)
    report = Report(
        id=new_id(ask.account),
        kind=kind,
        start=start,
        end=end,
        created=ask.now,
        user=ask.user,
        breakdown=_one_of(sent, "Breakdown", BREAKDOWNS),
        columns=_one_of(sent, "Columns", tuple(each.value for each in MdrColumns)),
        filters={field: sent.get(f"Filters/{name}") for name, field in _FILTERS.items() if sent.get(f"Filters/{name}")},
    )
    ask.account.office.reports[report.id] = report
    return Reply(
        201,
        element("BillingReportCreationResponse", _status("RECEIVED")),
        ask.url("billingreports", report.id),
    )


def list_reports(ask: Ask) -> Reply:
    """Show all, those of a kind if one is asked for."""
    kind = ask.query.get("kind", "").upper()
    items = [
        element(
            "BillingReport",
            element("BillingReportId", report.id),
            element("BillingReportKind", report.kind),
            element("UserId", report.user),
            _status(state_of(report, ask.now)),
            element("CreatedDate", datetime.fromtimestamp(report.created, UTC).strftime("%Y-%m-%d %H:%M:%S")),
            _range(report),
        )
        for report in ask.account.office.reports.values()
        if kind in ("", report.kind)
    ]
    page = page_of(ask, items)
    return Reply(root=element("BillingReportsRetrievalResponse", element("BillingReportList", page.items)))


def show_report(ask: Ask) -> Reply:
    """Show how far one is."""
    report = _asked(ask)
    return Reply(root=element("BillingReportRetrievalResponse", _status(state_of(report, ask.now)), _range(report)))


def download_report(ask: Ask) -> Reply:
    """Return the file of one that is done."""
    report = _asked(ask)
    if state_of(report, ask.now) != "COMPLETED":
        raise RefusedError(404, INVALID, f"report {report.id} is not complete yet")
    return Reply(report=report)


def state_of(report: Report, now: float) -> str:
    """Return how far a report is."""
    age = now - report.created
    if age < PROCESSING_AFTER_SECONDS:
        return "RECEIVED"
    return "PROCESSING" if age < COMPLETED_AFTER_SECONDS else "COMPLETED"


def filter_of(report: Report) -> UsageFilter:
    """Return which records a report is about."""
    since_ms, until_ms = day_range_ms(report.start, report.end)
    filters = report.filters
    return UsageFilter(
        since_ms,
        until_ms,
        ended_by=report.created,
        location=filters.get("location"),
        site_id=filters.get("site_id"),
        campaign_id=filters.get("campaign_id"),
        direction=filters.get("direction"),
        type=filters.get("type"),
        status=filters.get("status"),
    )


def _asked(ask: Ask) -> Report:
    return found(ask.account.office.reports.get(ask.parts["id"]), "report", ask.parts["id"])


def _one_of(sent: Element, name: str, known: tuple[str, ...]) -> str:
    value = sent.get(name) or known[0]
    if value not in known:
        raise LocalError(f"{name}: expected one of {', '.join(known)}, got {value[:40]!r}")
    return value


def _status(state: str) -> list[Element]:
    return [element("ReportStatus", state), element("Description", _DESCRIPTIONS[state])]


def _range(report: Report) -> Element:
    return element("DateRange", element("StartDate", report.start), element("EndDate", report.end))


ROUTES: Final = (
    Route("GET", "billingreports", list_reports),
    Route("POST", "billingreports", create_report),
    Route("GET", "billingreports/{id}", show_report),
    Route("GET", "billingreports/{id}/file", download_report),
)
