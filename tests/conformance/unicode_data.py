"""The Unicode Consortium's own data on grapheme clusters, as ``data/unicode/`` holds it.

Each file opens with a head of comments that says what it is, of which edition, whence it came, and what was left out.
"""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

DATA = Path(__file__).parent / "data" / "unicode"
FILES = ("grapheme_break_test.txt", "cluster_properties.txt", "emoji_sequences.txt")


class Row(NamedTuple):
    """A row of the official test: the clusters of a text, and the rule that decides between each two characters."""

    clusters: tuple[str, ...]
    rules: tuple[str, ...]

    @property
    def text(self) -> str:
        return "".join(self.clusters)


class Properties(NamedTuple):
    """What the rules ask of a character."""

    cluster_break: str
    conjunct_break: str
    is_pictograph: bool


NO_PROPERTIES = Properties("Other", "None", False)


def head(name: str) -> dict[str, str]:
    """Return what the head of a file says, by the word before the colon; a line that is indented goes on."""
    fields: dict[str, str] = {}
    for line in (DATA / name).read_text(encoding="utf-8").split("\n"):
        if not line.startswith("# "):
            break
        if line.startswith("#   "):
            fields[list(fields)[-1]] += line[3:]
        else:
            word, _, rest = line[2:].partition(": ")
            fields[word] = rest
    return fields


def _lines(name: str) -> Iterator[str]:
    # Not splitlines(): what it takes for the end of a line may stand in a line here. A keycap begins with "#" too.
    for line in (DATA / name).read_text(encoding="utf-8").split("\n"):
        if line and not line.startswith("# ") and line != "#":
            yield line


@cache
def break_tests() -> list[Row]:
    """Return the rows of GraphemeBreakTest."""
    rows = []
    for line in _lines("grapheme_break_test.txt"):
        marks, _, rules = line.partition(" #")
        pieces = [piece.replace("×", " ").split() for piece in marks.split("÷")]
        clusters = ("".join(chr(int(point, 16)) for point in piece) for piece in pieces if piece)
        rows.append(Row(tuple(clusters), tuple(rules.split())))
    return rows


@cache
def characters_by_properties() -> dict[Properties, list[str]]:
    """Return every character that has a property, by what it has."""
    found: dict[Properties, list[str]] = defaultdict(list)
    for line in _lines("cluster_properties.txt"):
        points, cluster_break, *rest = line.split()
        conjunct = next((field.removeprefix("InCB=") for field in rest if field.startswith("InCB=")), "None")
        first, _, last = points.partition("..")
        properties = Properties(cluster_break, conjunct, "ExtPict" in rest)
        found[properties] += map(chr, range(int(first, 16), int(last or first, 16) + 1))
    return dict(found)


@cache
def emoji_sequences() -> list[str]:
    """Return every emoji, in every spelling."""
    return list(_lines("emoji_sequences.txt"))
