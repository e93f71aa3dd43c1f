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

    def send(self, *, most_octets: int | None = None) -> Program:
        """Start sending, or go on with it; no file may grow larger than ``most_octets``, as on a disk that is full."""
        arguments = ["send", str(self._file), "--transport", "http", "--outbox", str(self.outbox), "--rate", RATE]
        arguments += ["--application", self._simulator.ready.application_id, "--wait", "accepted", "--quiet", "--json"]
        environment = self._simulator.account()
        return Program(self.folder, "send", [*arguments, *self._options], environment, most_octets=most_octets)

    def send_to_the_end(self) -> int:
        """Send until it ends by itself; returns the exit code."""
        with self.send() as sender:
            exit_code = sender.wait(ENDS_WITHIN_SECONDS)
        assert exit_code is not None, f"after {ENDS_WITHIN_SECONDS} s the campaign was still being sent"
        return exit_code

    def judged(self, *, most_unknown: int, broken: int) -> Verdict:
        """Hold the outbox against the provider."""
        there = seen(self._simulator, self.recipients)
        verdict = judge(self.outbox, self.recipients, there, most_unknown=most_unknown)
        verdict.counts["broken"] = broken
        return verdict


Scenario = Callable[[Path, int, int, random.Random], Verdict]
"""Takes a folder, how many messages, how often to break something, and chance."""


def killed_sender(folder: Path, messages: int, times: int, chance: random.Random) -> Verdict:
    """``kill -9`` of the sender at random moments."""
    with Simulator(folder, "--rate", RATE, "--no-inspect") as simulator:
        campaign = Campaign(folder, simulator, messages)
        killed = break_while_sending(campaign, times, chance, lambda sender: sender.kill())
        campaign.send_to_the_end()
        return campaign.judged(most_unknown=killed * IN_FLIGHT, broken=killed)


def killed_provider(folder: Path, messages: int, times: int, chance: random.Random) -> Verdict:
    """``kill -9`` of the provider, which has kept what it accepted."""
    with Simulator(folder, "--rate", RATE, "--no-inspect", data=True) as simulator:
        campaign = Campaign(folder, simulator, messages)
        killed = break_while_sending(campaign, times, chance, lambda _: simulator.kill_and_start())
        campaign.send_to_the_end()
        return campaign.judged(most_unknown=killed * IN_FLIGHT, broken=killed)


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
        return campaign.judged(most_unknown=stalled * 2 * IN_FLIGHT, broken=stalled)


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
        return campaign.judged(most_unknown=0, broken=times + 1)


def full_disk(folder: Path, messages: int, times: int, chance: random.Random) -> Verdict:
    """Each time the outbox may grow a little further, and then no more; at the end there is room for all of it."""
    with Simulator(folder, "--rate", RATE, "--no-inspect") as simulator:
        campaign = Campaign(folder, simulator, messages)
        stopped = 0
        for _ in range(times):
            grown = campaign.outbox.stat().st_size if campaign.outbox.exists() else 0
            with campaign.send(most_octets=grown + chance.randrange(200_000, 400_000)) as sender:
                stopped += sender.wait(ENDS_WITHIN_SECONDS) != 0
        campaign.send_to_the_end()
        return campaign.judged(most_unknown=stopped * IN_FLIGHT, broken=stopped)


def with_faults(folder: Path, messages: int, faults: list[dict[str, object]], *, most_unknown: int) -> Verdict:
    with Simulator(folder, "--rate", RATE, "--no-inspect") as simulator:
        for fault in faults:
            simulator.control("POST", "/faults", fault)
        campaign = Campaign(folder, simulator, messages)
        campaign.send_to_the_end()
        left = sum(fault["count"] or 0 for fault in simulator.control("GET", "/faults"))
        ordered = sum(int(str(fault["count"] or 0)) for fault in faults)
        return campaign.judged(most_unknown=most_unknown, broken=ordered - left)


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
        full_disk,
    )
}
