"""Pacing where senders have a rate of their own: the queue drains at min(account, sum of the active senders).

:class:`Pacing` is for accounts whose senders have none (10DLC, toll-free, short codes), this for person-to-person long
codes. Both answer the same questions, :class:`Pace`, so whoever sends need not know which it has.

Source: Messaging V2, rate limits and queueing (P2P long codes: 1 segment per second each).
"""

import math
from fractions import Fraction
from typing import Protocol

from msgcore.errors import LocalError, MessageError
from msgcore.planning.pacing import DEFAULT_DEPTH_SECONDS
from msgcore.planning.shared_queues import SharedQueue
from msgcore.wire.messages import MessageKind


class Pace(Protocol):
    """What is believed to wait in an account's queues, and when more will fit."""

    @property
    def capacity(self) -> int:
        """How many segments are let into a queue."""
        ...

    def queued_segments(self, kind: MessageKind, now: float) -> int:
        """Return how many segments are believed to wait in the queue of ``kind``."""
        ...

    def ready_at(self, segments: int, kind: MessageKind, now: float) -> float:
        """Return when ``segments`` more will fit into the queue of ``kind``: ``now`` if they do."""
        ...

    def check(self, segments: int, kind: MessageKind) -> None:
        """Raise MessageError unless ``segments`` fit into an empty queue."""
        ...

    def take(self, segments: int, kind: MessageKind, now: float, *, sender: str = "") -> None:
        """Count ``segments`` of ``sender`` as sent now, whether they fit or not."""
        ...

    def correct(self, delta: int, kind: MessageKind, *, sender: str = "") -> None:
        """Add ``delta`` segments to what was taken, once the answer shows that it was more, or less."""
        ...

    def refused(self, kind: MessageKind, now: float) -> None:
        """Believe the queue of ``kind`` full, as a 429 says."""
        ...


class SenderPacing:
    """Pacing for senders that may send ``sender_rate`` segments per second each, and all together ``rate``.

    >>> pacing = SenderPacing(10, sender_rate=1, depth_seconds=2)
    >>> pacing.take(20, MessageKind.SMS, 0.0, sender="+19195550100")
    >>> pacing.ready_at(4, MessageKind.SMS, now=1.0)  # one sender alone drains one segment per second
    4.0

    ``latency_seconds`` is how much later than others a message may arrive. As many segments as drain in that time are
    kept free, so the queue does not overflow however late the first ones are.

    Raises:
        LocalError: rate, sender_rate or depth is not positive and finite, or together they hold no segment; or latency
            is negative, or as long as the whole queue.
    """

    __slots__ = ("_queues", "capacity")

    def __init__(
        self,
        rate: float | Fraction,
        *,
        sender_rate: float | Fraction,
        depth_seconds: float = DEFAULT_DEPTH_SECONDS,
        latency_seconds: float = 0.0,
    ) -> None:
        if not 0 <= latency_seconds < depth_seconds < math.inf:
            raise LocalError(f"latency_seconds must be from 0 up to, not including, the depth, not {latency_seconds!r}")
        sms, mms = (
            SharedQueue(rate, sender_rate=sender_rate, depth_seconds=depth_seconds - latency_seconds) for _ in range(2)
        )
        self.capacity = sms.capacity
        self._queues = {MessageKind.SMS: sms, MessageKind.MMS: mms, MessageKind.GROUP_MMS: mms}

    def queued_segments(self, kind: MessageKind, now: float) -> int:
        """Return how many segments are believed to wait in the queue of ``kind``."""
        return self._queues[kind].queued_segments(now)

    def ready_at(self, segments: int, kind: MessageKind, now: float) -> float:
        """Return when ``segments`` more will fit into the queue of ``kind``: ``now`` if they do.

        Raises:
            MessageError: they would not fit into an empty queue.
        """
        self.check(segments, kind)
        return self._queues[kind].ready_at(segments, now)

    def check(self, segments: int, kind: MessageKind) -> None:
        """Raise MessageError unless ``segments`` fit into an empty queue."""
        if segments > self.capacity:
            field = "to" if kind is MessageKind.GROUP_MMS else "text"
            raise MessageError(field, f"{segments} segments, the provider's queue holds {self.capacity} at most")

    def take(self, segments: int, kind: MessageKind, now: float, *, sender: str = "") -> None:
        """Count ``segments`` of ``sender`` as sent now, whether they fit or not."""
        self._queues[kind].take(segments, sender, now)

    def correct(self, delta: int, kind: MessageKind, *, sender: str = "") -> None:
        """Add ``delta`` segments to what was taken for ``sender``, as the answer shows."""
        self._queues[kind].correct(delta, sender)

    def refused(self, kind: MessageKind, now: float) -> None:
        """Believe the queue of ``kind`` full, as a 429 says."""
        self._queues[kind].refused(now)


__all__ = ["Pace", "SenderPacing"]
