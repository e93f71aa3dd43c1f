"""How long each part of an exchange may take, how many run at once, and how much an answer may hold."""

import math
from dataclasses import dataclass, fields

from msgcore.errors import LocalError


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds of one pool of connections; every time is in seconds."""

    connect_seconds: float = 10.0
    """For name, TCP, CONNECT and the TLS handshake together."""

    write_seconds: float = 30.0
    """For each piece of a request to be handed over and taken."""

    answer_seconds: float = 30.0
    """From the last piece of the request to the end of the answer; of a streamed answer, for each piece."""

    idle_seconds: float = 4.0
    """How long an unused connection is kept: below the 5 seconds after which the quickest servers close one."""

    max_connections: int = 64
    max_head_octets: int = 65_536

    max_body_octets: int = 1_048_576
    """Of an answer that is handed over whole; a longer one to a GET is streamed, to anything else an error."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            wanted = float if field.name.endswith("_seconds") else int
            if isinstance(value, bool) or not isinstance(value, (int, wanted)):
                raise TypeError(f"{field.name} must be {wanted.__name__}, not {type(value).__name__}")
            if not (value > 0 and math.isfinite(value)):
                raise LocalError(f"{field.name} must be above 0 and finite, got {value!r}")


__all__ = ["Limits"]
