"""When to try again what was certainly not sent: exponential back-off with full jitter.

How this works: senders who were refused together would come back together, again and again. So the wait is drawn
evenly from nothing up to a ceiling that doubles with every attempt. The draw is the caller's: the core has no
randomness. What *may* be tried again is not decided here.
"""

import math
from dataclasses import dataclass

from msgcore.errors import LocalError
from msgcore.planning.quantities import check_whole


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long to wait after an attempt that failed.

    >>> policy = RetryPolicy(base_seconds=1, cap_seconds=60)
    >>> [policy.ceiling(attempt) for attempt in (1, 2, 3, 7, 1000)]
    [1.0, 2.0, 4.0, 60.0, 60.0]
    >>> policy.delay(3, random_fraction=0.25)
    1.0

    The first ceiling is ``base_seconds``, each further one is ``factor`` times the one before, none is above
    ``cap_seconds``. After ``max_attempts`` a message is given up; waiting for a full queue to drain does not count, but
    ends after ``give_up_after_seconds``: no queue of the provider is deeper than four hours.

    Raises:
        LocalError: a wait would be negative, not finite, or shrink from one attempt to the next; or no attempt is left.
    """

    base_seconds: float = 1.0
    cap_seconds: float = 60.0
    factor: float = 2.0
    max_attempts: int = 8
    give_up_after_seconds: float = 14_400.0

    def __post_init__(self) -> None:
        if not 0 < self.base_seconds <= self.cap_seconds < math.inf:
            raise LocalError(
                "base_seconds must be above 0 and cap_seconds finite and no smaller, "
                f"not {self.base_seconds!r} and {self.cap_seconds!r}"
            )
        if not 1 <= self.factor < math.inf:
            raise LocalError(f"factor must be finite and at least 1, not {self.factor!r}")
        check_whole("max_attempts", self.max_attempts, at_least=1)
        if not 0 <= self.give_up_after_seconds < math.inf:
            raise LocalError(
                f"give_up_after_seconds must be finite and not negative, not {self.give_up_after_seconds!r}"
            )

    def ceiling(self, attempt: int) -> float:
        """Return the longest wait after attempt number ``attempt``, counted from 1."""
        check_whole("attempt", attempt, at_least=1)
        try:
            grown = self.base_seconds * self.factor ** (attempt - 1)
        except OverflowError:
            grown = math.inf
        return float(min(grown, self.cap_seconds))

    def delay(self, attempt: int, random_fraction: float, *, retry_after_seconds: float = 0.0) -> float:
        """Return how many seconds to wait after attempt number ``attempt``, counted from 1.

        ``random_fraction`` is a draw from 0 up to, not including, 1. Where the other side said how long to wait, the
        jitter comes on top: it told everybody the same.
        """
        if not 0 <= random_fraction < 1:
            raise LocalError(f"random_fraction must be from 0 up to, not including, 1, not {random_fraction!r}")
        if not 0 <= retry_after_seconds < math.inf:
            raise LocalError(f"retry_after_seconds must be finite and not negative, not {retry_after_seconds!r}")
        return retry_after_seconds + random_fraction * self.ceiling(attempt)
