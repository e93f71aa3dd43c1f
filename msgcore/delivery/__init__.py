"""What becomes of messages, decided without I/O: the dispatcher sends, the ledger follows."""

from msgcore.delivery.dispatcher import Dispatcher, Done, OutcomeClass, Refuse, Send, Wait, classify_outcome
from msgcore.delivery.ledger import Delivery, DeliveryState, Ledger

__all__ = [
    "Delivery",
    "DeliveryState",
    "Dispatcher",
    "Done",
    "Ledger",
    "OutcomeClass",
    "Refuse",
    "Send",
    "Wait",
    "classify_outcome",
]
