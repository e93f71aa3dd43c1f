"""How far a run has come: a bar on a terminal, a plain line now and then elsewhere. Always on standard error.

A terminal that cannot move its cursor (``TERM=dumb``) is elsewhere.
"""

import time
from collections.abc import Iterable
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

SECONDS_BETWEEN_LINES = 2.0
SECONDS_BETWEEN_REFRESHES = 0.1


class Progressed(Protocol):
    """The figures that are shown."""

    rows: int
    refused: int
    accepted: int
    recipients: int
    followed: bool


class _BarAndFigures(Progress):
    """A bar, and the figures below it in as many lines as they take: beside it there is room for a third of them."""

    figures = ""
    trouble = ""

    def get_renderables(self) -> Iterable[RenderableType]:
        """Yield the parts, from top to bottom."""
        yield from super().get_renderables()
        yield Padding(Text(self.figures), (0, 0, 0, 2))
        if self.trouble:
            yield Padding(Text(self.trouble, style="yellow"), (0, 0, 0, 2))


class ProgressDisplay:
    """Shows rows read, messages accepted and recipients that are final; ``total`` counts octets of the file."""

    def __init__(self, total: int | None, *, quiet: bool = False) -> None:
        self._total = total
        self._console = Console(stderr=True)
        self._quiet = quiet
        self._shown_at = float("-inf")
        self._bar: _BarAndFigures | None = None
        if not quiet and self._console.is_interactive:
            self._bar = _BarAndFigures(
                TextColumn("[bold]{task.fields[phase]:8}[/bold]"),
                BarColumn(bar_width=32),
                TaskProgressColumn(),
                TimeElapsedColumn(),
                console=self._console,
                transient=True,
            )
            self._task = self._bar.add_task("sending", total=None, phase="sending")

    @property
    def is_due(self) -> bool:
        """Whether figures would be shown now."""
        pause = SECONDS_BETWEEN_LINES if self._bar is None else SECONDS_BETWEEN_REFRESHES
        return not self._quiet and time.monotonic() - self._shown_at >= pause

    def update(
        self,
        octets_read: int,
        report: Progressed,
        final: int,
        *,
        left: int | None = None,
        last: bool = False,
        note: str = "",
        trouble: str = "",
    ) -> None:
        """Show the present figures, unless it was done a moment ago; the last ones always.

        Args:
            left: messages that are read and have still to be sent, where reading is ahead of sending.
            note: further figures.
            trouble: why nothing moves.
        """
        if self._quiet or not (last or self.is_due):
            return
        self._shown_at = time.monotonic()
        figures = f"{report.rows:,} rows, {report.refused:,} refused, {report.accepted:,} accepted, {final:,} final"
        figures += note
        if self._bar is not None:
            self._bar.figures, self._bar.trouble = figures, trouble
            share = self._share(octets_read, report.accepted, left)
            if share == 1 and report.followed:  # what is left to wait for is receipts
                expected = max(report.recipients, final)
                self._bar.update(self._task, phase="receipts", total=expected, completed=final)
            elif share is not None:
                self._bar.update(self._task, phase="sending", total=1.0, completed=share)
        else:
            read = f"{octets_read / self._total:4.0%} read: " if self._total else ""
            why = f"; {trouble}" if trouble else ""
            self._console.print(f"sending: {read}{figures}{why}", highlight=False, markup=False, soft_wrap=True)

    def _share(self, octets_read: int, accepted: int, left: int | None) -> float | None:
        """Return how much of the sending is done, ``None`` where nobody knows how much there is."""
        if left is None:
            return octets_read / self._total if self._total else None
        read = octets_read / self._total if self._total else 1.0
        return read * accepted / (accepted + left) if left else read

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


class ReadingProgress:
    """Shows how much of a file has been read: a bar on a terminal, and nothing elsewhere."""

    def __init__(self, total: int | None, *, quiet: bool = False) -> None:
        console = Console(stderr=True)
        self._shown_at = float("-inf")
        self._bar: Progress | None = None
        if not quiet and console.is_interactive:
            self._bar = Progress(
                TextColumn("[bold]reading[/bold]"),
                BarColumn(bar_width=32),
                TaskProgressColumn(),
                TextColumn("{task.fields[rows]:,} rows"),
                TimeElapsedColumn(),
                console=console,
                transient=True,
            )
            self._task = self._bar.add_task("reading", total=total, rows=0)

    def update(self, octets_read: int, rows: int) -> None:
        """Show the present figures, unless it was done a moment ago."""
        if self._bar is None or time.monotonic() - self._shown_at < SECONDS_BETWEEN_REFRESHES:
            return
        self._shown_at = time.monotonic()
        self._bar.update(self._task, completed=octets_read, rows=rows)

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


__all__ = ["ProgressDisplay", "ReadingProgress"]
