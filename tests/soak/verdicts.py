"""Whether a campaign came to its end as promised: what the outbox says, held against what the provider saw."""

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from msgcore.delivery import SendState
from transports import SqliteOutbox

KNOWN_ENDS = {SendState.ACCEPTED, SendState.UNKNOWN}
"""Where a message may stand that nothing forbids to send, once its campaign has come to an end."""


class Verdict(NamedTuple):
    """What was found: counts for the reader, and every departure from what is promised."""

    counts: Counter[str]
    departures: list[str]


def judge(
    outbox: Path,
    recipients: Sequence[str],
    seen: Mapping[str, Sequence[str]],
    *,
    most_unknown: int,
    may_expire: Collection[str] = (),
) -> Verdict:
    """Hold an outbox against the provider.

    Every message is known to be with the provider, or not to be known; the provider has each at most once; what is
    called accepted is there under its id; and unknown are no more than were in flight when something died. What may
    expire is either one of these, or it was never sent, be it that it expired as a row or in the outbox.
    """
    states, ids = asyncio.run(read(outbox))
    departures = []
    for recipient in recipients:
        state, there = states.get(recipient), seen.get(recipient, ())
        if recipient in may_expire and state in (None, SendState.EXPIRED):
            if there:
                departures.append(f"{recipient}: said to be expired, and the provider has {list(there)}")
            continue
        if state is None:
            departures.append(f"{recipient}: lost, the outbox does not know it")
        elif state not in KNOWN_ENDS:
            departures.append(f"{recipient}: still {state.value}")
        if len(there) > 1:
            departures.append(f"{recipient}: sent {len(there)} times: {', '.join(there)}")
        if state is SendState.ACCEPTED and list(there) != [ids[recipient]]:
            departures.append(f"{recipient}: accepted as {ids[recipient]}, the provider has {list(there)}")
    counts = Counter({str(state.value): 0 for state in KNOWN_ENDS})
    counts.update(state.value for state in states.values())
    if counts[SendState.UNKNOWN.value] > most_unknown:
        departures.append(f"{counts[SendState.UNKNOWN.value]} unknown, at most {most_unknown} were in flight")
    counts["at the provider"] = sum(map(len, seen.values()))
    return Verdict(counts, departures)


async def read(path: Path) -> tuple[dict[str, SendState], dict[str, str | None]]:
    """Return where each message of an outbox stands, and the id it is accepted under, by its recipient."""
    outbox = SqliteOutbox(path)
    states: dict[str, SendState] = {}
    ids: dict[str, str | None] = {}
    async for entry in outbox.entries():
        [recipient] = entry.message.to
        assert recipient not in states, f"{recipient} stands in the outbox twice"
        states[recipient], ids[recipient] = entry.state, entry.message_id
    await outbox.aclose()
    return states, ids


async def attempts_of(path: Path) -> int:
    """Return how often anything was attempted."""
    outbox = SqliteOutbox(path)
    attempts = sum([entry.attempts async for entry in outbox.entries()])
    await outbox.aclose()
    return attempts
