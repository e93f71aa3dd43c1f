"""The provider of a session: accounts are opened on it, each in this process or on a server."""

from collections.abc import Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from msgcore.errors import LocalError
from transports.pytest_plugin.account import MessagingAccount
from transports.pytest_plugin.callbacks import Callbacks
from transports.pytest_plugin.in_process import InProcessAccount
from transports.simulator.accounts.profiles import V2_NOW, profile_named

if TYPE_CHECKING:
    from transports.pytest_plugin.server import Server

_FIRST_ID = 9_900_001


class Mark(Protocol):
    """What a marker of pytest has."""

    args: tuple[Any, ...]
    kwargs: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountOptions:
    """What the marker says of an account."""

    rate: float = 1.0
    profile: str = V2_NOW.name
    server: bool = False

    def __post_init__(self) -> None:
        if type(self.rate) not in (int, float) or not self.rate > 0:
            raise LocalError(f"rate: expected a positive number of segments per second, got {self.rate!r}")
        profile_named(self.profile)

    @classmethod
    def read(cls, marks: Iterable[Mark]) -> "AccountOptions":
        """Return what marks say together; the first, which is the nearest to the test, has the last word.

        Raises:
            TypeError: a mark has an argument that nobody knows.
        """
        options: dict[str, Any] = {}
        for mark in marks:
            if mark.args:
                raise TypeError(f"messaging: its arguments have names: rate, profile, server; got {mark.args!r}")
            options = {**mark.kwargs, **options}
        if unknown := sorted(options.keys() - set(cls.__slots__)):
            raise TypeError(f"messaging: expected rate, profile or server, got {unknown[0]!r}")
        return cls(**options)


class Simulator:
    """Opens accounts. A server is started with the first account that needs it: one for each era of the API."""

    def __init__(self, *, as_server: bool = False) -> None:
        self.as_server = as_server
        self._servers: dict[str, Server] = {}
        self._opened = 0

    def open_account(self, options: AccountOptions | None = None) -> MessagingAccount:
        """Open an account that nobody else has; to be used as a context."""
        options = AccountOptions() if options is None else options
        callbacks = Callbacks()
        if self.as_server or options.server:
            control = self._server(options.profile).open_account(callbacks, rate=options.rate)
            return MessagingAccount(control, callbacks, rate=options.rate)
        account_id = str(_FIRST_ID + self._opened)
        self._opened += 1
        account = InProcessAccount(account_id, callbacks, rate=options.rate, profile=options.profile)
        return MessagingAccount(account, callbacks, rate=options.rate)

    def _server(self, profile: str) -> "Server":
        from transports.pytest_plugin.server import Server

        if profile not in self._servers:
            self._servers[profile] = Server(profile)
        return self._servers[profile]

    def close(self) -> None:
        """Stop the servers."""
        while self._servers:
            self._servers.popitem()[1].close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


__all__ = ["AccountOptions", "Simulator"]
