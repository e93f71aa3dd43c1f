"""Campaigns that are broken at random moments: killed, cut off, stalled, refused, out of disk, told wrong times.

Real processes over loopback, each campaign held against what the provider saw; ``make soak`` does the same for longer.
No departures are known.
"""

import random
import tempfile
from collections import Counter
from pathlib import Path

from tests.peers.environments import OwnEnvironment
from tests.peers.verdicts import Verdict
from tests.soak.scenarios import SCENARIOS, killed_sender

ENVIRONMENT = OwnEnvironment("kills", ())

MESSAGES, TIMES = 10_000, 3
"""So many that a campaign lasts until something is broken: a thousand take a tenth of a second."""

OF_THE_SENDER = 20_000, 20
"""The sender is what a campaign dies of most often, so it is killed more often than all else."""


def judge() -> Verdict:
    seed = random.SystemRandom().randrange(1 << 32)
    unexplained, broken = [], 0
    for name, scenario in SCENARIOS.items():
        messages, times = OF_THE_SENDER if scenario is killed_sender else (MESSAGES, TIMES)
        with tempfile.TemporaryDirectory() as folder:
            verdict = scenario(Path(folder), messages, times, random.Random(f"{seed} {name}"))
        unexplained += [f"{name}, seed {seed}: {departure}" for departure in verdict.departures]
        broken += verdict.counts["broken"]
    return Verdict(f"{len(SCENARIOS)} scenarios, broken {broken} times", Counter(), unexplained)
