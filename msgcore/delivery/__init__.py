"""What becomes of messages, decided without I/O: the dispatcher sends, the ledger follows."""

from msgcore.delivery.dispatcher import Dispatcher, Done, OutcomeClass, Send, Wait, classify_outcome

__all__ = ["Dispatcher", "Done", "OutcomeClass", "Send", "Wait", "classify_outcome"]
