"""Ports of the loopback that are a test's own, whether anybody listens there or not."""

import socket
from types import TracebackType
from typing import Self


class Port:
    """A port that nobody else is given, and where connections are refused until somebody listens.

    How this works: a socket is bound to it and does not listen. The kernel then gives it to nobody who asks for any
    port, be it to listen or to connect from; who asks for it by its number, and lets addresses be used again as every
    server does, may listen there, as often as he likes.
    """

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", 0))
        self.number: int = self._socket.getsockname()[1]

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


__all__ = ["Port"]
