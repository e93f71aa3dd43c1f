"""One automaton over national numbers for every calling code: which region a number is of, and what kind it is.

How this works. A state is what matters about the digits so far: for every pattern of the calling code the language that
the rest must be in, how many digits there were, and the threads that drop trunk prefixes. Numbers are finite, so the
states form a graph without cycles; they are built from the end, and two with the same label and the same successors are
one (hash-consing), across all calling codes. That makes the automaton minimal. Where every digit leads to the same
place until the end, only the number of digits left counts: such a *tail* is a row of labels, not a chain of states.

A label is what is said about a number that ends in a state: ``ordinal << 4 | meaning``. The ordinal is 0 for "no
region", else 1 and up into the regions of the calling code, so that codes share their states. The meaning is 0 for
"not in the plan", 1 to 11 a kind of number, 12 for a number that is valid only after libphonenumber has mended it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from .digit_patterns import Languages
from .trunk_threads import State, Thread, TrunkReader, TrunkRule, step

NOT_IN_THE_PLAN = 0
TRUNK_PREFIX = 12
MEANING_BITS = 4


@dataclass(frozen=True)
class Description:
    """What the metadata says about one kind of number: a slot of the state, and the lengths that count."""

    slot: int
    lengths: frozenset[int]


@dataclass(frozen=True)
class Region:
    """A region of a calling code."""

    name: str
    general: Description
    kinds: tuple[tuple[int, tuple[Description, ...]], ...]
    """In libphonenumber's order, the first wins: a kind, and what a number of it must match, all of it."""
    leading: int | None
    """The slot of the digits that numbers of the region begin with, where the metadata has them."""


@dataclass
class Plan:
    """All that is known about the numbers of one calling code."""

    calling_code: int
    regions: Sequence[Region]
    lengths: frozenset[int]
    """Of the main region, which libphonenumber asks whether a length is possible."""
    local_lengths: frozenset[int]
    fresh: State
    rule: TrunkRule | None

    @property
    def max_length(self) -> int:
        """Digits that E.164 leaves to the national number."""
        return 15 - len(str(self.calling_code))


@dataclass(frozen=True)
class Tail:
    """The label by the number of digits left; the last one stands for all that would follow."""

    labels: tuple[int, ...]


Successor = int | Tail


@dataclass
class Automaton:
    """States as they are found: the label of each, and its ten successors."""

    languages: Languages
    labels: list[int] = field(default_factory=list)
    successors: list[tuple[Successor, ...]] = field(default_factory=list)
    _numbers: dict[tuple[int, tuple[Successor, ...]], int] = field(default_factory=dict)

    def add(self, plan: Plan) -> Successor:
        """Add the numbers of a calling code, and return where they begin."""
        return _Builder(self, plan).build()

    def state(self, label: int, successors: tuple[Successor, ...]) -> Successor:
        """Return the one state with this label and these successors."""
        first = successors[0]
        if isinstance(first, Tail) and all(successor == first for successor in successors):
            return tail((label, *first.labels))
        key = (label, successors)
        number = self._numbers.setdefault(key, len(self.labels))
        if number == len(self.labels):
            self.labels.append(label)
            self.successors.append(successors)
        return number


def tail(labels: tuple[int, ...]) -> Tail:
    """Return the shortest row that says the same."""
    while len(labels) > 1 and labels[-1] == labels[-2]:
        labels = labels[:-1]
    return Tail(labels)


class _Builder:
    """Builds the states of one calling code, each once."""

    def __init__(self, automaton: Automaton, plan: Plan) -> None:
        self._automaton = automaton
        self._languages = automaton.languages
        self._plan = plan
        self._trunk = TrunkReader(self._languages, plan.rule) if plan.rule else None
        self._known: dict[tuple[State, tuple[Thread, ...], int], Successor] = {}

    def build(self) -> Successor:
        return self._successor(self._plan.fresh, self._trunk.begin() if self._trunk else (), 0)

    def _successor(self, state: State, threads: tuple[Thread, ...], length: int) -> Successor:
        if not state and not threads:
            return Tail((self._label(state, threads, length),))
        key = (state, threads, length)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._build(state, threads, length)
        return known

    def _build(self, state: State, threads: tuple[Thread, ...], length: int) -> Successor:
        label = self._label(state, threads, length)
        if length == self._plan.max_length:
            return Tail((label,))
        successors = tuple(
            self._successor(
                step(self._languages, state, digit),
                self._trunk.read(threads, digit) if self._trunk else (),
                length + 1,
            )
            for digit in range(10)
        )
        return self._automaton.state(label, successors)

    def _label(self, state: State, threads: tuple[Thread, ...], length: int) -> int:
        matching = self._matching(state)
        ordinal, kind = self._judge(matching, length)
        if threads and (mended := self._mended(matching, threads, length)):
            kind = TRUNK_PREFIX if self._judge(self._matching(mended.output or ()), mended.length)[1] else 0
        return ordinal << MEANING_BITS | kind

    def _matching(self, state: State) -> frozenset[int]:
        return frozenset(slot for slot, language in state if self._languages.accepting[language])

    def _judge(self, matching: frozenset[int], length: int) -> tuple[int, int]:
        """Choose the region as libphonenumber does: in order, by leading digits, or else by being valid there."""
        regions = self._plan.regions
        for ordinal, region in enumerate(regions, start=1):
            kind = _kind(region, matching, length)
            if len(regions) == 1 or (kind if region.leading is None else region.leading in matching):
                return ordinal, kind
        return 0, NOT_IN_THE_PLAN

    def _mended(self, matching: frozenset[int], threads: tuple[Thread, ...], length: int) -> Thread | None:
        """Return what libphonenumber would read instead, or nothing where it leaves the number alone."""
        assert self._trunk is not None
        mended = self._trunk.result(threads)
        if mended is None or not mended.changed:
            return None
        if mended.length == length:
            raise ValueError(
                f"+{self._plan.calling_code}: a rewritten number of the same length may be the same number"
            )
        general = self._plan.regions[0].general.slot
        if general in matching and general not in self._matching(mended.output or ()):
            return None  # it was a possible number, and would be none
        too_long = mended.length > max(self._plan.lengths)
        if mended.length in self._plan.local_lengths or not (mended.length in self._plan.lengths or too_long):
            return None
        return mended


def _kind(region: Region, matching: frozenset[int], length: int) -> int:
    if not _matches(region.general, matching, length):
        return NOT_IN_THE_PLAN
    for kind, descriptions in region.kinds:
        if all(_matches(description, matching, length) for description in descriptions):
            return kind
    return NOT_IN_THE_PLAN


def _matches(description: Description, matching: frozenset[int], length: int) -> bool:
    return description.slot in matching and (not description.lengths or length in description.lengths)
