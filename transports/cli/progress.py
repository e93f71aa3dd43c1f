"""How far a run has come: a bar on a terminal, a plain line now and then elsewhere. Always on standard error."""

import time
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

SECONDS_BETWEEN_LINES = 2.0
SECONDS_BETWEEN_REFRESHES = 0.1


class Progressed(Protocol):
    """The figures that are shown."""

    rows: int
    refused: int
    accepted: int
    recipients: int


class _Display:
    """A bar, where standard error is a terminal and somebody wants to see it; it goes when it is done."""

    def __init__(self, total: int | None, *phases: str, figures: str, quiet: bool) -> None:
        self._console = Console(stderr=True)
        self._shown_at = float("-inf")
        self._bar: Progress | None = None
        if not quiet and self._console.is_terminal:
            self._bar = Progress(
                TextColumn(f"[bold]{{task.fields[phase]:{max(map(len, phases))}}}[/bold]"),
                BarColumn(bar_width=32),
                TaskProgressColumn(),
                TextColumn("{task.fields[figures]}"),
                TimeElapsedColumn(),
                console=self._console,
                transient=True,
            )
            self._task = self._bar.add_task(phases[0], total=total, phase=phases[0], figures=figures)

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


class ProgressDisplay(_Display):
    """Shows rows read, messages accepted and recipients that are final; ``total`` counts octets of the file."""

    def __init__(self, total: int | None, *, quiet: bool = False) -> None:
        super().__init__(total, "sending", "receipts", figures="", quiet=quiet)
        self._total = total
        self._quiet = quiet

    @property
    def is_due(self) -> bool:
        """Whether figures would be shown now."""
        pause = SECONDS_BETWEEN_LINES if self._bar is None else SECONDS_BETWEEN_REFRESHES
        return not self._quiet and time.monotonic() - self._shown_at >= pause

    def update(self, octets_read: int, report: Progressed, final: int, *, last: bool = False, note: str = "") -> None:
        """Show the present figures, unless it was done a moment ago; the last ones always."""
        if self._quiet or not (last or self.is_due):
            return
        self._shown_at = time.monotonic()
        figures = f"{report.rows:,} rows, {report.refused:,} refused, {report.accepted:,} accepted, {final:,} final"
        figures += note
        if self._bar is not None:
            if octets_read == self._total:  # what is left to wait for is receipts
                self._bar.update(
                    self._task, phase="receipts", total=report.recipients, completed=final, figures=figures
                )
            else:
                self._bar.update(self._task, completed=octets_read, figures=figures)
        else:
            share = f"{octets_read / self._total:4.0%} read: " if self._total else ""
            self._console.print(f"sending: {share}{figures}", highlight=False, soft_wrap=True)


class ReadingProgress(_Display):
    """Shows how much of a file has been read: a bar on a terminal, and nothing elsewhere."""

    def __init__(self, total: int | None, *, quiet: bool = False) -> None:
        super().__init__(total, "reading", figures="0 rows", quiet=quiet)

    def update(self, octets_read: int, rows: int) -> None:
        """Show the present figures, unless it was done a moment ago."""
        if self._bar is None or time.monotonic() - self._shown_at < SECONDS_BETWEEN_REFRESHES:
            return
        self._shown_at = time.monotonic()
        self._bar.update(self._task, completed=octets_read, figures=f"{rows:,} rows")


__all__ = ["ProgressDisplay", "ReadingProgress"]
