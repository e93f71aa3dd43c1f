"""One campaign through an outbox: what is read is durable, what was sent is known, and the next run goes on.

How this works: one task reads rows and puts them into the outbox, a batch at a time; the client sends what waits there,
also what an earlier run has left. A row's key is its own, or the digest of the file with the number of the row: so the
same file again brings nothing new. Nothing is kept in memory but what is under way. A row that is refused here goes to
the rejects file; what the provider rejects stays in the outbox with its reason: ``msgcore outbox refused`` lists it.
"""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from msgcore.client import AsyncClient, SystemClock
from msgcore.delivery import (
    Delivery,
    DeliveryState,
    OutboxCounts,
    OutcomeClass,
    SendState,
    check_caller_tag,
    classify_outcome,
)
from msgcore.errors import ClosedError, KeyConflictError, MessageError, MsgcoreError, OutboxError
from msgcore.transport import Outbox
from msgcore.wire import Accepted, Event, Message, MessageSending, MessageSent
from transports.cli.campaign import RefusedRow, Row
from transports.cli.durations import duration
from transports.cli.forecast import Forecast
from transports.cli.progress import ProgressDisplay, Stage
from transports.cli.rejects import RejectsFile
from transports.cli.report import PENDING, Report
from transports.cli.row_keys import RowKeys
from transports.cli.run import CampaignRun, Readable

ROWS_AT_ONCE = 500


class NoCampaign:
    """Stands for a campaign where only what waits in an outbox is sent."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.octets_read = 0

    def go_by(self, now: Callable[[], float]) -> None:
        """Nothing here can expire."""

    def __iter__(self) -> Iterator[Row | RefusedRow]:
        """Yield nothing."""
        return iter(())


class RunHooks:
    """What a run wants to know beside the outcomes: why nothing moves, and what leaves the provider's queue.

    ``obstacle`` is what came of the last message that got nowhere, until one is accepted. ``left`` is called with the
    events of messages that this outbox holds; those of other senders come over the same callbacks.
    """

    def __init__(self) -> None:
        self.obstacle: str | None = None
        self.left: Callable[[MessageSent | MessageSending], None] | None = None

    def on_attempt(self, message: Message, attempt: int) -> None:
        """An attempt tells nothing yet."""

    def on_outcome(self, message: Message, attempt: int, state: SendState, result: Accepted | MsgcoreError) -> None:
        """Note a refusal for now, or an answer that tells nothing, and forget it once it has passed."""
        if state is SendState.WAITING:
            self.obstacle = f"refused for now: {result}"
        elif state is SendState.UNKNOWN:
            self.obstacle = f"perhaps sent: {result}"
        elif state is SendState.ACCEPTED:
            self.obstacle = None

    def on_event(self, event: Event, delivery: Delivery | None) -> None:
        """Tell of what has left."""
        if delivery is not None and self.left is not None and isinstance(event, MessageSent | MessageSending):
            self.left(event)


class DurableRun(CampaignRun):
    """Sends a campaign, and whatever waits, through an outbox, and follows it to its end.

    Args:
        outbox_file: what the outbox is called, for whoever wants to look into it.
        hooks: those of the client.
        keys: of rows that have none, by the number of the row; ``None`` where no row will come.
        pace: the account's segments per second, and how many seconds of that the provider's queue holds.
        receiving: ends when the receiver of this run does, which ends the run: it would wait for receipts in vain.
    """

    def __init__(
        self,
        campaign: Readable,
        client: AsyncClient,
        rejects: RejectsFile,
        unknown: RejectsFile,
        progress: ProgressDisplay,
        *,
        outbox: Outbox,
        outbox_file: Path,
        hooks: RunHooks,
        keys: RowKeys | None,
        pace: tuple[float, float],
        wait_final: bool,
        retries_failed: bool = False,
        receiving: "asyncio.Future[None] | None" = None,
    ) -> None:
        super().__init__(campaign, client, rejects, unknown, progress, wait_final=wait_final)
        self._retries_failed = retries_failed
        self.report.outbox_file = str(outbox_file)
        self._outbox = outbox
        self._hooks = hooks
        self._keys = keys
        self._forecast = Forecast(*pace)
        self._receiving = receiving
        self._has_lost_receiver = False
        self._put_some = asyncio.Event()
        self._is_read = keys is None
        self._ended = 0  # messages that came to an end in this run
        self._started_at = time.monotonic()

    async def run(self) -> Report:
        """Send everything, wait for the receipts, and return the report. Ctrl-C ends it early and cleanly."""
        with self._interruptible(), self._ending_with_receiver(), self._progress, self._ticking():
            following = asyncio.ensure_future(self._follow()) if self._wait_final else None
            self._hooks.left = self._take_left if self._wait_final else None
            try:
                await self._send(following)
                if self._wait_final and not self.report.was_cut_short and not self._interrupted.is_set():
                    await self._until_final()
            except (MsgcoreError, OSError) as error:
                self.report.stopped_by = str(error)
            finally:
                if following is not None:
                    following.cancel()
                    await asyncio.gather(following, return_exceptions=True)
            self._show_progress(last=True)
        self._conclude()
        self.report.wall_seconds = time.monotonic() - self._started_at
        return self.report

    async def _send(self, following: "asyncio.Future[None] | None") -> None:
        reading = asyncio.ensure_future(self._read())
        reading.add_done_callback(lambda _: self._put_some.set())
        try:
            while True:
                self._put_some.clear()
                is_last = reading.done()
                await self._deliver()
                if is_last or self._interrupted.is_set():
                    break
                if not reading.done():
                    await self._put_some.wait()
            await reading
        except (MsgcoreError, OSError) as error:  # the account is refused, the disk is full, the file cannot be read
            if not self._interrupted.is_set():
                self.report.stopped_by = str(error)
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _until_final(self) -> None:
        """Wait for the receipts; what fails and may be sent once more is sent meanwhile, and waited for as well."""
        under_way = [asyncio.ensure_future(self._client.wait_until_final())]
        if self._retries_failed:
            under_way.append(asyncio.ensure_future(self._deliver(forever=True)))  # which only an error ends
        try:
            await self._until_interrupted(*under_way)
        except ClosedError:
            if not self._interrupted.is_set():
                raise
        finally:
            for each in under_way:
                each.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def _deliver(self, *, forever: bool = False) -> None:
        async with contextlib.aclosing(self._client.deliver(forever=forever)) as outcomes:
            async for message, outcome in outcomes:
                self._take_ended(message, outcome)

    async def _read(self) -> None:
        """Put the rows of the campaign into the outbox, the refused ones aside."""
        if self._keys is None:
            return
        rows = iter(self._campaign)
        batch: list[tuple[Row, Message]] = []
        while (row := self._next_row(rows)) is not None:
            self._last_line = row.line
            self.report.rows += 1
            if isinstance(row, RefusedRow):
                self._refuse(row)
            else:
                key = row.message.key or self._keys.key_of(self.report.rows)
                batch.append((row, row.message.replace(key=key)))
            if len(batch) == ROWS_AT_ONCE:
                await self._put(batch)
                batch = []
            elif self.report.rows % ROWS_AT_ONCE == 0:
                await asyncio.sleep(0)  # rows that are all refused must not keep the loop
            self._show_progress()
        await self._put(batch)
        self._is_read = True

    async def _put(self, batch: list[tuple[Row, Message]]) -> None:
        if self._keys is not None:
            self._keys.check()
        try:
            new = await self._client.put([message for _, message in batch])
        except (KeyConflictError, MessageError):
            for row, message in batch:
                await self._put_one(row, message)
        else:
            self.report.known += len(batch) - new
        self._put_some.set()

    async def _put_one(self, row: Row, message: Message) -> None:
        try:
            check_caller_tag(message.tag)
            self.report.known += 1 - await self._client.put([message])
        except KeyConflictError:
            reason = f"key: {message.key!r} is kept in the outbox already, for a message with other content"
            self._refuse(RefusedRow(row.line, row.raw, "key", reason))
        except MessageError as error:
            self._refuse(RefusedRow(row.line, row.raw, error.field, str(error)))

    def _take_ended(self, message: Message, outcome: Accepted | MsgcoreError) -> None:
        self._ended += 1
        now = self._client.clock.now()
        if isinstance(outcome, Accepted):
            self.report.accept(message, outcome, now)
        elif classify_outcome(outcome) is OutcomeClass.ACCEPTED:
            self.report.accept(message, None, now)
        self._show_progress()

    async def _follow(self) -> None:
        async with contextlib.aclosing(self._client.events()) as events:
            async for _ in events:
                self._show_progress()

    @contextlib.contextmanager
    def _ending_with_receiver(self) -> Iterator[None]:
        """Let the end of the receiver end the run as Ctrl-C does: what is in flight is settled."""
        if self._receiving is not None:
            self._receiving.add_done_callback(self._lose_receiver)
        try:
            yield
        finally:
            if self._receiving is not None:
                self._receiving.remove_done_callback(self._lose_receiver)

    def _lose_receiver(self, receiving: "asyncio.Future[None]") -> None:
        if receiving.cancelled() or self._interrupted.is_set():
            return
        self._has_lost_receiver = True
        self.report.stopped_by = f"callbacks are taken no longer: {receiving.exception()}"
        self._interrupt()

    def _conclude(self) -> None:
        report, counts = self.report, self._counts()
        states = self._client.ledger.report()
        report.outcomes.update(self._client.ledger.outcomes)
        report.outcomes[PENDING] += self._pending()
        if not self._wait_final:
            report.outcomes[PENDING] = report.recipients - (report.outcomes.total() - report.outcomes[PENDING])
        report.codes.update({str(code): count for code, count in states.codes.items()})
        report.was_interrupted = self._interrupted.is_set() and not self._has_lost_receiver
        report.last_line = self._last_line
        if counts is not None:
            report.outbox = {state.value: getattr(counts, state.value) for state in SendState} | {"final": counts.final}
            report.unknown = counts.unknown
            if counts.waiting and report.stopped_by is None:
                report.held_up_by = self._hooks.obstacle
        if self._rejects.count:
            report.rejects_file = str(self._rejects.path)

    def _show_progress(self, *, last: bool = False) -> None:
        if not (last or self._progress.is_due):
            return
        counts = self._counts() or OutboxCounts()
        self._progress.show(self._stage(counts), self._figures(counts))

    def _stage(self, counts: OutboxCounts) -> Stage:
        waiting = counts.waiting + counts.attempting
        if not self._is_read:
            return Stage("reading", self._campaign.octets_read, self._progress.octets)
        if waiting or not self._wait_final:
            return Stage("sending", self._ended, self._ended + waiting)
        final = self._client.ledger.outcomes.total()
        return Stage("receipts", final, final + self._pending())

    def _figures(self, counts: OutboxCounts) -> str:
        report, codes, forecast = self.report, self._codes, self._forecast
        forecast.note(report.segments, time.monotonic())
        figures = [f"{report.rows:,} rows"] if self._keys is not None else []
        for count, name in (
            (report.refused, "refused"), (report.accepted, "accepted"), (counts.waiting, "waiting"),
            (counts.rejected, "rejected"), (counts.unknown, "unknown"),
        ):  # fmt: skip
            if count or name in ("accepted", "waiting"):
                figures.append(f"{count:,} {name}")
        if self._wait_final:
            figures.append(f"{self._client.ledger.outcomes.total():,} final")
        figures.append(f"{forecast.speed:,.0f} segments/s")
        if codes:
            figures.append("failed " + ", ".join(f"{count:,} x {code}" for code, count in codes.most_common(3)))
        if left := self._seconds_left(counts.waiting):
            figures.append(f"{duration(left)} left")
        if counts.waiting and self._hooks.obstacle is not None:
            figures.append(self._hooks.obstacle)
        return ", ".join(figures)

    def _seconds_left(self, waiting: int) -> float | None:
        if not isinstance(self._client.clock, SystemClock) or not (waiting or (self._wait_final and self._pending())):
            return None  # who goes by a time of his own goes as fast as he can
        segments = waiting * self.report.segments // max(1, self.report.accepted)
        return self._forecast.seconds_left(segments, until_sent=self._wait_final)

    def _counts(self) -> OutboxCounts | None:
        """Return how many messages stand where; ``None`` once the disk has failed: only the next run can tell."""
        try:
            return self._outbox.counts()
        except OutboxError:
            return None

    def _pending(self) -> int:
        """Return how many recipients of what was accepted have no outcome yet."""
        states = self._client.ledger.report().states
        return sum(states[state] for state in (DeliveryState.ACCEPTED, DeliveryState.SENDING, DeliveryState.SENT))

    @property
    def _codes(self) -> Counter[int]:
        return self._client.ledger.codes


__all__ = ["DurableRun", "NoCampaign", "RunHooks"]
