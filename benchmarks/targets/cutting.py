"""How fast a text becomes the octets of its segments."""

from collections.abc import Iterator

from benchmarks.corpus import profile
from benchmarks.targets.counting import rival
from benchmarks.targets.figures import Figure, Floor, NotMeasured, nanoseconds_each, time_of_one
from msgcore import segment


def octets(text: str) -> list[bytes]:
    """Ask for everything that a sender of SMS-SUBMIT needs: header, septets or code units, packed."""
    return [part.user_data for part in segment(text)]


def figures() -> Iterator[Figure | NotMeasured]:
    texts = profile("mixed")
    ours = nanoseconds_each(octets, texts)
    floor = Floor("empty call", nanoseconds_each(len, texts))
    yield time_of_one("segment, mixed, to packed octets with UDH", ours, 700, floor)
    yield rival("python_messaging", "  times python-messaging", ours, texts, 100)
