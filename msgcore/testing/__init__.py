"""For people who write a transport or a store: contracts as test classes, and hypothesis strategies for messages.

Each contract is a class to subclass in a test module, with one fixture to provide; its module says which. They need
pytest; :func:`messages` needs hypothesis. Neither is imported before it is used.
"""

from msgcore.testing.callback_store_contract import CallbackStoreContract, HandlerStoreContract, OpenStore, event_item
from msgcore.testing.outbox_contract import DurableOutboxContract, MakeOutbox, OpenAgain, OutboxContract
from msgcore.testing.strategies import messages
from msgcore.testing.transport_contract import MakeTransport, TransportContract, message_request

__all__ = [
    "CallbackStoreContract",
    "DurableOutboxContract",
    "HandlerStoreContract",
    "MakeOutbox",
    "MakeTransport",
    "OpenAgain",
    "OpenStore",
    "OutboxContract",
    "TransportContract",
    "event_item",
    "message_request",
    "messages",
]
