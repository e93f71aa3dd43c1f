"""The clients: one path underneath, with and without await.

This is the one package of the core that may use asyncio, threads, the clock and randomness.
"""

from msgcore.client.async_client import AsyncClient
from msgcore.client.clock import SystemClock
from msgcore.client.sync_client import Client

__all__ = ["AsyncClient", "Client", "SystemClock"]
