"""Callbacks over HTTP: an ASGI application that keeps events before it answers, and handlers that run after that."""

from transports.webhook.counters import Counters
from transports.webhook.receiver import CallbackReceiver

__all__ = ["CallbackReceiver", "Counters"]
