"""Port-ins: created, supplemented, cancelled, with notes, history and letters of authority.

Source: published clients. A letter's body is the file as it is, with its own content type.
"""

import mimetypes
from datetime import UTC, datetime
from itertools import count
from typing import Final

from msgcore.errors import LocalError
from transports.simulator.accounts.office import Document, Port, PortState
from transports.simulator.dashboard.asking import Ask, Reply, Route, found, page_of, time_of
from transports.simulator.dashboard.elements import Element, element, optional, read_xml, write_fragment
from transports.simulator.dashboard.orders.details import counts_element, new_note, notes_element, numbers_element
from transports.simulator.dashboard.sites import asked_site
from transports.simulator.orders import ports
from transports.simulator.orders.numbers import e164
from transports.simulator.orders.orders import Wanted, replace

# What an answer says itself, whatever was sent.
_TOLD: Final = (
    "orderid", "status", "processingstatus", "errors", "errorlist", "ordercreatedate", "lastmodifieddate", "userid",
    "actualfocdate",
)  # fmt: skip


def create_port(ask: Ask) -> Reply:
    """Ask for numbers that are with another carrier."""
    sent = ask.xml("LnpOrder")
    wanted = Wanted(
        user=ask.user,
        customer_order_id=sent.get("CustomerOrderId"),
        site_id=sent.get("SiteId"),
        location_id=sent.get("PeerId"),
        sent=write_fragment(sent),
    )
    billing = sent.get("BillingTelephoneNumber")
    port = ports.open_port(
        ask.account,
        wanted,
        ask.now,
        [e164(text) for text in sent.texts("ListOfPhoneNumbers/PhoneNumber")],
        billing_number=e164(billing) if billing else "",
        requested_foc=_foc(sent),
    )
    return Reply(201, _port(port, code=201), ask.url("portins", port.id))


def show_port(ask: Ask) -> Reply:
    """Show one and how far it is."""
    return Reply(root=_port(_asked(ask)))


def supplement_port(ask: Ask) -> Reply:
    """Change what was asked for; what is given again replaces what was given before."""
    port, sent = _asked(ask), ask.xml("LnpOrderSupp", "LnpOrder")
    before = read_xml(port.sent).children if port.sent else ()
    given = {child.name.lower() for child in sent.children}
    merged = Element("LnpOrder", (*(child for child in before if child.name.lower() not in given), *sent.children))
    whole = write_fragment(merged)
    read_xml(whole)  # many supplements could become more than can be read again
    port = ports.supplement(
        ask.account,
        port,
        ask.now,
        requested_foc=_foc(sent),
        sent=whole,
        customer_order_id=sent.get("CustomerOrderId") or None,
    )
    return Reply(root=_port(port, code=200))


def cancel_port(ask: Ask) -> Reply:
    """Give it up."""
    port = ports.enter(ask.account, _asked(ask), PortState.CANCELLED, ask.now)
    return Reply(root=_port(port, code=200))


def list_ports(ask: Ask) -> Reply:
    """Show all."""
    return _list(ask, list(ask.account.office.ports.values()))


def list_ports_of_site(ask: Ask) -> Reply:
    """Show those for a site."""
    site = asked_site(ask)
    return _list(ask, [port for port in ask.account.office.ports.values() if port.site_id == site.id])


def _list(ask: Ask, all_ports: list[Port]) -> Reply:
    status = ask.query.get("status", "").upper()
    items = [
        element(
            "lnpPortInfoForGivenStatus",
            element("CountOfTNs", len(port.numbers)),
            element("userId", port.user),
            element("lastModifiedDate", time_of(port.steps[-1].at)),
            element("OrderDate", time_of(port.created)),
            element("OrderId", port.id),
            element("OrderType", "port_in"),
            element("ActualFOCDate", time_of(port.foc)) if port.foc is not None else None,
            element("BillingTelephoneNumber", port.billing_number[2:]),
            element("CreatedByUser", port.user),
            optional("CustomerOrderId", port.customer_order_id),
            element("ProcessingStatus", port.state),
        )
        for port in all_ports
        if status in ("", port.state)
    ]
    page = page_of(ask, items)
    return Reply(root=element("LNPResponseWrapper", element("TotalCount", page.total), page.links, page.items))


def show_history(ask: Ask) -> Reply:
    """Show the states it has been in."""
    port = _asked(ask)
    return Reply(
        root=element(
            "OrderHistoryWrapper",
            [
                element(
                    "OrderHistory",
                    element("OrderDate", time_of(step.at)),
                    element("Note", step.note),
                    element("Author", port.user),
                    element("Status", step.state),
                )
                for step in port.steps
            ],
        )
    )


def show_tns(ask: Ask) -> Reply:
    """Show its numbers."""
    return Reply(root=numbers_element(_asked(ask).numbers))


def show_area_codes(ask: Ask) -> Reply:
    """Count them by area code."""
    return Reply(root=counts_element("AreaCode", (number[2:5] for number in _asked(ask).numbers)))


def show_prefixes(ask: Ask) -> Reply:
    """Count them by area code and exchange."""
    return Reply(root=counts_element("NPA-NXX", (f"{number[2:5]}-{number[5:8]}" for number in _asked(ask).numbers)))


def show_totals(ask: Ask) -> Reply:
    """Count them."""
    return Reply(root=element("Quantity", element("Count", len(_asked(ask).numbers))))


def show_activation(ask: Ask) -> Reply:
    """Show which numbers are in service already."""
    port = _asked(ask)
    numbers = [element("TelephoneNumber", number[2:]) for number in port.numbers]
    is_done = port.state is PortState.COMPLETE
    return Reply(
        root=element(
            "ActivationStatusResponse",
            element(
                "ActivationStatus",
                element("AutoActivationDate", time_of(port.foc)) if port.foc is not None else None,
                element("ActivatedTelephoneNumbersList", numbers if is_done else None),
                element("NotYetActivatedTelephoneNumbersList", None if is_done else numbers),
            ),
        )
    )


def list_notes(ask: Ask) -> Reply:
    """Show the notes beside it."""
    return Reply(root=notes_element(_asked(ask).notes))


def add_note(ask: Ask) -> Reply:
    """Write a note beside it."""
    port = _asked(ask)
    note = new_note(ask, port.notes)
    ask.account.office.ports[port.id] = replace(port, notes=(*port.notes, note))
    return Reply(201, location=f"{ask.base_url}/{ask.path}/{note.id}")


# ------------------------------------------------------------------------------------------------- letters of authority


def list_letters(ask: Ask) -> Reply:
    """Show which documents were handed in."""
    documents = _asked(ask).documents
    shown = [
        element("fileData", element("FileName", document.name), _metadata("FileMetaData", document))
        for document in documents
    ]
    return Reply(
        root=element(
            "FileListResponse",
            element("fileCount", len(shown)),
            shown,
            element("resultCode", 0),
            element("resultMessage", "LOA file list successfully returned"),
        )
    )


def add_letter(ask: Ask) -> Reply:
    """Hand in a document; it gets a name."""
    port = _asked(ask)
    extension = mimetypes.guess_extension(ask.content_type.partition(";")[0].strip()) or ".bin"
    # A number that is free, whatever was taken back meanwhile: another letter must not lose its place.
    taken = {document.name.rpartition(".")[0] for document in port.documents}
    stem = next(stem for stem in (f"{port.id}-{number}" for number in count(1)) if stem not in taken)
    return _hand_in(ask, port, f"{stem}{extension}", 201)


def put_letter(ask: Ask) -> Reply:
    """Hand in a document, or another edition of it."""
    return _hand_in(ask, _asked(ask), ask.parts["name"], 200)


def show_letter(ask: Ask) -> Reply:
    """Return a document as it was handed in."""
    document = _letter(ask)
    return Reply(content=document.content, content_type=document.content_type)


def remove_letter(ask: Ask) -> Reply:
    """Take a document back; the port goes on."""
    port, document = _asked(ask), _letter(ask)
    others = tuple(item for item in port.documents if item.name != document.name)
    ask.account.office.ports[port.id] = replace(port, documents=others)
    return Reply(root=element("FileUploadResponse", element("resultCode", 0)))


def show_metadata(ask: Ask) -> Reply:
    """Show what kind of document it is."""
    return Reply(root=_metadata("FileMetaData", _letter(ask)))


def put_metadata(ask: Ask) -> Reply:
    """Say what kind of document it is."""
    port, document, sent = _asked(ask), _letter(ask), ask.xml("FileMetaData")
    changed = replace(document, kind=sent.get("DocumentType") or document.kind)
    documents = tuple(changed if item.name == document.name else item for item in port.documents)
    ask.account.office.ports[port.id] = replace(port, documents=documents)
    return Reply(root=_metadata("FileMetaData", changed))


def _hand_in(ask: Ask, port: Port, name: str, status: int) -> Reply:
    if not ask.content:
        raise LocalError("expected a file, got nothing")
    content_type = ask.content_type or "application/octet-stream"
    document = Document(name=name, content_type=content_type, content=ask.content)
    ports.hand_in(ask.account, port, document, ask.now)
    return Reply(
        status,
        element(
            "FileUploadResponse",
            element("filename", name),
            element("resultCode", 0),
            element("resultMessage", "LOA file uploaded successfully"),
        ),
        ask.url("portins", port.id, "loas", name),
    )


def _letter(ask: Ask) -> Document:
    name = ask.parts["name"]
    return found(
        next((document for document in _asked(ask).documents if document.name == name), None), "document", name
    )


def _metadata(name: str, document: Document) -> Element:
    return element(name, element("DocumentType", document.kind))


# -------------------------------------------------------------------------------------------------------------- showing


def _asked(ask: Ask) -> Port:
    return found(ask.account.office.ports.get(ask.parts["id"]), "port-in", ask.parts["id"])


def _port(port: Port, code: int | None = None) -> Element:
    status = None
    if code is not None:
        status = element("Status", element("Code", code), element("Description", "the order is taken"))
    echo = read_xml(port.sent).children if port.sent else ()
    told = [child for child in echo if child.name.lower() not in _TOLD]
    has_numbers = any(child.name.lower() == "listofphonenumbers" for child in told)
    return element(
        "LnpOrderResponse",
        element("OrderId", port.id),
        status,
        element("ProcessingStatus", port.state),
        element("OrderCreateDate", time_of(port.created)),
        element("LastModifiedDate", time_of(port.steps[-1].at)),
        element("userId", port.user),
        element("ActualFocDate", time_of(port.foc)) if port.foc is not None else None,
        told,
        None
        if has_numbers
        else element("ListOfPhoneNumbers", [element("PhoneNumber", number[2:]) for number in port.numbers]),
    )


def _foc(sent: Element) -> float | None:
    text = sent.get("RequestedFocDate")
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise LocalError(f"RequestedFocDate: expected a time, got {text[:40]!r}") from error
    return (time if time.tzinfo is not None else time.replace(tzinfo=UTC)).timestamp()


ROUTES: Final = (
    Route("GET", "portins", list_ports),
    Route("POST", "portins", create_port),
    Route("GET", "portins/{id}", show_port),
    Route("PUT", "portins/{id}", supplement_port),
    Route("DELETE", "portins/{id}", cancel_port),
    Route("GET", "portins/{id}/history", show_history),
    Route("GET", "portins/{id}/notes", list_notes),
    Route("POST", "portins/{id}/notes", add_note),
    Route("GET", "portins/{id}/totals", show_totals),
    Route("GET", "portins/{id}/activationStatus", show_activation),
    Route("GET", "portins/{id}/tns", show_tns),
    Route("GET", "portins/{id}/areaCodes", show_area_codes),
    Route("GET", "portins/{id}/npaNxx", show_prefixes),
    Route("GET", "portins/{id}/loas", list_letters),
    Route("POST", "portins/{id}/loas", add_letter),
    Route("GET", "portins/{id}/loas/{name}", show_letter),
    Route("PUT", "portins/{id}/loas/{name}", put_letter),
    Route("DELETE", "portins/{id}/loas/{name}", remove_letter),
    Route("GET", "portins/{id}/loas/{name}/metadata", show_metadata),
    Route("PUT", "portins/{id}/loas/{name}/metadata", put_metadata),
    Route("GET", "sites/{site}/portins", list_ports_of_site),
)
