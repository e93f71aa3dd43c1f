"""What a run shows of itself while it goes on: on a terminal, however narrow, and elsewhere."""

import io
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from transports.cli import progress
from transports.cli.command import cli
from transports.cli.forecast import Forecast
from transports.cli.progress import ProgressDisplay, ReadingProgress, Stage

FIGURES = "1,200,000 rows, 1,034 accepted, 998,966 waiting, 212 segments/s, failed 12 x 4720, 1 h 18 min left"


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], io.StringIO]:
    """Make standard error a terminal of so many columns; return what is written there."""

    def make(width: int) -> io.StringIO:
        written = io.StringIO()
        made = partial(Console, file=written, width=width, force_terminal=True, force_interactive=True)
        monkeypatch.setattr(progress, "Console", lambda stderr: made())
        return written

    return make


def last_drawn(written: io.StringIO) -> str:
    """Return the words of what was drawn last."""
    drawn = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", " ", written.getvalue())
    return " ".join(drawn[drawn.rindex("sending") :].split())


@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_terminal_shows_all_figures_however_narrow_it_is(terminal: Callable[[int], io.StringIO], width: int) -> None:
    written = terminal(width)
    with ProgressDisplay(None) as display:
        display.show(Stage("sending", 1034, 1_000_000), FIGURES)
    assert FIGURES in last_drawn(written)


def test_nothing_is_shown_to_who_wants_it_quiet(terminal: Callable[[int], io.StringIO]) -> None:
    written = terminal(80)
    with ProgressDisplay(100, quiet=True) as display:
        assert not display.is_due
        display.show(Stage("sending", 1, 2), FIGURES)
    with ReadingProgress(100, quiet=True) as reading:
        reading.update(50, 7)
    assert written.getvalue() == ""


def test_a_reading_is_drawn_on_a_terminal_alone(terminal: Callable[[int], io.StringIO]) -> None:
    written = terminal(80)
    with ReadingProgress(100) as reading:
        reading.update(50, 7)
    assert "7 rows" in written.getvalue()
    assert "50%" in written.getvalue()


def test_a_durable_run_tells_what_waits_how_fast_it_goes_and_what_has_failed(tmp_path: Path) -> None:
    campaign = tmp_path / "campaign.csv"
    recipients = ["+19195554720", *(f"+1919555{number}" for number in range(1000, 1040))]
    campaign.write_text("\n".join(["to,from,text", *(f"{to},+19195550100,hello" for to in recipients), "x,y,z"]) + "\n")
    told = CliRunner().invoke(cli, ["send", "--outbox", str(tmp_path / "a.outbox"), str(campaign)]).stderr
    last = next(line for line in reversed(told.splitlines()) if ": 100%, " in line)
    expected = (
        r"receipts: 100%, 42 rows, 1 refused, 41 accepted, 0 waiting, 41 final, [\d,]+ segments/s, failed 1 x 4720"
    )
    assert re.fullmatch(expected, last), told


def test_what_the_queue_has_room_for_goes_at_the_present_speed_and_the_rest_at_the_rate() -> None:
    forecast = Forecast(10, queue_seconds=60)
    forecast.note(0, now=0.0)
    forecast.note(400, now=2.0)  # all but 20 of which still wait in the queue of 600
    assert forecast.speed == 200
    assert forecast.seconds_left(0) == 0
    assert forecast.seconds_left(100) == 0.5
    assert forecast.seconds_left(200) == 1.0
    assert forecast.seconds_left(1200) == 100
    assert forecast.seconds_left(1200, until_sent=True) == 160


def test_a_run_that_stands_still_has_no_end_in_sight_but_for_what_is_queued() -> None:
    forecast = Forecast(10, queue_seconds=60)
    assert (forecast.speed, forecast.seconds_left(5), forecast.seconds_left(0)) == (0, None, 0)
    forecast.note(0, now=0.0)
    forecast.note(50, now=0.0)
    for second in range(1, 20):
        forecast.note(50, now=float(second))
    assert forecast.speed == 0
    assert forecast.seconds_left(5) is None
    assert forecast.seconds_left(0, until_sent=True) == 0


def test_the_speed_is_that_of_the_last_seconds() -> None:
    forecast = Forecast(1000, queue_seconds=900)
    accepted = 0
    for tenth in range(300):
        accepted += 100 if tenth < 200 else 10
        forecast.note(accepted, now=tenth / 10)
    assert forecast.speed == pytest.approx(100)
