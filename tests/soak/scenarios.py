"""What can happen to a campaign, each a scenario over real processes: killed, cut off, stalled, refused, out of disk.

How this works: the campaign is sent by ``msgcore send --outbox``, again and again until it comes to its end by itself,
as somebody would who finds it dead in the morning. Meanwhile something is broken at random moments. Then the outbox is
held against what the provider saw (:mod:`tests.soak.verdicts`).
"""

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.soak.campaigns import write_campaign
from tests.soak.processes import Program, Simulator
from tests.soak.receiver import killed_receiver
from tests.soak.verdicts import Verdict, judge
from tests.soak.witness import seen

IN_FLIGHT: Final = 64
ENDS_WITHIN_SECONDS: Final = 300
RATE: Final = "100000"


class Campaign:
    """A campaign with its outbox, in a folder of its own."""

    def __init__(self, folder: Path, simulator: Simulator, messages: int, *options: str) -> None:
        self.folder = folder
        self.outbox = folder / "campaign.outbox"
        self._file = folder / "campaign.csv"
        self._simulator = simulator
        self._options = options
        self.recipients = write_campaign(self._file, messages, simulator.ready.numbers[0])

    def send(self) -> Program:
        """Start sending, or go on with it."""
        arguments = ["send", str(self._file), "--transport", "http", "--outbox", str(self.outbox), "--rate", RATE]
        arguments += ["--application", self._simulator.ready.application_id, "--wait", "accepted", "--quiet", "--json"]
        return Program(self.folder, "send", [*arguments, *self._options], self._simulator.account())

    def send_to_the_end(self) -> int:
        """Send until it ends by itself; returns the exit code."""
        with self.send() as sender:
            exit_code = sender.wait(ENDS_WITHIN_SECONDS)
        assert exit_code is not None, f"after {ENDS_WITHIN_SECONDS} s the campaign was still being sent"
        return exit_code

    def judged(self, *, most_unknown: int) -> Verdict:
        """Hold the outbox against the provider."""
        return judge(self.outbox, self.recipients, seen(self._simulator, self.recipients), most_unknown=most_unknown)


Scenario = Callable[[Path, int, int, random.Random], Verdict]
"""Takes a folder, how many messages, how often to break something, and chance."""


def killed_sender(folder: Path, messages: int, times: int, chance: random.Random) -> Verdict:
    """``kill -9`` of the sender at random moments."""
    with Simulator(folder, "--rate", RATE, "--no-inspect") as simulator:
        campaign = Campaign(folder, simulator, messages)
        killed = break_while_sending(campaign, times, chance, lambda sender: sender.kill())
        campaign.send_to_the_end()
        return campaign.judged(most_unknown=killed * IN_FLIGHT)


def killed_provider(folder: Path, messages: int, times: int, chance: random.Random) -> Verdict:
    """``kill -9`` of the provider, which has kept what it accepted."""
    with Simulator(folder, "--rate", RATE, "--no-inspect", data=True) as simulator:
        campaign = Campaign(folder, simulator, messages)
        killed = break_while_sending(campaign, times, chance, lambda _: simulator.kill_and_start())
        campaign.send_to_the_end()
        return campaign.judged(most_unknown=killed * IN_FLIGHT)


def stalled_provider(folder: Path, messages: int, times: int, chance: random.Random) -> Verdict:
    """The provider stands still for longer than anybody waits for an answer."""
    with Simulator(folder, "--rate", RATE, "--no-inspect") as simulator:
        campaign = Campaign(folder, simulator, messages, "--option", "answer_seconds=1")

        def stall(_: Program) -> None:
            simulator.program.freeze()
            time.sleep(2)
            simulator.program.thaw()

        stalled = break_while_sending(campaign, times, chance, stall)
        campaign.send_to_the_end()
        return campaign.judged(most_unknown=stalled * 2 * IN_FLIGHT)


def dropped_connections(folder: Path, messages: int, times: int, chance: random.Random) -> Verdict:
    """Connections that break before a request is read, after it, and after it was carried out."""
    faults: list[dict[str, object]] = [
        {"what": what, "method": "POST", "count": times} for what in ("drop-before", "drop-after", "lose-answer")
    ]
    return with_faults(folder, messages, faults, most_unknown=3 * times)


def refusals(folder: Path, messages: int, times: int, chance: random.Random) -> Verdict:
    """5 % of all posts are answered 503, and a storm of 429 on top: known not to be sent, so nothing is unknown."""
    faults: list[dict[str, object]] = [
        {"what": "answer", "status": 429, "method": "POST", "count": 10 * times, "retry_after_seconds": 0},
        {"what": "answer", "status": 503, "method": "POST", "count": None, "share": 0.05},
    ]
    return with_faults(folder, messages, faults, most_unknown=0)


def sent_twice(folder: Path, messages: int, times: int, chance: random.Random) -> Verdict:
    """The same file is sent again and again, also while it is being sent."""
    with Simulator(folder, "--rate", RATE, "--no-inspect") as simulator:
        campaign = Campaign(folder, simulator, messages)
        with campaign.send() as first, campaign.send() as second:
            first.wait(ENDS_WITHIN_SECONDS)
            second.wait(ENDS_WITHIN_SECONDS)
        for _ in range(times):
            campaign.send_to_the_end()
        return campaign.judged(most_unknown=0)


def with_faults(folder: Path, messages: int, faults: list[dict[str, object]], *, most_unknown: int) -> Verdict:
    with Simulator(folder, "--rate", RATE, "--no-inspect") as simulator:
        for fault in faults:
            simulator.control("POST", "/faults", fault)
        campaign = Campaign(folder, simulator, messages)
        campaign.send_to_the_end()
        return campaign.judged(most_unknown=most_unknown)


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
                sender.wait(ENDS_WITHIN_SECONDS)
    return broken


SCENARIOS: Final[dict[str, Scenario]] = {
    scenario.__name__: scenario
    for scenario in (
        killed_sender,
        killed_receiver,
        killed_provider,
        stalled_provider,
        dropped_connections,
        refusals,
        sent_twice,
    )
}
