"""A course of messages through an outbox that tells what was confirmed, and the proof that it is there afterwards."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from msgcore.delivery import Attempt, Conclusion, Delivery, DeliveryState, Outcome, SendState
from msgcore.testing.outbox_contract.scenarios import counted, entries_of
from msgcore.wire import Message
from transports import SqliteOutbox

Confirm = Callable[[str], None]

STAGES: Final = ("put", "attempted", "accepted", "concluded")


def message(number: int) -> Message:
    return Message(to="+19195550123", from_="+19195550100", text=f"text of {number} " * 9, key=f"k-{number}")


async def run_course(outbox: SqliteOutbox, first: int, rounds: int, confirm: Confirm) -> None:
    """Take messages through their whole life, a few at a time, and confirm each step once the outbox has."""
    for start in range(first, first + 6 * rounds, 6):
        numbers = range(start, start + 6)
        await outbox.put([message(number) for number in numbers], now=1.0)
        confirm(f"put {start} {numbers[-1]}")
        entries = [e for e in await outbox.claim(6, now=2.0) if e.key in {f"k-{n}" for n in numbers}]
        assert all(await outbox.attempt([Attempt(e.number, e.attempts + 1, 3.0) for e in entries]))
        names = " ".join(entry.key for entry in entries)
        confirm(f"attempted {names}")
        await outbox.settle(
            [Outcome(e.number, e.attempts + 1, SendState.ACCEPTED, 4.0, message_id=f"m-{e.key}") for e in entries]
        )
        confirm(f"accepted {names}")
        await outbox.settle(
            [
                Conclusion(e.number, (Delivery(f"m-{e.key}", "+19195550123", DeliveryState.DELIVERED),), 5.0)
                for e in entries[:3]
            ]
        )
        confirm(f"concluded {' '.join(entry.key for entry in entries[:3])}")


async def check_kept(path: Path, confirmed: list[str]) -> None:
    """What was confirmed is there, once; the file's own counts are right; and it goes on."""
    outbox = SqliteOutbox(path)
    await outbox.begin(now=10.0)
    entries = {entry.key: entry for entry in await entries_of(outbox)}
    assert outbox.counts() == await counted(outbox)
    assert outbox.counts().attempting == 0
    for line in confirmed:
        stage, *rest = line.split()
        if stage == "put":
            rest = [f"k-{number}" for number in range(int(rest[0]), int(rest[1]) + 1)]
        for key in rest:
            entry = entries[key]
            assert entry.message.key == key
            if stage == "put" and not entry.is_final:
                assert entry.message == message(int(key.removeprefix("k-")))
            if stage == "attempted":
                assert (entry.state, entry.attempts) in ((SendState.UNKNOWN, 1), (SendState.ACCEPTED, 1))
            if stage in ("accepted", "concluded"):
                assert entry.message_id == f"m-{key}"
                assert await outbox.find_accepted([f"m-{key}"]) == [entry]
            if stage == "concluded":
                assert entry.is_final
    # What was not confirmed may be there, but never half.
    for entry in entries.values():
        assert entry.state in (SendState.WAITING, SendState.UNKNOWN, SendState.ACCEPTED)
    assert len(entries) % 6 == 0
    await outbox.aclose()
