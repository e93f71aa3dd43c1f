"""Opt-outs: which words and codes mean one, and that the latest word counts, whatever the order it is heard in."""

import json
import resource
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgcore.delivery import ANY_SENDER, OptOut, SuppressionList, opt_out_of
from msgcore.errors import OutboxError
from msgcore.wire import decode_callbacks
from tests.delivery.events import failed
from transports.suppressions import SuppressionFile

OWN, PERSON = "+19195550100", "+19195550123"


def written(text: str, time: str = "1970-01-01T00:00:05Z") -> OptOut | None:
    message = {"id": "m", "time": time, "owner": OWN, "direction": "in", "to": [OWN], "from": PERSON, "text": text}
    body = json.dumps([{"type": "message-received", "time": time, "to": OWN, "message": message}])
    [event] = decode_callbacks(body.encode())
    return opt_out_of(event, now=10.0)


@pytest.mark.parametrize(
    "text", ["STOP", "stop", " Stop. ", "'stop'", "STOPALL", "stop  all", "Unsubscribe!", "CANCEL", "end", "quit"]
)
def test_stop_and_its_synonyms_opt_out(text: str) -> None:
    assert written(text) == OptOut(PERSON, ANY_SENDER, active=True, at=5.0)


@pytest.mark.parametrize("text", ["START", "start", "unstop"])
def test_start_lifts_it(text: str) -> None:
    assert written(text) == OptOut(PERSON, ANY_SENDER, active=False, at=5.0)


@pytest.mark.parametrize("text", ["", "stop it, bob", "don't stop", "the end", "yes", "hello"])
def test_other_words_mean_nothing(text: str) -> None:
    assert written(text) is None


def test_a_failure_counts_where_its_code_says_opted_out() -> None:
    assert opt_out_of(failed("m", PERSON, 4775), now=10.0) is not None
    assert opt_out_of(failed("m", PERSON, 4720), now=10.0) is None


def test_an_opt_out_may_hold_for_one_sender_only() -> None:
    suppressions = SuppressionList([OptOut(PERSON, OWN, active=True, at=1.0)])
    assert suppressions.suppressed(OWN, ["+19195550199", PERSON]) == PERSON
    assert suppressions.suppressed("+19195550101", [PERSON]) is None


CHANGES = st.builds(
    OptOut, st.sampled_from([PERSON, "+19195550124"]), st.sampled_from([ANY_SENDER, OWN]), st.booleans(),
    st.integers(0, 5).map(float),
)  # fmt: skip


@given(st.lists(CHANGES, max_size=12), st.data())
def test_order_and_repetition_leave_no_trace(changes: list[OptOut], data: st.DataObject) -> None:
    again = data.draw(st.permutations([*changes, *changes]))
    one, other = SuppressionList(changes), SuppressionList(again)
    assert set(one) == set(other)


def test_a_file_keeps_them_across_processes_and_half_a_line(tmp_path: Path) -> None:
    path = tmp_path / "opt-outs"
    assert SuppressionFile(path).enter(OptOut(PERSON, ANY_SENDER, active=True, at=1.0))
    with path.open("ab") as file:
        file.write(b'["+1919')  # of a process that died
    again = SuppressionFile(path)
    assert again.suppressed(OWN, [PERSON]) == PERSON
    assert again.enter(OptOut("+19195550124", ANY_SENDER, active=True, at=1.0))
    assert len(SuppressionFile(path)) == 2
    assert not SuppressionFile(path).enter(OptOut(PERSON, ANY_SENDER, active=True, at=1.0))


LINE = b'["+19195550123","",true,1.0]'


@pytest.mark.parametrize(
    "content, number",
    [
        (b"+19195550123\n", 1),
        (LINE + b"\n" + LINE[:-4] + b"\n" + LINE + b"\n", 2),  # cut, and yet ended: that was none of ours
        (LINE + b"\n\n" + b'["+19195550124","*",1,1.0]', 3),
        (LINE + b"\n+19195550124", 2),
        (LINE + b"\n\xff" + LINE, 2),
        (LINE + b"\n" + LINE[:-1] + b",7]", 2),
    ],
)
def test_a_line_that_cannot_be_read_may_be_an_opt_out_and_stops_everything(
    tmp_path: Path, content: bytes, number: int
) -> None:
    path = tmp_path / "opt-outs"
    path.write_bytes(content)
    with pytest.raises(OutboxError, match=rf"opt-outs, line {number}: expected \[recipient, .* taken out") as caught:
        SuppressionFile(path)
    assert "555" not in str(caught.value).replace(str(path), "")  # it may end up in a log
    assert path.read_bytes() == content


@pytest.mark.parametrize("length", range(1, len(LINE)))
def test_half_a_line_at_the_end_is_cut_off_wherever_a_process_died(
    tmp_path: Path, length: int, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "opt-outs"
    other = OptOut("+19195550124", OWN, active=True, at=2.0)
    SuppressionFile(path).enter(other)
    whole = path.read_bytes()
    path.write_bytes(whole + LINE[:length])
    reopened = SuppressionFile(path)
    assert len(reopened) == 1
    assert "half a line" in caplog.text
    assert reopened.enter(OptOut(PERSON, ANY_SENDER, active=True, at=1.0))
    assert path.read_bytes() == whole + LINE + b"\n"


def test_a_last_line_that_an_editor_left_without_its_break_counts(tmp_path: Path) -> None:
    path = tmp_path / "opt-outs"
    path.write_bytes(LINE)
    suppressions = SuppressionFile(path)
    assert suppressions.suppressed(OWN, [PERSON]) == PERSON
    assert suppressions.enter(OptOut("+19195550124", ANY_SENDER, active=True, at=1.0))
    assert len(SuppressionFile(path)) == 2


def test_what_somebody_writes_at_the_end_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "opt-outs"
    suppressions = SuppressionFile(path)
    path.write_bytes(LINE + b"\n+19195550199")
    with pytest.raises(OutboxError, match="line 2"):
        suppressions.enter(OptOut("+19195550124", ANY_SENDER, active=True, at=1.0))
    assert path.read_bytes().endswith(b"+19195550199")


def test_a_file_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    suppressions = SuppressionFile(tmp_path / "missing" / "opt-outs")
    with pytest.raises(OutboxError, match="cannot be kept"):
        suppressions.enter(OptOut(PERSON, ANY_SENDER, active=True, at=1.0))


def test_an_opt_out_that_could_not_be_kept_is_no_known_one(tmp_path: Path) -> None:
    folder = tmp_path / "later"
    suppressions = SuppressionFile(folder / "opt-outs")
    change = OptOut(PERSON, ANY_SENDER, active=True, at=1.0)
    with pytest.raises(OutboxError, match="cannot be kept"):
        suppressions.enter(change)
    folder.mkdir()
    assert suppressions.enter(change)
    assert len(SuppressionFile(folder / "opt-outs")) == 1
    assert stat.S_IMODE((folder / "opt-outs").stat().st_mode) == 0o600


def test_a_disk_that_takes_half_a_line_has_kept_nothing(tmp_path: Path) -> None:
    path = tmp_path / "opt-outs"
    suppressions = SuppressionFile(path)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
    try:
        with pytest.raises(OutboxError, match="cannot be kept"):
            suppressions.enter(OptOut(PERSON, ANY_SENDER, active=True, at=1.0))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.stat().st_size == 10
    assert suppressions.enter(OptOut("+19195550124", ANY_SENDER, active=True, at=1.0))  # room again
    assert len(SuppressionFile(path)) == 1
