"""How far a run has come: a bar on a terminal, a plain line now and then elsewhere. Always on standard error."""

import time
from collections.abc import Iterable
from types import TracebackType
from typing import Final, NamedTuple, Self

from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

SECONDS_BETWEEN_LINES = 2.0
SECONDS_BETWEEN_REFRESHES = 0.1
_LONGEST_NAME: Final = len("receipts")


class Stage(NamedTuple):
    """What a run does at the moment, and how far it is with that; no ``total`` where nobody can know it."""

    name: str
    done: int
    total: int | None


class _Bar(Progress):
    """A bar, and below it as many lines as the figures need: beside it they would be cut on most terminals."""

    figures = ""

    def get_renderables(self) -> Iterable[RenderableType]:
        """Return what is drawn."""
        yield self.make_tasks_table(self.tasks)
        if self.figures:
            yield Text(self.figures)


class _Display:
    """A bar, where standard error is a terminal and somebody wants to see it; it goes when it is done."""

    def __init__(self, first: Stage, *, quiet: bool) -> None:
        self._console = Console(stderr=True)
        self._shown_at = float("-inf")
        self._bar: _Bar | None = None
        if not quiet and self._console.is_terminal:
            self._bar = _Bar(
                TextColumn(f"[bold]{{task.description:{_LONGEST_NAME}}}[/bold]"),
                BarColumn(bar_width=32),
                TaskProgressColumn(),
                TimeElapsedColumn(),
                console=self._console,
                transient=True,
            )
            self._task = self._bar.add_task(first.name, total=first.total)

    def _draw(self, bar: _Bar, stage: Stage, figures: str) -> None:
        bar.figures = figures
        bar.update(self._task, description=stage.name, completed=stage.done, total=stage.total)

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
    """Shows how far a run is; ``octets`` are those of its file, where that is known."""

    def __init__(self, octets: int | None, *, quiet: bool = False) -> None:
        super().__init__(Stage("sending", 0, octets), quiet=quiet)
        self.octets = octets
        self._quiet = quiet

    @property
    def is_due(self) -> bool:
        """Whether figures would be shown now."""
        pause = SECONDS_BETWEEN_LINES if self._bar is None else SECONDS_BETWEEN_REFRESHES
        return not self._quiet and time.monotonic() - self._shown_at >= pause

    def show(self, stage: Stage, figures: str) -> None:
        """Show the present figures; whether they are due is for the caller to ask, before he collects them."""
        if self._quiet:
            return
        self._shown_at = time.monotonic()
        if self._bar is not None:
            self._draw(self._bar, stage, figures)
        else:
            share = f"{stage.done / stage.total:.0%}, " if stage.total else ""
            self._console.print(f"{stage.name}: {share}{figures}", highlight=False, soft_wrap=True)


class ReadingProgress(_Display):
    """Shows how much of a file has been read: a bar on a terminal, and nothing elsewhere."""

    def __init__(self, octets: int | None, *, quiet: bool = False) -> None:
        self._octets = octets
        super().__init__(Stage("reading", 0, octets), quiet=quiet)

    def update(self, octets_read: int, rows: int) -> None:
        """Show the present figures, unless it was done a moment ago."""
        if self._bar is None or time.monotonic() - self._shown_at < SECONDS_BETWEEN_REFRESHES:
            return
        self._shown_at = time.monotonic()
        self._draw(self._bar, Stage("reading", octets_read, self._octets), f"{rows:,} rows")


__all__ = ["ProgressDisplay", "ReadingProgress", "Stage"]
