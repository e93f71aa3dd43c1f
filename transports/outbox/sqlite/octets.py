"""Standings and counts as the octets that stand in the file."""

from collections.abc import Mapping
from typing import Final

import msgspec

from msgcore.delivery import Standing

Counts = list[int]
"""One for each :class:`~msgcore.delivery.Count`. How many wait is not kept: it is what is left of all messages."""

_encode: Final = msgspec.msgpack.Encoder().encode

encode_standing: Final = _encode
decode_standing: Final = msgspec.msgpack.Decoder(Standing).decode
encode_counts: Final = _encode
decode_counts: Final = msgspec.msgpack.Decoder(Counts).decode
decode_standings: Final = msgspec.msgpack.Decoder(dict[int, Standing]).decode


def encode_standings(standings: Mapping[int, Standing]) -> bytes:
    """Write what a row of the journal holds."""
    return _encode(standings)


__all__ = [
    "Counts",
    "decode_counts",
    "decode_standing",
    "decode_standings",
    "encode_counts",
    "encode_standing",
    "encode_standings",
]
