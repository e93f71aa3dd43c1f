"""What is being sent and what became of it: pure state machines that storage and transports are put around."""

from msgcore.delivery.ledger import Delivery, DeliveryState, Ledger

__all__ = [
    "Delivery",
    "DeliveryState",
    "Ledger",
]
