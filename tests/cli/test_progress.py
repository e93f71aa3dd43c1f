"""What a person sees of a run at a terminal, however narrow that is, and in a pipe."""

import io
from collections.abc import Callable

import pytest
from rich.text import Text

from transports.cli.progress import ProgressDisplay
from transports.cli.report import Report

NOTE = ", 4,043 waiting, 3,331 segments/s, failed 4720: 12, 2.0 s left"


def shown(
    monkeypatch: pytest.MonkeyPatch,
    columns: int,
    show: Callable[[ProgressDisplay], None],
    *,
    total: int | None = 100,
    kind: str = "xterm",
) -> list[str]:
    """Return the lines that a terminal of so many columns was given."""
    screen = io.StringIO()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", kind)
    monkeypatch.setenv("COLUMNS", str(columns))
    with ProgressDisplay(total) as display:
        show(display)
    return [Text.from_ansi(line).plain.rstrip() for line in screen.getvalue().replace("\r", "\n").splitlines()]


def report(*, followed: bool = False) -> Report:
    return Report("a.csv", followed=followed, rows=8_000, refused=400, accepted=3_461, recipients=3_461)


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_no_figure_is_cut_off_however_narrow_the_terminal(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    lines = shown(
        monkeypatch,
        columns,
        lambda display: display.update(100, report(), 7, left=4_043, last=True, note=NOTE, trouble="no way out"),
    )
    assert max(map(len, lines)) <= columns
    said = " ".join(" ".join(lines).split())
    figures = f"8,000 rows, 400 refused, 3,461 accepted, 7 final{NOTE}"
    assert f"{figures} no way out" in said
    assert "46%" in said


def test_what_is_read_and_not_sent_is_not_done(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shown(monkeypatch, 80, lambda display: display.update(100, report(followed=True), 0, left=3_461, last=True))
    assert any(line.startswith("sending") and " 50%" in line for line in lines)
    assert not any(line.startswith("receipts") for line in lines)


def test_what_is_sent_is_followed_by_its_receipts_where_they_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for followed, phase in ((True, "receipts"), (False, "sending")):

        def show(display: ProgressDisplay, followed: bool = followed) -> None:
            display.update(100, report(followed=followed), 1_000, left=0, last=True)

        assert any(line.startswith(phase) for line in shown(monkeypatch, 80, show)), phase


def test_without_a_file_the_share_is_that_of_what_was_left(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shown(monkeypatch, 80, lambda display: display.update(0, report(), 0, left=3_461, last=True), total=None)
    assert any(line.startswith("sending") and " 50%" in line for line in lines)


def test_a_pipe_is_told_in_one_line_why_nothing_moves(capsys: pytest.CaptureFixture[str]) -> None:
    ProgressDisplay(100).update(100, report(), 0, left=3, last=True, trouble="refused for now: [Errno 111] refused")
    assert capsys.readouterr().err == (
        "sending: 100% read: 8,000 rows, 400 refused, 3,461 accepted, 0 final; refused for now: [Errno 111] refused\n"
    )


def test_a_terminal_that_cannot_move_its_cursor_is_told_in_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shown(monkeypatch, 80, lambda display: display.update(50, report(), 0, left=3, last=True), kind="dumb")
    assert lines == ["sending:  50% read: 8,000 rows, 400 refused, 3,461 accepted, 0 final"]
