"""For people who write a transport or an outbox: the contracts as test classes, and hypothesis strategies.

The test classes need pytest to run them, the strategies hypothesis; neither is imported before it is used.
"""

from msgcore.testing.outbox_contract import DurableOutboxContract, MakeOutbox, OpenAgain, OutboxContract
from msgcore.testing.strategies import messages
from msgcore.testing.transport_contract import MakeTransport, TransportContract, message_request

__all__ = [
    "DurableOutboxContract",
    "MakeOutbox",
    "MakeTransport",
    "OpenAgain",
    "OutboxContract",
    "TransportContract",
    "message_request",
    "messages",
]
