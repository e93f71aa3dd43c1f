"""What libphonenumber would make of a number, one digit after the other: trunk prefixes dropped, digits moved.

How this works. A plan says with a regular expression what may stand before a national number (``0``, a carrier's code),
and sometimes with a template what a captured group becomes (Argentina: ``0 11 15 2345 6789`` is ``9 11 2345 6789``).
Which part of a number the expression takes depends on Python's preference among its ways, so a set of states is not
enough: the threads stand in order of preference. A thread holds where it is in the expression and which languages the
mended number is in so far; one that is through goes on reading the rest of the number, and hides all after it.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

from .digit_patterns import Digits, End, Fork, Languages, Mark, Match, Node, parse

# The languages that the rest of a number has to be in, a pair (slot, language) for each that is still alive.
State = tuple[tuple[int, int], ...]


class Thread(NamedTuple):
    """A way of reading the digits so far."""

    node: Node
    output: State | None
    """Where the mended number stands; ``None`` as long as nothing of it is known."""
    length: int
    """Digits of the mended number so far."""
    copying: bool
    """Whether the digits go into the mended number: inside the group that the template takes."""
    changed: bool
    """Whether the mended number differs from what was written."""


@dataclass
class TrunkRule:
    """The expression and the template of one plan."""

    start: Node
    group: int
    """The group whose presence asks for the template: the last one, as libphonenumber has it; 0 without a template."""
    insertion: str
    """What the template puts before that group."""
    fresh: State
    """Where a number begins that has no digit yet."""


def read_rule(pattern: str, template: str | None, fresh: State) -> TrunkRule:
    """Read a rule; ``ValueError`` for a template that is not ``digits`` and the last group."""
    machine = parse(pattern)
    if not template:
        return TrunkRule(machine.start, 0, "", fresh)
    form = re.fullmatch(r"(\d*)\\(\d)", template)
    if form is None or int(form[2]) != machine.group_count:
        raise ValueError(f"cannot follow the template {template!r} of {pattern!r}")
    return TrunkRule(machine.start, machine.group_count, form[1], fresh)


def step(languages: Languages, state: State, digit: int) -> State:
    """Read a digit; languages without a word fall out."""
    return tuple((slot, after) for slot, language in state if (after := languages.steps[language][digit]))


class TrunkReader:
    """Runs a rule."""

    def __init__(self, languages: Languages, rule: TrunkRule) -> None:
        self._languages = languages
        self._rule = rule

    def begin(self) -> tuple[Thread, ...]:
        """Return the threads before the first digit."""
        return _cut(self._pass(Thread(self._rule.start, None, 0, False, False)))

    def read(self, threads: tuple[Thread, ...], digit: int) -> tuple[Thread, ...]:
        """Return the threads after one more digit."""
        return _cut([after for thread in threads for after in self._read(thread, digit)])

    def result(self, threads: tuple[Thread, ...]) -> Thread | None:
        """Return the thread that wins when no more digits come: the first that is through, or waits for the end."""
        for thread in threads:
            through = [last for last in self._at_end(thread) if isinstance(last.node, Match)]
            if through:
                return through[0]
        return None

    def _read(self, thread: Thread, digit: int) -> list[Thread]:
        node = thread.node
        if isinstance(node, Match) or thread.copying:
            if thread.output is None:
                raise AssertionError("a thread that copies knows where its copy goes")
            output = step(self._languages, thread.output, digit)
            copied = thread._replace(output=output, length=thread.length + 1)
            if isinstance(node, Match):
                return [copied]
            thread = copied
        else:
            thread = thread._replace(changed=True)  # the digit is dropped
        if isinstance(node, Digits) and node.mask >> digit & 1:
            return self._pass(thread._replace(node=node.after))
        return []

    def _pass(self, thread: Thread) -> list[Thread]:
        """Follow what eats no digit, the preferred way first."""
        node = thread.node
        if isinstance(node, Fork):
            return self._pass(thread._replace(node=node.first)) + self._pass(thread._replace(node=node.second))
        if isinstance(node, Mark):
            return self._pass(self._mark(thread, node))
        if isinstance(node, Match) and thread.output is None:
            # No group was captured that the template asks for: what follows is the number.
            return [thread._replace(output=self._rule.fresh)]
        return [thread]

    def _mark(self, thread: Thread, mark: Mark) -> Thread:
        thread = thread._replace(node=mark.after)
        if mark.group != self._rule.group:
            return thread
        if not mark.opens:
            return thread._replace(copying=False)
        output = self._rule.fresh
        for digit in self._rule.insertion:
            output = step(self._languages, output, int(digit))
        length = len(self._rule.insertion)
        return thread._replace(output=output, length=length, copying=True, changed=thread.changed or length > 0)

    def _at_end(self, thread: Thread) -> list[Thread]:
        if isinstance(thread.node, End):
            return [
                last for after in self._pass(thread._replace(node=thread.node.after)) for last in self._at_end(after)
            ]
        return [thread]


def _cut(threads: list[Thread]) -> tuple[Thread, ...]:
    """Drop what can no longer win: whatever stands after a thread that is through."""
    for index, thread in enumerate(threads):
        if isinstance(thread.node, Match):
            return tuple(threads[: index + 1])
    return tuple(threads)
