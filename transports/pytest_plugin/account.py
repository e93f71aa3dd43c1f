"""The account of a test: everything about it in one hand."""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from msgcore.client import AsyncClient, Client
from msgcore.errors import LocalError
from msgcore.transport import Transport
from transports.pytest_plugin.callbacks import Callbacks
from transports.pytest_plugin.control import AccountControl
from transports.pytest_plugin.inbox import Inbox
from transports.pytest_plugin.time_control import TimeControl


class MessagingAccount:
    """An account that one test has for itself: one application, a number of each class, and whatever it sends.

    ``numbers`` are its senders, ``number`` the first of them, an A2P long code.
    """

    def __init__(self, control: AccountControl, callbacks: Callbacks, *, rate: float) -> None:
        opening = control.opening
        self.account_id = opening.account_id
        self.user = opening.user
        self.password = opening.password
        self.application_id = opening.application_id
        self.numbers = opening.numbers
        self.number = opening.numbers[0]
        self.rate = rate
        self.inbox = Inbox(control, callbacks)
        self.callbacks = callbacks
        self.clock = TimeControl(control)
        self._control = control
        self._clients: list[Client] = []

    @property
    def base_url(self) -> str:
        """What stands before ``/users/``, for clients that speak HTTP; only a server has one."""
        if self._control.opening.base_url is None:
            raise LocalError(
                "base_url: this account is in the process of the tests and has no address; mark the test with "
                "@pytest.mark.messaging(server=True), or run pytest with --msgcore-server"
            )
        return self._control.opening.base_url

    @property
    def environment(self) -> Mapping[str, str]:
        """What ``msgcore send --transport http`` and other programs find this account by; only with a server."""
        return {
            "MSGCORE_BASE_URL": self.base_url,
            "MSGCORE_ACCOUNT_ID": self.account_id,
            "MSGCORE_USER": self.user,
            "MSGCORE_PASSWORD": self.password,
        }

    def transport(self) -> Transport:
        """Return a transport to this account, to be closed by who uses it, as a client does."""
        return self._control.transport()

    def client(self, **options: Any) -> Client:
        """Return a client on this account, closed with the test at the latest; options are those of ``Client``."""
        client = Client(self.transport(), **self._defaults(), **options)
        self._clients.append(client)
        return client

    def async_client(self, **options: Any) -> AsyncClient:
        """Return an asynchronous client on this account, to be used as a context."""
        return AsyncClient(self.transport(), **self._defaults(), **options)

    def receive(
        self, *, text: str = "", from_: str = "+19195550123", to: str | Sequence[str] = "", media: Sequence[str] = ()
    ) -> tuple[str, ...]:
        """Let a message come in from outside; returns the ids. ``to`` is ``number`` unless said, media are names."""
        recipients = (to or self.number,) if isinstance(to, str) else tuple(to)
        return self._control.receive(from_, recipients, text, media)

    def order_fault(self, what: str, **rule: Any) -> None:
        """Let requests go wrong: ``order_fault("answer", status=503, count=3)``; rules are those of the simulator."""
        self._control.order_fault({"what": what, **rule})

    def describe(self) -> str:
        """Return what was sent, what arrived, and what was posted: for somebody who reads a failure."""
        try:
            return f"{self.inbox.describe()}\n{self.callbacks.describe()}"
        except LocalError as error:  # the server is gone; the failure that asks for this is told all the same
            return str(error)

    def close(self) -> None:
        """Close the clients and the account."""
        for client in self._clients:
            client.close()
        self._control.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"MessagingAccount({self.account_id!r})"

    def _defaults(self) -> dict[str, Any]:
        return {"application_id": self.application_id, "rate": self.rate}


__all__ = ["MessagingAccount"]
