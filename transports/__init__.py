"""Everything that does I/O for msgcore: each transport is loaded on first use."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transports.file import FileTransport as FileTransport
    from transports.http import HttpTransport as HttpTransport
    from transports.outbox.callbacks.memory import MemoryCallbackStore as MemoryCallbackStore
    from transports.outbox.callbacks.sqlite import SqliteCallbackStore as SqliteCallbackStore
    from transports.outbox.memory import MemoryOutbox as MemoryOutbox
    from transports.outbox.sqlite import SqliteOutbox as SqliteOutbox
    from transports.simulator import SimulatorTransport as SimulatorTransport
    from transports.webhook import CallbackReceiver as CallbackReceiver

_HOMES = {
    "CallbackReceiver": "transports.webhook",
    "FileTransport": "transports.file",
    "HttpTransport": "transports.http",
    "MemoryCallbackStore": "transports.outbox.callbacks.memory",
    "MemoryOutbox": "transports.outbox.memory",
    "SimulatorTransport": "transports.simulator",
    "SqliteCallbackStore": "transports.outbox.callbacks.sqlite",
    "SqliteOutbox": "transports.outbox.sqlite",
}

__all__ = [
    "CallbackReceiver",
    "FileTransport",
    "HttpTransport",
    "MemoryCallbackStore",
    "MemoryOutbox",
    "SimulatorTransport",
    "SqliteCallbackStore",
    "SqliteOutbox",
]


if not TYPE_CHECKING:  # a type checker that saw this would take every misspelt name for a public one

    def __getattr__(name: str) -> object:
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(home), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
