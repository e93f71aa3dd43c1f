"""Message ids and times as the provider writes them."""

from datetime import UTC, datetime
from functools import lru_cache
from random import Random

_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"
# Two digits at a time: an id is written for every message.
_PAIRS = [first + second for first in _BASE32 for second in _BASE32]


def message_id(now: float, random: Random) -> str:
    """Return a message id: 13 digits of Unix time in milliseconds, then 80 random bits as 16 of ``a-z2-7``.

    >>> message_id(1700000000.123, Random(1))
    '17000000001233dyzdn2yjirglmpv'
    """
    bits = random.getrandbits(80)
    tail = "".join([_PAIRS[bits >> shift & 1023] for shift in (70, 60, 50, 40, 30, 20, 10, 0)])
    return f"{round(now * 1000):013d}{tail}"


def time_text(now: float) -> str:
    """Return a time as callbacks carry it: UTC, ISO 8601, milliseconds, ``Z``.

    >>> time_text(1700000000.123)
    '2023-11-14T22:13:20.123Z'
    """
    seconds, milliseconds = divmod(round(now * 1000), 1000)
    return f"{_seconds_text(seconds)}.{milliseconds:03d}Z"


@lru_cache(maxsize=1024)
def _seconds_text(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
