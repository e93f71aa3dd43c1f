"""The library of terminals (PyPI ``wcwidth``), which cuts grapheme clusters by Unicode 18: clusters of every class.

Its tables were made from the Consortium's files and not through the package that ours are read from, and its machine is
its own, so it judges what the official test has no row for. It is asked about sequences that draw every class of
characters alike, every emoji, and the rows of the official test. No departures are known. (PyPI ``graphemeu`` speaks
Unicode 18 too, but behind a control or a prepended mark it forgets that GB9c and GB12 join what follows.)
"""

from collections import Counter
from itertools import pairwise
from random import Random

from msgcore.kernel.clusters import cluster_ends
from tests.conformance.unicode_data import break_tests, characters_by_properties, emoji_sequences
from tests.peers.environments import PythonEnvironment
from tests.peers.verdicts import Verdict

ENVIRONMENT = PythonEnvironment("wcwidth", ("wcwidth==0.9.4",))

SEQUENCES = 20_000
LONGEST = 12


def judge() -> Verdict:
    asked = texts()
    unexplained = []
    for text, theirs in zip(asked, ENVIRONMENT.ask("wcwidth.py", asked), strict=True):
        ours = [text[start:end] for start, end in pairwise([0, *cluster_ends(text)])]
        if theirs != ours:
            unexplained.append(f"{text!a}: we say {ours!a}, they say {theirs!a}")
    return Verdict(f"{len(asked)} texts", Counter(), unexplained)


def texts(seed: int = 29) -> list[str]:
    random = Random(seed)
    classes = [*characters_by_properties().values(), list("aж中")]
    # No surrogates: they are no characters, and JSON would join two of them.
    drawn = [
        "".join(random.choice(random.choice(classes)) for _ in range(random.randint(1, LONGEST)))
        for _ in range(SEQUENCES)
    ]
    sequences = ["".join(character for character in text if not "\ud800" <= character <= "\udfff") for text in drawn]
    return [*sequences, *emoji_sequences(), *(row.text for row in break_tests())]
