"""What can happen to a campaign, each a scenario over real processes: killed, cut off, stalled, refused, and so on.

How this works: the campaign is sent by ``msgcore send --outbox``, again and again until it comes to its end by itself,
as somebody would who finds it dead in the morning. Meanwhile something is broken at random moments. Then the outbox is
held against what the provider saw (:mod:`tests.soak.verdicts`).
"""

import random
import time
from collections import Counter
from pathlib import Path
from typing import Final

from tests.soak.broken_files import broken_outbox, cut_outbox
from tests.soak.jumping_clock import jumping_clock, paced_by_a_jumping_clock
from tests.soak.processes import Program, Simulator
from tests.soak.receiver import killed_receiver
from tests.soak.sending import ENDS_WITHIN_SECONDS, IN_FLIGHT, RATE, Campaign, Scenario, break_while_sending
from tests.soak.small_disk import NoDiskError, small_disk
from tests.soak.verdicts import Verdict

PATIENCE_SECONDS: Final = 5
"""How long is waited for an answer of a provider that is to stand still: no busy machine takes so long by itself."""


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
        campaign = Campaign(folder, simulator, messages, "--option", f"answer_seconds={PATIENCE_SECONDS}")

        def stall(_: Program) -> None:
            simulator.program.freeze()
            time.sleep(PATIENCE_SECONDS + 1)
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
    """Each time the outbox's disk has a little more room, and then it is full; at the end all of it fits."""
    try:
        with (
            small_disk(folder / "disk") as disk,
            Simulator(folder, "--rate", RATE, "--no-inspect") as simulator,
        ):
            campaign = Campaign(folder, simulator, messages, disk=disk.folder)
            stopped = 0
            for _ in range(times):
                disk.leave_room(chance.randrange(200_000, 400_000))
                with campaign.send() as sender:
                    stopped += sender.wait(ENDS_WITHIN_SECONDS) != 0
            disk.leave_room(1_000_000_000)
            campaign.send_to_the_end()
            return campaign.judged(most_unknown=stopped * IN_FLIGHT, broken=stopped)
    except NoDiskError:
        return Verdict(Counter({"tried, as nobody here may mount a disk": 0}), [])


def limited_file(folder: Path, messages: int, times: int, chance: random.Random) -> Verdict:
    """Each time the outbox may grow a little further, and then no more, as under a quota; at the end it may."""
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
        limited_file,
        broken_outbox,
        cut_outbox,
        jumping_clock,
        paced_by_a_jumping_clock,
    )
}
