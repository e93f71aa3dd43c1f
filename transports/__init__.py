"""Everything that does I/O for msgcore: each transport is loaded on first use."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transports.file import FileTransport as FileTransport
    from transports.http import HttpTransport as HttpTransport
    from transports.simulator import SimulatorTransport as SimulatorTransport

_HOMES = {
    "FileTransport": "transports.file",
    "HttpTransport": "transports.http",
    "SimulatorTransport": "transports.simulator",
}

__all__ = ["FileTransport", "HttpTransport", "SimulatorTransport"]


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
