"""What a fuzz target is."""

from collections.abc import Callable
from typing import NamedTuple


class Target(NamedTuple):
    """A check that takes octets, and good octets to begin from."""

    check: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
