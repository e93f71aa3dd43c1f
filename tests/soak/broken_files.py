"""Campaigns whose outbox is taken away, replaced, made read-only or cut short while it is sent from.

What is promised: the sending stops, and says of which file and why. What was not entered is not sent, so nobody gets
anything twice. While the outbox is broken no run sends anything; once it is repaired, the campaign goes on.
"""

import json
import os
import random
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.soak.processes import LOOK_AGAIN_SECONDS, Simulator
from tests.soak.sending import IN_FLIGHT, RATE, Campaign
from tests.soak.verdicts import Verdict
from tests.soak.witness import seen

STOPS_WITHIN_SECONDS: Final = 60
STOPPED, UNUSABLE = 1, 2
"""How ``msgcore send`` ends: some of it was not sent; or it did not begin."""


class Damage(NamedTuple):
    """What befalls an outbox, and how that is undone."""

    name: str
    break_it: Callable[[Path], object]
    repair: Callable[[Path], object]


def _log(outbox: Path) -> Path:
    return outbox.with_name(f"{outbox.name}-wal")


def _written_at(outbox: Path) -> int | None:
    """Return when the log of an outbox was written to, which every dispatcher does when it begins."""
    return _log(outbox).stat().st_mtime_ns if _log(outbox).exists() else None


def _aside(outbox: Path) -> Path:
    return outbox.with_name("aside")


def _replace(outbox: Path) -> None:
    outbox.rename(_aside(outbox))
    shutil.copy(_aside(outbox), outbox)


def _make_immutable(outbox: Path) -> None:
    subprocess.run(["chattr", "+i", outbox, _log(outbox)], check=True, capture_output=True)


def _make_mutable(outbox: Path) -> None:
    subprocess.run(["chattr", "-i", outbox, _log(outbox)], check=True, capture_output=True)


_REMOVED: Final = Damage(
    "removed", lambda outbox: outbox.rename(_aside(outbox)), lambda outbox: _aside(outbox).rename(outbox)
)
_REPLACED: Final = Damage("replaced", _replace, lambda outbox: _aside(outbox).rename(outbox))
_READ_ONLY: Final = Damage("read-only", _make_immutable, _make_mutable)


class Ending(NamedTuple):
    """How a run came to its end."""

    exit_code: int
    stopped_by: str | None


class Sender:
    """Sends a campaign whose outbox is broken, and knows what each run said of its end."""

    def __init__(self, campaign: Campaign, simulator: Simulator) -> None:
        self._campaign = campaign
        self._simulator = simulator
        self.departures: list[str] = []

    def run(self, break_it: Callable[[Path], object] | None, after_seconds: float) -> Ending | None:
        """Send, let that happen to the outbox after a while, and wait for the end; ``None``: it was there before."""
        outbox, log = self._campaign.outbox, self._campaign.folder / "send.log"
        octets = log.stat().st_size if log.exists() else 0
        before = _written_at(outbox)
        with self._campaign.send() as sender:
            if break_it is not None:
                while _written_at(outbox) == before and sender.wait(LOOK_AGAIN_SECONDS) is None:
                    pass  # it has not opened it yet: what befalls a file that nobody has open is another matter
                if sender.wait(after_seconds) is not None:
                    return None
                break_it(outbox)
            exit_code = sender.wait(STOPS_WITHIN_SECONDS)
        assert exit_code is not None, f"after {STOPS_WITHIN_SECONDS} s nothing had stopped it"
        with log.open("rb") as file:
            file.seek(octets)
            return Ending(exit_code, _stopped_by(file.read().decode()))

    def sent(self) -> int:
        """How many messages the provider has."""
        return sum(map(len, seen(self._simulator, self._campaign.recipients).values()))

    def check_stopped(self, ending: Ending, name: str) -> None:
        """Hold the end of a run, whose outbox was broken, against what is promised."""
        if ending.exit_code not in (STOPPED, UNUSABLE):
            self.departures.append(f"{name}: it ended with {ending.exit_code}")
        elif ending.stopped_by is None or str(self._campaign.outbox) not in ending.stopped_by:
            self.departures.append(f"{name}: it ended with {ending.exit_code} and says {ending.stopped_by!r}")


def broken_outbox(folder: Path, messages: int, times: int, chance: random.Random) -> Verdict:
    """The outbox is removed, replaced, made read-only while it is sent from; then it is repaired, and sent on."""
    damages = [_REMOVED, _REPLACED, *([_READ_ONLY] if _can_be_immutable(folder) else [])]
    counts: Counter[str] = Counter({damage.name: 0 for damage in (_REMOVED, _REPLACED, _READ_ONLY)})
    with Simulator(folder, "--rate", RATE, "--no-inspect") as simulator:
        campaign = Campaign(folder, simulator, messages)
        sender = Sender(campaign, simulator)
        for turn in range(times):
            damage = damages[turn % len(damages)]
            ending = sender.run(damage.break_it, chance.uniform(0.0, 0.5))
            if ending is None:
                break
            try:
                counts[damage.name] += 1
                if ending.exit_code != 0:  # else the last message had gone before
                    sender.check_stopped(ending, damage.name)
                if damage is not _REPLACED:  # that one is whole, with its log: nothing is wrong with going on
                    sent = sender.sent()
                    again = sender.run(None, 0)
                    assert again is not None
                    sender.check_stopped(again, f"{damage.name}, once more")
                    if sender.sent() != sent:
                        sender.departures.append(f"{damage.name}, once more: {sender.sent() - sent} messages were sent")
            finally:
                damage.repair(campaign.outbox)
        campaign.send_to_the_end()
        verdict = campaign.judged(most_unknown=counts.total() * IN_FLIGHT, broken=counts.total())
    verdict.counts.update(counts)
    verdict.departures.extend(sender.departures)
    return verdict


def cut_outbox(folder: Path, messages: int, times: int, chance: random.Random) -> Verdict:
    """The outbox loses its end, which nothing brings back: the sending stops, and no further run sends twice."""
    counts: Counter[str] = Counter()
    departures = []
    for turn in range(times):
        place = folder / str(turn)
        place.mkdir()
        with Simulator(place, "--rate", RATE, "--no-inspect") as simulator:
            campaign = Campaign(place, simulator, messages // times)
            sender = Sender(campaign, simulator)
            share = chance.choice((0.0, chance.random()))
            ending = sender.run(partial(_cut, share=share), chance.uniform(0.0, 0.3))
            if ending is None:
                counts["too late"] += 1
                continue
            counts["broken"] += 1
            if ending.exit_code != 0:
                sender.check_stopped(ending, f"cut to {share:.0%}")
            again = sender.run(None, 0)
            assert again is not None
            there = seen(simulator, campaign.recipients)
            counts["at the provider"] += sum(map(len, there.values()))
            counts["stopped again"] += again.stopped_by is not None
            departures += sender.departures
            departures += [
                f"{to}: sent {len(ids)} times, cut to {share:.0%}" for to, ids in there.items() if len(ids) > 1
            ]
    return Verdict(counts, departures)


def _cut(outbox: Path, *, share: float) -> None:
    os.truncate(outbox, int(outbox.stat().st_size * share))


def _can_be_immutable(folder: Path) -> bool:
    probe = folder / "probe"
    probe.touch()
    made = (
        shutil.which("chattr") is not None
        and not subprocess.run(["chattr", "+i", probe], capture_output=True).returncode
    )
    if made:
        subprocess.run(["chattr", "-i", probe], check=True)
    return made


def _stopped_by(said: str) -> str | None:
    """Return why a run stopped, as its report or its last line has it."""
    start = said.find("{\n")
    if start < 0:
        return said.strip().rpartition("\n")[2]
    report: dict[str, Any] = json.loads(said[start:])
    stopped_by: str | None = report["stopped_by"]
    return stopped_by


__all__ = ["broken_outbox", "cut_outbox"]
