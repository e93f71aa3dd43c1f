"""Message ids and times as the provider writes them."""

from datetime import UTC, datetime
from functools import lru_cache
from random import Random

# What an octet becomes: each of the 32 characters stands in it eight times, so that all are equally likely.
_BASE32 = b"abcdefghijklmnopqrstuvwxyz234567" * 8
MESSAGE_ID_LENGTH = 29

_MILLISECONDS = [f".{milliseconds:03d}Z" for milliseconds in range(1000)]


def message_id(now: float, random: Random) -> str:
    """Return a message id: 13 digits of Unix time in milliseconds, then 16 random characters of ``a-z2-7``, 80 bits.

    >>> message_id(1700000000.123, Random(1))
    '1700000000123vrfckyxr7kryq6bn'
    """
    return f"{round(now * 1000):013d}{random.getrandbits(128).to_bytes(16, 'little').translate(_BASE32).decode()}"


def time_text(now: float, fraction_digits: int = 3) -> str:
    """Return a time as callbacks carry it: UTC, ISO 8601, ``Z``, and 0, 3 or 6 digits behind the seconds.

    >>> time_text(1700000000.123), time_text(1700000000.123, 0), time_text(1700000000.123, 6)
    ('2023-11-14T22:13:20.123Z', '2023-11-14T22:13:20Z', '2023-11-14T22:13:20.123000Z')
    """
    if fraction_digits == 3:
        milliseconds = round(now * 1000)
        return _seconds_text(milliseconds // 1000) + _MILLISECONDS[milliseconds % 1000]
    if not fraction_digits:
        return _seconds_text(int(now // 1)) + "Z"
    seconds, microseconds = divmod(round(now * 1_000_000), 1_000_000)
    return f"{_seconds_text(seconds)}.{microseconds:06d}Z"


@lru_cache(maxsize=1024)
def _seconds_text(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
