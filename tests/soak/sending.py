"""A campaign over real processes, sent until it comes to its end, and broken at random moments meanwhile."""

import random
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Final

from tests.soak.campaigns import write_campaign
from tests.soak.processes import Program, Simulator
from tests.soak.verdicts import Verdict, judge
from tests.soak.witness import seen

IN_FLIGHT: Final = 64
ENDS_WITHIN_SECONDS: Final = 300
RATE: Final = "100000"

Scenario = Callable[[Path, int, int, random.Random], Verdict]
"""Takes a folder, how many messages, how often to break something, and chance."""


class Campaign:
    """A campaign with its outbox, in a folder of its own; ``disk`` is a folder for the outbox alone."""

    def __init__(
        self,
        folder: Path,
        simulator: Simulator,
        messages: int,
        *options: str,
        rate: str = RATE,
        expiration: str = "",
        environment: Mapping[str, str] | None = None,
        disk: Path | None = None,
    ) -> None:
        self.folder = folder
        self.outbox = (disk or folder) / "campaign.outbox"
        self._file = folder / "campaign.csv"
        self._simulator = simulator
        self._options = ["--rate", rate, *options]
        self._environment = environment or {}
        self.recipients = write_campaign(self._file, messages, simulator.ready.numbers[0], expiration=expiration)

    def send(self, *, most_octets: int | None = None) -> Program:
        """Start sending, or go on with it; no file may grow larger than ``most_octets``."""
        arguments = ["send", str(self._file), "--transport", "http", "--outbox", str(self.outbox)]
        arguments += ["--application", self._simulator.ready.application_id, "--wait", "accepted", "--quiet", "--json"]
        environment = {**self._simulator.account(), **self._environment}
        return Program(self.folder, "send", [*arguments, *self._options], environment, most_octets=most_octets)

    def send_to_the_end(self) -> int:
        """Send until it ends by itself; returns the exit code."""
        with self.send() as sender:
            exit_code = sender.wait(ENDS_WITHIN_SECONDS)
        assert exit_code is not None, f"after {ENDS_WITHIN_SECONDS} s the campaign was still being sent"
        return exit_code

    def judged(self, *, most_unknown: int, broken: int, may_expire: Collection[str] = ()) -> Verdict:
        """Hold the outbox against the provider."""
        there = seen(self._simulator, self.recipients)
        verdict = judge(self.outbox, self.recipients, there, most_unknown=most_unknown, may_expire=may_expire)
        verdict.counts["broken"] = broken
        return verdict


def break_while_sending(
    campaign: Campaign, times: int, chance: random.Random, break_it: Callable[[Program], None]
) -> int:
    """Break something at random moments of sending; returns how often it came to that before all was sent."""
    broken = 0
    while broken < times:
        with campaign.send() as sender:
            while broken < times and sender.exit_code is None:
                if sender.wait(chance.uniform(0.3, 1.5)) is None:
                    break_it(sender)
                    broken += 1
            if sender.exit_code == 0:
                return broken
            if broken == times:
                ended = sender.wait(ENDS_WITHIN_SECONDS)
                assert ended is not None, f"{ENDS_WITHIN_SECONDS} s after all was broken it was still being sent"
    return broken
