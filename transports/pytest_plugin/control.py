"""What a test can do with its account, whoever runs the provider: this process, or a server beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from msgcore.transport import Transport
from transports.pytest_plugin.phone_messages import PhoneMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What opens an account; ``base_url``, before ``/users/``, is ``None`` where there is no server."""

    account_id: str
    user: str
    password: str
    application_id: str
    numbers: tuple[str, ...]
    base_url: str | None


class AccountControl(Protocol):
    """One account of a simulated provider, held from outside."""

    opening: Opening

    def transport(self) -> Transport:
        """Return a transport of its own to the account."""

    def now(self) -> float:
        """Return the provider's time."""

    def advance(self, seconds: float) -> None:
        """Let so much of the provider's time pass, with all that falls into it, retries of callbacks included."""

    def step(self, most_seconds: float) -> float | None:
        """Let what happens next happen, or that time pass, if it comes later.

        Returns the provider's seconds that it took; ``None`` where nothing is under way, or no time is left.
        """

    def wait_for_request(self, seconds: float) -> None:
        """Wait, in real time, until somebody may have asked for something; at most so long."""

    def messages(self, message_id: str | None = None) -> list[PhoneMessage]:
        """Return what the account has sent, or one of its messages, for each recipient; oldest first."""

    def receive(self, sender: str, to: Sequence[str], text: str, media: Sequence[str]) -> tuple[str, ...]:
        """Let a message come in; returns the ids, one for each number of the account."""

    def order_fault(self, rule: Mapping[str, Any]) -> None:
        """Let requests of this account go wrong."""

    def close(self) -> None:
        """Close the account: whatever still sends on it is refused."""


__all__ = ["AccountControl", "Opening"]
