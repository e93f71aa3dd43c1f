"""Where usage records are kept, and how they are read again: page by page, so that a million cost no more than a page.

How it works. What has come to its end is added up at once, and then either collected for a store (``changes``) or put
into a memory of its own: in blocks of a thousand records, packed and compressed to some forty octets each.
"""

import zlib
from collections import deque
from collections.abc import AsyncIterator, Iterable
from typing import Final, NamedTuple, Protocol

import msgspec

from msgcore.wire.mdr import INBOUND
from transports.simulator.accounts.account import Account
from transports.simulator.course.records import MessageRecord, Status
from transports.simulator.usage.records import UsageRecord, records_of
from transports.simulator.usage.totals import UsageLine, UsageTotals

BLOCK_RECORDS: Final = 1000
MOST_BLOCKS: Final = 2000
"""Two million records are kept in memory, then the oldest go; a store keeps all. Totals forget nothing."""

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(list[UsageRecord]).decode
_STATUS_OF: Final = {status.name: int(status) for status in Status}


class UsageFilter(NamedTuple):
    """Which records are wanted: received from ``since_ms`` on and before ``until_ms``; ``None`` and empty are all.

    ``ended_by`` leaves out what ended later, so that a file made twice is the same.
    """

    since_ms: int = 0
    until_ms: int = 2**63 - 1
    ended_by: float | None = None
    location: str | None = None
    site_id: str | None = None
    campaign_id: str | None = None
    direction: str | None = None
    type: str | None = None
    status: str | None = None
    code: int | None = None

    def fits(self, record: UsageRecord) -> bool:
        """Whether a record is wanted."""
        return (
            self.since_ms <= record.received_ms < self.until_ms
            and (self.ended_by is None or record.ended <= self.ended_by)
            and self.location in (None, record.location)
            and self.site_id in (None, record.site_id)
            and self.campaign_id in (None, record.campaign_id)
            and (self.direction is None or (self.direction == INBOUND) is record.inbound)
            and (self.type is None or (self.type == "mms") is record.is_mms)
            and (self.status is None or _STATUS_OF.get(self.status) == record.status)
            and self.code in (None, record.code)
        )


class UsageSource(Protocol):
    """Something that has the records of an account."""

    async def read_page(self, cursor: str | int | None, wanted: UsageFilter) -> "UsagePage":
        """Return some records received in the time wanted, others among them; ``None`` is where reading begins."""


class UsagePage(NamedTuple):
    """Some records, and the cursor for what comes behind them: ``None`` where nothing does."""

    records: list[UsageRecord]
    cursor: str | int | None


async def read_pages(source: UsageSource, wanted: UsageFilter) -> AsyncIterator[list[UsageRecord]]:
    """Read all records that are wanted, page by page."""
    cursor: str | int | None = None
    while True:
        page = await source.read_page(cursor, wanted)
        found = [record for record in page.records if wanted.fits(record)]
        if found:
            yield found
        cursor = page.cursor
        if cursor is None:
            return


class _Block(NamedTuple):
    earliest_ms: int
    latest_ms: int
    content: bytes


class UsageMemory:
    """Records in memory, in the order in which they ended."""

    __slots__ = ("_blocks", "_forgotten", "_tail")

    def __init__(self) -> None:
        self._blocks: deque[_Block] = deque()
        self._forgotten = 0  # blocks that had to make room
        self._tail: list[UsageRecord] = []

    def add(self, record: UsageRecord) -> None:
        """Keep a record."""
        self._tail.append(record)
        if len(self._tail) >= BLOCK_RECORDS:
            times = [each.received_ms for each in self._tail]
            self._blocks.append(_Block(min(times), max(times), zlib.compress(_encode(self._tail), 1)))
            self._tail = []
            if len(self._blocks) > MOST_BLOCKS:
                self._blocks.popleft()
                self._forgotten += 1

    def clear(self) -> None:
        """Forget everything; who is reading finds the end."""
        self._forgotten += len(self._blocks) + 1
        self._blocks.clear()
        self._tail = []

    async def read_page(self, cursor: str | int | None, wanted: UsageFilter) -> UsagePage:
        """Return the next block that may have something wanted, or the last records, which are in none."""
        number = self._forgotten if cursor is None else max(self._forgotten, int(cursor))
        while (place := number - self._forgotten) < len(self._blocks):
            block = self._blocks[place]
            number += 1
            if block.latest_ms >= wanted.since_ms and block.earliest_ms < wanted.until_ms:
                return UsagePage(_decode(zlib.decompress(block.content)), number)
        return UsagePage(list(self._tail), None)


class UsageChanges(NamedTuple):
    """What a store has to write; where ``is_new``, all that was written before is to be forgotten first."""

    records: tuple[UsageRecord, ...]
    lines: tuple[UsageLine, ...]
    is_new: bool


class UsageLog:
    """What an account has used. With ``journal`` the records are left to a store, else they are in ``memory``."""

    __slots__ = ("_account", "_is_new", "_journal", "_records", "memory", "totals")

    def __init__(self, account: Account, *, journal: bool) -> None:
        self._account = account
        self._journal = journal
        self._records: list[UsageRecord] = []
        self._is_new = False
        self.memory = UsageMemory()
        self.totals = UsageTotals()

    def finished(self, message: MessageRecord, now: float) -> None:
        """Note a message to which nothing more can happen."""
        for record in records_of(message, self._account, now):
            self.totals.add(record)
            if self._journal:
                self._records.append(record)
            else:
                self.memory.add(record)

    def clear(self) -> None:
        """Begin anew."""
        self.totals.clear()
        self.memory.clear()
        self._records = []
        self._is_new = True

    def changes(self) -> UsageChanges:
        """Return what has changed since the last call."""
        records, self._records = self._records, []
        is_new, self._is_new = self._is_new, False
        return UsageChanges(tuple(records), tuple(self.totals.touched()), is_new)

    def restore(self, lines: Iterable[UsageLine]) -> None:
        """Go on from the totals that a store has kept."""
        self.totals = UsageTotals(lines)
