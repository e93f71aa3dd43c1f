"""What becomes of messages, decided without I/O: the dispatcher sends, the ledger follows."""

from msgcore.delivery.dispatcher import Dispatcher, Done, OutcomeClass, Refuse, Send, Wait, classify_outcome
from msgcore.delivery.ledger import Delivery, DeliveryState, Ledger
from msgcore.delivery.records import Attempt, Conclusion, Entry, OutboxCounts, Outcome, SendState, StoredEvent

__all__ = [
    "Attempt",
    "Conclusion",
    "Delivery",
    "DeliveryState",
    "Dispatcher",
    "Done",
    "Entry",
    "Ledger",
    "OutboxCounts",
    "Outcome",
    "OutcomeClass",
    "Refuse",
    "Send",
    "SendState",
    "StoredEvent",
    "Wait",
    "classify_outcome",
]
