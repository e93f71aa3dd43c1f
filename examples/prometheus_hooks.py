"""Count attempts, outcomes and receipts for Prometheus, through the hooks of a client with an outbox.

    pip install prometheus-client
    python examples/prometheus_hooks.py

Labels hold classes and codes, never numbers or texts: a label for each recipient would be a leak, and a flood.
"""

import asyncio

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from msgcore import (
    Accepted,
    AsyncClient,
    Delivery,
    Event,
    Message,
    MessageFailed,
    MsgcoreError,
    SendState,
    UnknownEvent,
)
from transports import MemoryOutbox, SimulatorTransport


class PrometheusHooks:
    """Counters of the sending."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._attempts = Counter("msgcore_attempts", "Attempts entered", ["kind"], registry=registry)
        self._outcomes = Counter("msgcore_outcomes", "What attempts came to", ["state", "status"], registry=registry)
        self._events = Counter("msgcore_events", "Events taken in", ["type", "code"], registry=registry)
        self._segments = Histogram(
            "msgcore_segments", "Segments of a message", buckets=(1, 2, 3, 5, 10), registry=registry
        )

    def on_attempt(self, message: Message, attempt: int) -> None:
        self._attempts.labels(message.kind.value).inc()

    def on_outcome(self, message: Message, attempt: int, state: SendState, result: Accepted | MsgcoreError) -> None:
        self._outcomes.labels(state.value, str(getattr(result, "status", ""))).inc()
        if isinstance(result, Accepted):
            self._segments.observe(result.segment_count or 1)

    def on_event(self, event: Event, delivery: Delivery | None) -> None:
        code = str(event.error_code) if isinstance(event, MessageFailed) else ""
        type = "unknown" if isinstance(event, UnknownEvent) else event.type  # or whoever posts could make labels
        self._events.labels(type, code).inc()


async def main() -> str:
    registry = CollectorRegistry()
    client = AsyncClient(
        SimulatorTransport(rate=10), application_id="shop", outbox=MemoryOutbox(), hooks=[PrometheusHooks(registry)]
    )
    async with client:
        for text in ("hello", "x" * 200):
            await client.send(Message(to="+19195551234", from_="+19195550100", text=text))
        await client.wait_until_final()
    return generate_latest(registry).decode()


if __name__ == "__main__":
    print(asyncio.run(main()))
