"""What becomes of messages, decided without I/O: the dispatcher sends, the ledger follows."""

from msgcore.delivery.dispatcher import Dispatcher, Done, OutcomeClass, Refuse, Send, Wait, classify_outcome
from msgcore.delivery.ledger import Delivery, DeliveryState, Ledger
from msgcore.delivery.records import (
    Arrival,
    Attempt,
    Conclusion,
    Entry,
    HandlerFailure,
    OutboxCounts,
    Outcome,
    QuarantinedItem,
    SendState,
    StoredEvent,
)
from msgcore.delivery.standings import NEW, Count, Standing, follow

__all__ = [
    "NEW",
    "Arrival",
    "Attempt",
    "Conclusion",
    "Count",
    "Delivery",
    "DeliveryState",
    "Dispatcher",
    "Done",
    "Entry",
    "HandlerFailure",
    "Ledger",
    "OutboxCounts",
    "Outcome",
    "OutcomeClass",
    "QuarantinedItem",
    "Refuse",
    "Send",
    "SendState",
    "Standing",
    "StoredEvent",
    "Wait",
    "classify_outcome",
    "follow",
]
