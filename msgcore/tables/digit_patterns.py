"""Regular expressions over digits, as automata: what the metadata of a numbering plan is written in.

How this works. The metadata uses a small part of the syntax of regular expressions: digits, ``\\d``, classes, groups
that capture or not, ``|``, ``?``, ``{n}``, ``{n,m}``, ``$``. ``parse`` reads exactly that and refuses the rest, so that
nothing is understood by half. The nodes form a linked machine (Thompson's): a ``Digits`` node eats one digit, the
others are passed through. A ``Fork`` prefers its first way, as Python's ``re`` does, which matters only where a pattern
says how much of a number is its prefix; whether a whole number matches does not depend on it.

``Languages`` turns patterns that must match a whole number into deterministic automata, each state of which stands for
a language (a set of endings). Equal languages are one state, whichever pattern they came from.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

DIGITS = "0123456789"
EVERY_DIGIT = (1 << 10) - 1


@dataclass(frozen=True, eq=False)
class Node:
    """A point of the machine; equality is identity."""


@dataclass(frozen=True, eq=False)
class Match(Node):
    """The pattern is through."""


@dataclass(frozen=True, eq=False)
class Digits(Node):
    """One digit of the set, a bit a digit."""

    mask: int
    after: Node


@dataclass(frozen=True, eq=False)
class Fork(Node):
    """Either way, the first preferred."""

    first: Node
    second: Node


@dataclass(frozen=True, eq=False)
class Mark(Node):
    """A capturing group opens or closes here."""

    group: int
    opens: bool
    after: Node


@dataclass(frozen=True, eq=False)
class End(Node):
    """``$``: no digit may follow."""

    after: Node


# A piece of a pattern: given the node that follows it, the node that it begins with.
Piece = Callable[[Node], Node]


@dataclass
class Pattern:
    """A pattern that was read: where its machine begins, and how many groups capture."""

    start: Node
    group_count: int


def parse(text: str) -> Pattern:
    """Read a pattern; ``ValueError`` for syntax that no metadata has used so far."""
    reader = _Reader(text)
    piece = reader.choice()
    if reader.rest:
        raise ValueError(f"cannot read {reader.rest!r} in the pattern {text!r}")
    return Pattern(piece(Match()), reader.group_count)


class _Reader:
    """Recursive descent: a choice of sequences of repeated items."""

    def __init__(self, text: str) -> None:
        self.rest = text
        self.group_count = 0

    def take(self, word: str) -> bool:
        found = self.rest.startswith(word)
        if found:
            self.rest = self.rest[len(word) :]
        return found

    def expect(self, word: str) -> None:
        if not self.take(word):
            raise ValueError(f"expected {word!r} at {self.rest!r}")

    def choice(self) -> Piece:
        ways = [self.sequence()]
        while self.take("|"):
            ways.append(self.sequence())
        return lambda after: _fork([way(after) for way in ways])

    def sequence(self) -> Piece:
        pieces: list[Piece] = []
        while self.rest and self.rest[0] not in "|)":
            pieces.append(self.repeated())
        return lambda after: _chain(pieces, after)

    def repeated(self) -> Piece:
        item = self.item()
        low, high = self.bounds()

        def repeat(after: Node) -> Node:
            start = after
            for _ in range(high - low):  # greedy: one more is preferred to none
                start = Fork(item(start), after)
            return _chain([item] * low, start)

        return repeat

    def bounds(self) -> tuple[int, int]:
        if self.take("?"):
            return 0, 1
        if not self.take("{"):
            return 1, 1
        text, _, self.rest = self.rest.partition("}")
        low, _, high = text.partition(",")
        return int(low), int(high or low)

    def item(self) -> Piece:
        if self.take("$"):
            return End
        if self.take("(?:"):
            return self.group(capturing=False)
        if self.take("("):
            return self.group(capturing=True)
        mask = self.digits()
        return lambda after: Digits(mask, after)

    def group(self, *, capturing: bool) -> Piece:
        number = self.group_count = self.group_count + capturing
        inside = self.choice()
        self.expect(")")
        if not capturing:
            return inside
        return lambda after: Mark(number, True, inside(Mark(number, False, after)))

    def digits(self) -> int:
        if self.take("\\d"):
            return EVERY_DIGIT
        if self.take("["):
            inside, _, self.rest = self.rest.partition("]")
            return _class_mask(inside)
        character, self.rest = self.rest[0], self.rest[1:]
        return 1 << DIGITS.index(character)


def _class_mask(inside: str) -> int:
    mask = 0
    while inside:
        low, high, width = inside[0], inside[0], 1
        if inside[1:2] == "-":
            high, width = inside[2], 3
        for digit in range(DIGITS.index(low), DIGITS.index(high) + 1):
            mask |= 1 << digit
        inside = inside[width:]
    return mask


def _fork(ways: Sequence[Node]) -> Node:
    return ways[0] if len(ways) == 1 else Fork(ways[0], _fork(ways[1:]))


def _chain(pieces: Sequence[Piece], after: Node) -> Node:
    for piece in reversed(pieces):
        after = piece(after)
    return after


NOTHING = 0
"""The language without a word: no ending makes a match any more."""

EVERYTHING = 1
"""The language of all words: whatever follows, it matches."""


class Languages:
    """States that stand for sets of endings; equal sets have equal numbers, so the automata are minimal."""

    def __init__(self) -> None:
        self.accepting = [False, True]
        self.steps: list[tuple[int, ...]] = [(NOTHING,) * 10, (EVERYTHING,) * 10]
        self._numbers: dict[tuple[bool, tuple[int, ...]], int] = {}
        self._of_nodes: dict[frozenset[Node], int] = {}

    def of(self, pattern: str, *, prefix: bool = False) -> int:
        """Return the language of the pattern; with ``prefix``, of everything that begins with it."""
        return self._language(_leaves(parse(pattern).start), prefix)

    def _language(self, leaves: frozenset[Node], prefix: bool) -> int:
        if not leaves:
            return NOTHING
        accepting = any(isinstance(leaf, Match) for leaf in leaves)
        if accepting and prefix:
            return EVERYTHING
        known = self._of_nodes.get(leaves)
        if known is None:
            steps = tuple(self._language(_after(leaves, digit), prefix) for digit in range(10))
            known = self._of_nodes[leaves] = self._number(accepting, steps)
        return known

    def _number(self, accepting: bool, steps: tuple[int, ...]) -> int:
        if not accepting and not any(steps):
            return NOTHING
        number = self._numbers.setdefault((accepting, steps), len(self.steps))
        if number == len(self.steps):
            self.accepting.append(accepting)
            self.steps.append(steps)
        return number


def _after(leaves: frozenset[Node], digit: int) -> frozenset[Node]:
    found: frozenset[Node] = frozenset()
    for leaf in leaves:
        if isinstance(leaf, Digits) and leaf.mask >> digit & 1:
            found |= _leaves(leaf.after)
    return found


def _leaves(node: Node) -> frozenset[Node]:
    """Pass through to the nodes that eat a digit, and to the match."""
    if isinstance(node, Fork):
        return _leaves(node.first) | _leaves(node.second)
    if isinstance(node, Mark):
        return _leaves(node.after)
    if isinstance(node, End):
        raise ValueError("'$' has no place in a pattern that matches whole numbers or any beginning")  # noqa: TRY004
    return frozenset((node,))
