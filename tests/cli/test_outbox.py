"""msgcore outbox: what is shown of an outbox and what not, and what a person may decide."""

import asyncio
import json
import stat
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from msgcore.delivery import Attempt, Entry, Outcome, SendState
from msgcore.errors import OutboxBusyError
from msgcore.testing.outbox_contract.scenarios import (
    accepted,
    conclusion,
    dispatching,
    entries_of,
    raised,
    text_message,
)
from transports import SqliteOutbox
from transports.cli.command import cli

TEXT = "the swordfish sings at midnight"


def outbox(*arguments: object, answer: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["outbox", *map(str, arguments)], input=answer)


def outbox_json(*arguments: object) -> Any:
    result = outbox(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """1 is waiting, 2 and 3 unknown, 4 accepted, 5 final, 6 rejected."""

    async def fill() -> None:
        kept = await dispatching(
            SqliteOutbox(tmp_path / "a.outbox"),
            *(text_message(f"{TEXT} {n}", f"k-{n}", tag="t" if n == 2 else None) for n in range(1, 7)),
        )
        await kept.attempt([Attempt(n, 1, 86_400.0) for n in range(2, 7)])
        await kept.settle(
            [Outcome(n, 1, SendState.UNKNOWN, 86_400.0, reason="no answer in time") for n in (2, 3)]
            + [accepted(4, 1, "m-4"), accepted(5, 1, "m-5"), Outcome(6, 1, SendState.REJECTED, 3.0, reason="400")]
        )
        await kept.settle([conclusion(5, "m-5", 5.0)])
        await kept.aclose()

    asyncio.run(fill())
    return tmp_path / "a.outbox"


def entries(file: Path) -> list[Entry]:
    async def read() -> list[Entry]:
        kept = SqliteOutbox(file)
        try:
            return await entries_of(kept)
        finally:
            await kept.aclose()

    return asyncio.run(read())


def test_status_counts_the_messages(file: Path) -> None:
    counts = outbox_json("status", file)
    assert {name: count for name, count in counts.items() if count} == {
        "waiting": 1,
        "unknown": 2,
        "accepted": 1,
        "final": 1,
        "rejected": 1,
        "total": 6,
    }
    printed = outbox("status", file).stdout
    assert [line.split()[1] for line in printed.splitlines()] == ["1", "0", "2", "1", "1", "1", "0", "0", "6"]


def test_unknown_lists_what_may_have_been_sent_and_neither_text_nor_number(file: Path) -> None:
    listed = outbox_json("unknown", file)
    assert [row["key"] for row in listed] == ["k-2", "k-3"]
    assert listed[0] == {
        "key": "k-2",
        "to": ["+1919…23"],
        "from": "+19195550100",
        "since": "1970-01-02T00:00:00Z",
        "attempts": 1,
        "reason": "no answer in time",
    }
    for options in ((), ("--json",)):
        printed = outbox("unknown", file, *options).stdout
        assert "k-3" in printed
        assert "swordfish" not in printed
        assert "+19195550123" not in printed
    assert "+19195550123" in outbox("unknown", file, "--reveal").stdout


def test_retry_tells_its_risk_and_does_nothing_unless_it_is_taken(file: Path) -> None:
    refused = outbox("retry", file, "--all", answer="n\n")
    assert refused.exit_code == 1
    assert "billed a second time" in " ".join(refused.stderr.split())
    assert [entry.state for entry in entries(file)[1:3]] == [SendState.UNKNOWN] * 2
    taken = outbox("retry", file, "--all", answer="y\n")
    assert taken.exit_code == 0
    assert [(entry.state, entry.attempts) for entry in entries(file)[1:3]] == [(SendState.WAITING, 1)] * 2
    assert [entry.state.value for entry in entries(file)[3:]] == ["accepted", "accepted", "rejected"]


def test_retry_of_one_key_leaves_the_others(file: Path) -> None:
    assert outbox_json("retry", file, "--key", "k-3", "--yes") == {"retried": 1}
    assert [entry.state for entry in entries(file)[1:3]] == [SendState.UNKNOWN, SendState.WAITING]
    wrong = outbox("retry", file, "--key", "k-4", "--key", "k-9", "--yes")
    assert wrong.exit_code == 1
    assert "2 of the keys belong to no unknown message" in wrong.stderr
    assert entries(file)[3].state is SendState.ACCEPTED


def test_retry_wants_to_know_which(file: Path) -> None:
    for arguments in ((), ("--all", "--key", "k-2")):
        assert outbox("retry", file, *arguments).exit_code == 2


def test_what_is_exported_is_a_campaign_that_can_be_sent(file: Path, tmp_path: Path) -> None:
    exported = tmp_path / "again.jsonl"
    result = outbox("export", file, "--state", "unknown", "--output", exported)
    assert result.exit_code == 0, result.output
    assert stat.S_IMODE(exported.stat().st_mode) == 0o600
    assert outbox("export", file, "--state", "unknown").stdout == exported.read_text()
    rows = [json.loads(line) for line in exported.read_text().splitlines()]
    assert [row["key"] for row in rows] == ["k-2", "k-3"]
    assert rows[0]["tag"] == "t"
    report = CliRunner().invoke(cli, ["send", str(exported), "--json", "--quiet"])
    assert report.exit_code == 0, report.output
    assert json.loads(report.stdout)["accepted"] == 2


def test_an_export_writes_over_no_file(file: Path) -> None:
    result = outbox("export", file, "--output", file)
    assert result.exit_code == 1
    assert "File exists" in result.stderr
    assert len(entries(file)) == 6


def test_final_messages_are_purged_by_their_age(file: Path) -> None:
    assert outbox_json("purge", file, "--older-than", "1000000") == {"purged": 0}
    assert outbox_json("purge", file) == {"purged": 2}
    assert [entry.key for entry in entries(file)] == ["k-1", "k-2", "k-3", "k-4"]


def test_what_changes_messages_is_refused_while_a_run_uses_the_outbox(file: Path) -> None:
    async def scenario() -> None:
        running = SqliteOutbox(file)
        await running.begin(now=9.0)
        for arguments in (("purge",), ("retry", "--all", "--yes")):
            result = await asyncio.to_thread(outbox, arguments[0], file, *arguments[1:])
            assert result.exit_code == 2
            assert "another dispatcher has it" in result.stderr
        looked = await asyncio.to_thread(outbox, "status", file)
        assert looked.exit_code == 0
        await raised(OutboxBusyError, running.begin(now=9.0))
        await running.aclose()

    asyncio.run(scenario())


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    result = outbox("status", tmp_path / "none.outbox")
    assert result.exit_code == 2
    assert not [*tmp_path.iterdir()]


def test_a_file_that_is_no_outbox_is_refused(tmp_path: Path) -> None:
    campaign = tmp_path / "campaign.csv"
    campaign.write_text("to,text\n" * 100)
    result = outbox("status", campaign)
    assert result.exit_code == 2
    assert "no database" in result.stderr
    assert campaign.read_text() == "to,text\n" * 100
