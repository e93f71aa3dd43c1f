"""The contract of an outbox: for every outbox, and for those that outlive their process."""

from msgcore.testing.outbox_contract.contract import DurableOutboxContract, OutboxContract
from msgcore.testing.outbox_contract.scenarios import MakeOutbox, OpenAgain

__all__ = ["DurableOutboxContract", "MakeOutbox", "OpenAgain", "OutboxContract"]
