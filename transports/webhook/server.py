"""Running a receiver under uvicorn, on a socket of its own, until it is to stop."""

import asyncio
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from msgcore.errors import LocalError, MissingExtraError
from transports.webhook.receiver import ANSWER_SECONDS, CallbackReceiver

try:
    from transports.serving.connection import HEAD_SECONDS, GuardedProtocol
    from transports.serving.listening import configuration, listen, origin, serve_until
except ModuleNotFoundError as error:
    raise MissingExtraError("a receiver of its own", "receiver") from error

STOP_SECONDS: Final = int(ANSWER_SECONDS) + 1
"""How long requests that are under way have to be answered: longer than any of them may take."""
MOST_CONNECTIONS: Final = 1_000
"""How many connections there may be: more than a provider opens, and fewer than the 1,024 files of most processes."""


class Listening(NamedTuple):
    """Where a receiver takes callbacks."""

    url: str
    port: int


class Tls(NamedTuple):
    """The files of a certificate and its key."""

    certificate: str
    key: str


class Limits(NamedTuple):
    """What clients may take of a receiver that is open to them."""

    head_seconds: float = HEAD_SECONDS
    """After which a connection is cut whose head is not whole, or with which TLS is not agreed on; a body has the time
    that an answer has."""
    connections: int = MOST_CONNECTIONS
    """How many at a time; where there are more, one that is idle gives way, or the one that comes is cut."""


async def serve(
    receiver: CallbackReceiver,
    host: str,
    port: int,
    on_ready: Callable[[Listening], None],
    stop: asyncio.Event,
    *,
    path: str = "/",
    tls: Tls | None = None,
    limits: Limits = Limits(),  # noqa: B008  # a tuple
) -> None:
    """Listen, tell ``on_ready`` where, and go on until ``stop`` is set; what is under way then is still answered.

    Raises:
        LocalError: the address cannot be listened on, or the certificate cannot be used.
        OutboxError: the store cannot tell how far handlers have come.
        ClosedError: the server has ended, and nobody wanted it to.
    """
    async with receiver:
        with listen(host, port) as listener:
            url = f"{origin(host, listener, 'http' if tls is None else 'https')}{path}"
            where = Listening(url, listener.getsockname()[1])
            await serve_until(stop, _configuration(receiver, tls, limits), listener, lambda: on_ready(where))


def _configuration(receiver: CallbackReceiver, tls: Tls | None, limits: Limits) -> Any:  # uvicorn's
    class Protocol(GuardedProtocol):
        head_seconds = limits.head_seconds
        most_connections = limits.connections

    options = {} if tls is None else {"ssl_certfile": tls.certificate, "ssl_keyfile": tls.key}
    config = configuration(receiver, Protocol, STOP_SECONDS, **options)
    try:
        config.load()
    except OSError as error:  # ssl.SSLError is one
        raise LocalError(f"the certificate and its key cannot be used: {error}") from error
    return config


__all__ = ["MOST_CONNECTIONS", "Limits", "Listening", "Tls", "serve"]
