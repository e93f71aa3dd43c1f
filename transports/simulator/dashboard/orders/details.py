"""What is asked about an order of any kind: its history, the notes beside it, and its numbers, counted in many ways."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from msgcore.errors import LocalError
from transports.simulator.accounts.office import Note, OrderKind, OrderStatus
from transports.simulator.dashboard.asking import Ask, Reply, Route, time_of
from transports.simulator.dashboard.elements import Element, element
from transports.simulator.dashboard.orders.order import asked
from transports.simulator.orders.orders import replace

_MOST_NOTE: Final = 1000


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


def detail_routes(path: str) -> tuple[Route, ...]:
    """Return the routes below an order of the kind that stands at ``path``."""
    return (
        Route("GET", f"{path}/{{id}}/history", show_history),
        Route("GET", f"{path}/{{id}}/notes", list_notes),
        Route("POST", f"{path}/{{id}}/notes", add_note),
        Route("GET", f"{path}/{{id}}/tns", show_tns),
        Route("GET", f"{path}/{{id}}/areaCodes", show_area_codes),
        Route("GET", f"{path}/{{id}}/npaNxx", show_prefixes),
        Route("GET", f"{path}/{{id}}/totals", show_totals),
    )
