"""Campaigns on a machine whose clock is put forward and back by hours, while they are sent and between two runs.

What is promised of time: a run takes it once and counts on from there, so no jump disturbs a run. What an earlier run
has left is judged by the time of the machine: what has expired by it is not sent; and what was to wait for another
attempt waits no longer than it was to, wherever the clock has gone.
"""

import asyncio
import random
import signal
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from tests.soak.campaigns import EXPIRING
from tests.soak.clocks import MachineClock
from tests.soak.processes import Program, Simulator
from tests.soak.receiver import EVENTS, PASSWORD, RETRY_SECONDS, SECONDS, USER, Receiver, heard
from tests.soak.sending import IN_FLIGHT, RATE, Campaign, break_while_sending
from tests.soak.verdicts import Verdict, attempts_of, read
from transports import SqliteCallbackStore

HOUR: Final = 3600
EXPIRES_AFTER: Final = timedelta(hours=3)
REFUSED_SHARE: Final = 0.05
"""So many posts are answered 503, so that at any moment some messages wait for another attempt."""

QUEUE_SECONDS: Final = 900
PACED_SECONDS: Final = 5
"""How long a paced campaign goes on at the rate, for each jump, once the provider's queue is full."""

SPARE_SECONDS: Final = 45
MOST_REFUSED: Final = IN_FLIGHT // 2
"""A provider that stands still for a moment when the first post comes begins to send later than the sender counts, and
refuses one, which sets that right. Whoever a jump makes go too fast is refused with all that he has in flight."""


def jumping_clock(folder: Path, messages: int, times: int, chance: random.Random) -> Verdict:
    """The clock jumps by hours; sender and receiver, which live by it, are killed and started again in between."""
    with MachineClock(folder) as clock:
        receiver = Receiver(SqliteCallbackStore.path_beside(folder / "campaign.outbox"), clock.environment)
        callbacks = [f"http://127.0.0.1:{receiver.port}/", "--callback-user", USER, "--callback-password", PASSWORD]
        options = ["--retry-interval", str(RETRY_SECONDS), "--callback-url", *callbacks]
        receiver.start()
        try:
            with Simulator(folder, "--rate", RATE, "--no-inspect", *options) as simulator:
                refused = {"what": "answer", "status": 503, "method": "POST", "count": None, "share": REFUSED_SHARE}
                simulator.control("POST", "/faults", refused)
                expiration = (datetime.now(UTC) + EXPIRES_AFTER).isoformat(timespec="seconds")
                campaign = Campaign(folder, simulator, messages, expiration=expiration, environment=clock.environment)
                jumps = Jumps(clock, receiver, chance)
                broken = break_while_sending(campaign, times, chance, jumps.jump)
                clock.check()
                campaign.send_to_the_end()
                verdict = campaign.judged(
                    most_unknown=jumps.killed * IN_FLIGHT, broken=broken, may_expire=campaign.recipients[::EXPIRING]
                )
                verdict.departures.extend(lost_callbacks(simulator, campaign, receiver, verdict.counts))
        finally:
            receiver.close()
    return verdict


class Jumps:
    """Lets the clock jump, forward and back in turns, and ends now the one, now the other that goes by it."""

    def __init__(self, clock: MachineClock, receiver: Receiver, chance: random.Random) -> None:
        self._clock = clock
        self._receiver = receiver
        self._chance = chance
        self._count = 0
        self.killed = 0
        """How often the sender was."""

    def jump(self, sender: Program) -> None:
        self._count += 1
        way = 1 if self._count % 2 else -1
        self._clock.jump_to(way * self._chance.randrange(6 * HOUR, 12 * HOUR))
        if self._count % 3 == 2:  # of those, every other is a jump back
            sender.kill()
            self.killed += 1
        elif self._count % 3 == 0:
            self._receiver.end(signal.SIGKILL)
            self._receiver.start()


def lost_callbacks(simulator: Simulator, campaign: Campaign, receiver: Receiver, counts: Counter[str]) -> list[str]:
    """Wait for the callbacks of everything that was accepted, and return what never came, or came twice."""
    _, accepted = asyncio.run(read(campaign.outbox))
    ids = [id for id in accepted.values() if id is not None]
    deadline = time.monotonic() + SECONDS
    while True:
        found = asyncio.run(heard(receiver.store, ids))
        nothing_waits = not simulator.control("GET", "/callbacks?state=waiting")
        if time.monotonic() > deadline or (nothing_waits and len(found) >= len(ids) * len(EVENTS)):
            break
        time.sleep(0.2)
    counts["callbacks"] = found.total()
    times = ((id, type_, found[id, type_]) for id in ids for type_ in EVENTS)
    return [f"{id}: {type_} is there {count} times" for id, type_, count in times if count != 1]


def paced_by_a_jumping_clock(folder: Path, messages: int, times: int, chance: random.Random) -> Verdict:
    """A campaign that fills the provider's queue and goes on at the rate: no jump makes it stand, or go too fast."""
    paced_seconds = PACED_SECONDS * times
    rate = messages / (QUEUE_SECONDS + paced_seconds)
    with MachineClock(folder) as clock, Simulator(folder, "--rate", f"{rate:.6f}", "--no-inspect") as simulator:
        expiration = (datetime.now(UTC) + EXPIRES_AFTER).isoformat(timespec="seconds")
        campaign = Campaign(
            folder, simulator, messages, rate=f"{rate:.6f}", expiration=expiration, environment=clock.environment
        )
        started_at, jumps = time.monotonic(), 0
        with campaign.send() as sender:
            while sender.wait(chance.uniform(0.2, 0.8) * PACED_SECONDS) is None and jumps < 4 * times:
                jumps += 1
                clock.jump_to((1 if jumps % 2 else -1) * chance.randrange(6 * HOUR, 12 * HOUR))
            exit_code = sender.wait(SPARE_SECONDS)
        seconds = time.monotonic() - started_at
        verdict = campaign.judged(most_unknown=0, broken=jumps)
        attempts = asyncio.run(attempts_of(campaign.outbox))
        verdict.counts["seconds"] = round(seconds)
        verdict.counts["refused"] = attempts - messages
        if attempts - messages > MOST_REFUSED:
            verdict.departures.append(f"{attempts - messages} attempts met a full queue: they went too fast")
        if not paced_seconds - 2 <= seconds <= paced_seconds + SPARE_SECONDS:
            verdict.departures.append(f"it took {seconds:.0f} s, the rate allows {paced_seconds} s")
        if exit_code != 0:
            verdict.departures.append(f"it ended with {exit_code}")
    return verdict
