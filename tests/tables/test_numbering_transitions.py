"""Every step of the automaton, once: a number that takes it is judged as libphonenumber judges it."""

import random
from collections.abc import Iterator
from functools import cache

import phonenumbers

from msgcore.tables.build_numbering import read_plan
from msgcore.tables.digit_patterns import Languages
from msgcore.tables.numbering_automaton import Automaton, Successor, Tail
from tests.numbering import differential

MAX_DIGITS = 15


@cache
def automaton() -> tuple[Automaton, dict[int, Successor]]:
    languages = Languages()
    built = Automaton(languages)
    return built, {code: built.add(read_plan(languages, code)) for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE}


def steps() -> Iterator[str]:
    """Yield, for each step, the shortest way to it and the step itself, then digits drawn up to a length drawn."""
    built, starts = automaton()
    chance = random.Random(1)
    seen: set[Successor] = set()
    ways = [(f"+{code}", start) for code, start in sorted(starts.items())]
    for text, state in ways:  # grows as it is read: breadth first
        if isinstance(state, Tail) or state in seen:
            continue
        seen.add(state)
        for digit, successor in enumerate(built.successors[state]):
            ways.append((f"{text}{digit}", successor))
            yield ending(chance, f"{text}{digit}", successor)


def ending(chance: random.Random, text: str, successor: Successor) -> str:
    """Go on to where a label is something else than the first one, or to any length."""
    room = MAX_DIGITS + 1 - len(text)
    lengths = range(room + 1)
    if isinstance(successor, Tail):
        telling = [length for length, label in enumerate(successor.labels[: room + 1]) if label & 0xF]
        lengths = range(telling[0], telling[0] + 1) if telling else lengths
    return text + "".join(chance.choice("0123456789") for _ in range(chance.choice(lengths)))


def test_every_step_is_judged_as_libphonenumber_judges_it() -> None:
    texts = list(dict.fromkeys(steps()))
    built, _ = automaton()
    assert len(texts) > 9 * len(built.labels)
    different: list[differential.Difference] = []
    classes = differential.run(texts, different.append)
    assert different == []
    assert classes["valid"] > 20_000


def test_after_five_digits_only_the_length_of_an_american_number_counts() -> None:
    built, starts = automaton()
    state = starts[1]
    for digit in "9195":
        assert not isinstance(state, Tail)
        state = built.successors[state][int(digit)]
    assert isinstance(state, Tail)
    assert [length for length, label in enumerate(state.labels) if label & 0xF] == [6]
