"""One campaign from its first row to its last receipt, over any transport.

How this works: one task sends, another follows the events; both count into the report. Ctrl-C (or SIGTERM) sets a flag
that ends the input, also while a row is being read; what is in flight is then settled, and the report says what was and
was not sent. A second Ctrl-C acts as it always does.
"""

import asyncio
import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from msgcore.client import AsyncClient
from msgcore.delivery import Ledger, OutcomeClass, classify_outcome
from msgcore.errors import CallbackError, MsgcoreError
from msgcore.wire import Accepted, Event, Message, MessageReceived, MessageSending, MessageSent, UnknownEvent
from transports.cli.campaign import RefusedRow, Row
from transports.cli.progress import SECONDS_BETWEEN_LINES, ProgressDisplay, Stage
from transports.cli.rejects import RejectsFile
from transports.cli.report import PENDING, Report

# The simulator sends one terminal event per recipient, so nothing that is settled changes any more.
FORGET_AT = 1000


# Of a run that is followed, so many messages may wait for their receipts before more rows are read: memory is bounded.
MOST_OPEN = 100_000


class Readable(Protocol):
    """What a run needs of a campaign."""

    path: str

    @property
    def octets_read(self) -> int:
        """How much of it has been read."""
        ...

    def go_by(self, now: Callable[[], float]) -> None:
        """Refuse from here on what has expired by ``now``."""
        ...

    def __iter__(self) -> Iterator[Row | RefusedRow]:
        """Yield its rows."""
        ...


class _ReadingInterruptedError(Exception):
    """Ctrl-C came while a row was being read, perhaps from somebody who types."""


class CampaignRun:
    """Sends a campaign and follows its messages to their ends.

    Args:
        rejects: takes the rows that were certainly not sent.
        unknown: takes those that may have been.
        wait_final: follow each recipient to its terminal event, else stop when everything is accepted.
    """

    def __init__(
        self,
        campaign: Readable,
        client: AsyncClient,
        rejects: RejectsFile,
        unknown: RejectsFile,
        progress: ProgressDisplay,
        *,
        wait_final: bool,
    ) -> None:
        self.report = Report(campaign.path, followed=wait_final)
        campaign.go_by(client.clock.now)
        self._campaign = campaign
        self._client = client
        self._rejects = rejects
        self._unknown = unknown
        self._progress = progress
        self._wait_final = wait_final
        self._ledger = Ledger()
        self._open_rows: dict[int, Row] = {}  # pulled, without an outcome; by the identity of their message
        self._interrupted = asyncio.Event()
        self._is_reading = False
        self._settled_some = asyncio.Event()
        self._last_line = 0

    async def run(self) -> Report:
        """Send everything, wait for the receipts, and return the report. Ctrl-C ends it early and cleanly."""
        started_at = time.monotonic()
        with self._interruptible(), self._progress, self._ticking():
            following = asyncio.ensure_future(self._follow()) if self._wait_final else None
            if following is not None:
                following.add_done_callback(lambda _: self._settled_some.set())
            try:
                await self._send(following)
                if following is not None:
                    await self._until_interrupted(following)
            finally:
                if following is not None:
                    following.cancel()
                    await asyncio.gather(following, return_exceptions=True)
            self._show_progress(last=True)
        self._conclude()
        self.report.wall_seconds = time.monotonic() - started_at
        return self.report

    async def _send(self, following: "asyncio.Future[None] | None") -> None:
        async with contextlib.aclosing(self._client.send_many(self._messages())) as outcomes:
            try:
                async for message, outcome in outcomes:
                    self._take_outcome(self._open_rows.pop(id(message)), outcome)
                    while following is not None and self._ledger.open_count >= MOST_OPEN:
                        if following.done() or self._interrupted.is_set():
                            break
                        self._settled_some.clear()
                        await self._settled_some.wait()
            except (MsgcoreError, OSError) as error:  # the account is refused, or the file cannot be read to its end
                if not self._interrupted.is_set():
                    self.report.stopped_by = str(error)

    def _messages(self) -> Iterator[Message]:
        """Yield the messages of the campaign, setting the refused rows aside."""
        rows = iter(self._campaign)
        while (row := self._next_row(rows)) is not None:
            self._last_line = row.line
            self.report.rows += 1
            if isinstance(row, RefusedRow):
                self._refuse(row)
            else:
                self._open_rows[id(row.message)] = row
                yield row.message
            self._show_progress()

    def _next_row(self, rows: Iterator[Row | RefusedRow]) -> Row | RefusedRow | None:
        try:
            self._is_reading = True  # before the question: a Ctrl-C between the two would wait for the next row
            if self._interrupted.is_set() or self.report.stopped_by is not None:
                return None
            return next(rows, None)
        except _ReadingInterruptedError:
            return None
        finally:
            self._is_reading = False

    def _take_outcome(self, row: Row, outcome: Accepted | MsgcoreError) -> None:
        now = self._client.clock.now()
        if isinstance(outcome, Accepted):
            self.report.accept(row.message, outcome, now)
            if self._wait_final:
                self._ledger.accepted(outcome.id, outcome.to, now)
        elif classify_outcome(outcome) is OutcomeClass.ACCEPTED:
            self.report.accept(row.message, None, now)
            self.report.outcomes[PENDING] += len(row.message.to)
        elif classify_outcome(outcome) is OutcomeClass.UNKNOWN:
            self.report.unknown += 1
            self._keep(self._unknown, RefusedRow(row.line, row.raw, "provider", f"may have been sent: {outcome}"))
        else:
            self._refuse(RefusedRow(row.line, row.raw, "provider", f"not sent: {outcome}"))
        self._show_progress()

    async def _follow(self) -> None:
        async for event in self._client.events():
            self._take_event(event)

    def _take_event(self, event: Event) -> None:
        if isinstance(event, UnknownEvent | MessageReceived):
            return
        self._ledger.record(event, self._client.clock.now())
        if self._ledger.settled_count >= FORGET_AT:
            self._ledger.forget_settled()
            self._settled_some.set()
        if isinstance(event, MessageSent | MessageSending):
            self._take_left(event)
        self._show_progress()

    def _take_left(self, event: MessageSent | MessageSending) -> None:
        sent_at = _timestamp(event)
        if sent_at is not None:
            self.report.leave(event.message.segment_count or 1, sent_at)

    def _conclude(self) -> None:
        report = self.report
        report.outcomes.update(self._ledger.outcomes)
        report.outcomes[PENDING] += report.recipients - report.outcomes.total()
        report.codes.update({str(code): count for code, count in self._ledger.codes.items()})
        report.was_interrupted = self._interrupted.is_set()
        report.last_line = self._last_line
        if self._rejects.count:
            report.rejects_file = str(self._rejects.path)
        if self._unknown.count:
            report.unknown_file = str(self._unknown.path)

    def _refuse(self, row: RefusedRow) -> None:
        self.report.refuse(row)
        self._keep(self._rejects, row)

    def _keep(self, file: RejectsFile, row: RefusedRow) -> None:
        try:
            file.add(row.line, row.raw, row.reason)
        except OSError as error:  # a full disk: nothing more may be sent whose refusal could not be kept
            self.report.stopped_by = f"{file.path} cannot be written: {error.strerror or error}"

    def _show_progress(self, *, last: bool = False) -> None:
        if not (last or self._progress.is_due):
            return
        report, final = self.report, self._ledger.outcomes.total()
        octets_read, octets = self._campaign.octets_read, self._progress.octets
        stage = Stage("sending", octets_read, octets)
        if octets_read == octets and self._wait_final:  # what is left to wait for
            stage = Stage("receipts", final, report.recipients)
        figures = f"{report.rows:,} rows, {report.refused:,} refused, {report.accepted:,} accepted, {final:,} final"
        self._progress.show(stage, figures)

    @contextlib.contextmanager
    def _ticking(self) -> Iterator[None]:
        """Show the figures now and then also while nothing happens: that is when somebody looks."""
        ticking = asyncio.ensure_future(self._tick())
        try:
            yield
        finally:
            ticking.cancel()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(SECONDS_BETWEEN_LINES)
            self._show_progress()

    async def _until_interrupted(self, *awaited: "asyncio.Future[None]") -> None:
        """Wait until one of these has ended, or Ctrl-C."""
        interrupted = asyncio.ensure_future(self._interrupted.wait())
        waited_for: set[asyncio.Future[Any]] = {*awaited, interrupted}
        try:
            await asyncio.wait(waited_for, return_when=asyncio.FIRST_COMPLETED)
        finally:
            interrupted.cancel()
        for each in awaited:
            if each.done():
                each.result()

    @contextlib.contextmanager
    def _interruptible(self) -> Iterator[None]:
        """Let the first Ctrl-C or SIGTERM end the run cleanly; the second one acts as it always does."""
        loop = asyncio.get_running_loop()

        def restore() -> None:
            for number, handler in earlier.items():
                signal.signal(number, handler)

        # Not the loop's own handlers: those wait for the loop, which reading a file keeps busy.
        def interrupt(number: int, frame: object) -> None:
            restore()
            loop.call_soon_threadsafe(self._interrupt)
            self._interrupted.set()
            if self._is_reading:
                raise _ReadingInterruptedError

        earlier: dict[int, Any] = {}
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                earlier[number] = signal.signal(number, interrupt)
        try:
            yield
        finally:
            restore()

    def _interrupt(self) -> None:
        """Wake whoever waits; in the loop's own turn, which a signal handler is not."""
        self._interrupted.set()
        self._settled_some.set()
        self._client.stop()


def _timestamp(event: MessageSent | MessageSending) -> float | None:
    try:
        return event.timestamp.timestamp()
    except CallbackError:
        return None  # a time that cannot be read costs the throughput figure one event, nothing else


__all__ = ["CampaignRun"]
