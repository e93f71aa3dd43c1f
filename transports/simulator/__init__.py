"""The simulator: a faithful provider in your own process, as a pure engine and as a transport over it."""

from transports.simulator.callbacks.events import Callback
from transports.simulator.clock import VirtualClock
from transports.simulator.engine import Engine
from transports.simulator.provider import Provider
from transports.simulator.transport import SimulatorTransport

__all__ = ["Callback", "Engine", "Provider", "SimulatorTransport", "VirtualClock"]
