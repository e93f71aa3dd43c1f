"""msgcore callbacks: what is shown of a store and what not, and dead letters that are tried again."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from msgcore.delivery import HandlerFailure
from msgcore.planning import RetryPolicy
from msgcore.testing import event_item
from msgcore.wire import Event
from tests.transports.webhook.asgi import post
from transports import CallbackReceiver, SqliteCallbackStore, SqliteOutbox
from transports.cli.command import cli

TEXT = "the swordfish sings at midnight"
ITEM = event_item("m-2", "message-received").replace(b'"text": ""', f'"text": "{TEXT}"'.encode())
BODY = b"[" + b",".join([event_item("m-1"), ITEM, event_item("m-3"), b'{"secret": 7}']) + b"]"


def callbacks(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["callbacks", *map(str, arguments)])


def callbacks_json(*arguments: object) -> Any:
    result = callbacks(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def receiver_over(store: SqliteCallbackStore, heard: list[str], failing: Sequence[str]) -> CallbackReceiver:
    receiver = CallbackReceiver(store, retry=RetryPolicy(max_attempts=1))

    @receiver.on(name="answer")
    async def answer(event: Event) -> None:
        assert event.message is not None
        assert event.message.id is not None
        heard.append(event.message.id)
        if event.message.id in failing:
            raise RuntimeError(f"no luck with {event.to}")

    return receiver


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Three events of which "answer" has failed on two, one of them to be tried again, and an item in quarantine."""

    async def fill() -> None:
        async with SqliteCallbackStore(tmp_path / "events.db") as store:
            async with receiver_over(store, [], ["m-2"]) as receiver:
                answer = await post(receiver, BODY)
                assert answer is not None
                assert answer.status == 200
                while not await store.failures() or (await store.progress())["answer"] < 3:
                    await asyncio.sleep(0)
            later = HandlerFailure("answer", 3, 2, 4_000_000_000.0, 86_400.0, "ValueError: swordfish")
            await store.settle_failure(later, is_over=False)

    asyncio.run(fill())
    return tmp_path / "events.db"


def test_status_says_what_has_come_and_how_far_handlers_are(file: Path) -> None:
    assert callbacks_json("status", file) == {
        "last_event": 3,
        "quarantined": 1,
        "handlers": [{"handler": "answer", "behind": 0, "to_be_tried_again": 1, "dead_letters": 1}],
    }
    lines = callbacks("status", file).stdout.splitlines()
    assert lines[0] == "last event 3; 1 items in quarantine"
    assert lines[2].split() == ["answer", "0", "1", "1"]


def test_failures_are_listed_without_numbers_texts_and_what_exceptions_say(file: Path) -> None:
    dead, later = callbacks_json("failed", file)
    assert dead.pop("failed_at").endswith("Z")
    assert dead == {
        "handler": "answer", "event": 2, "type": "message-received", "to": "+1919*******", "attempts": 1,
        "due_at": None, "problem": "RuntimeError",
    }  # fmt: skip
    assert (later["event"], later["due_at"], later["problem"]) == (3, "2096-10-02T07:06:40Z", "ValueError")
    for options in ((), ("--json",), ("--dead",)):
        printed = callbacks("failed", file, *options).stdout
        assert "RuntimeError" in printed
        assert "swordfish" not in printed
        assert "5550123" not in printed
    assert callbacks("failed", file).stdout.splitlines()[-1] == "1 dead letters, 1 to be tried again"
    assert [row["event"] for row in callbacks_json("failed", file, "--dead")] == [2]
    assert callbacks_json("failed", file, "--handler", "other") == []


def test_all_of_a_failure_is_shown_when_that_is_asked_for(file: Path) -> None:
    dead = callbacks_json("failed", file, "--reveal", "--dead")[0]
    assert dead["problem"] == "RuntimeError: no luck with +19195550123"
    assert json.loads(dead["raw"])["message"]["text"] == TEXT
    assert dead["to"] == "+19195550123"


def test_quarantined_items_are_listed_with_their_reason_and_whole_only_when_asked_for(file: Path) -> None:
    [item] = callbacks_json("quarantined", file)
    assert (item["number"], item["octets"]) == (1, 13)
    assert item["problem"] == "$: object missing required field `type`"
    for options in ((), ("--json",)):
        assert "secret" not in callbacks("quarantined", file, *options).stdout
    assert json.loads(callbacks_json("quarantined", file, "--reveal")[0]["raw"]) == {"secret": 7}
    assert callbacks("quarantined", file).stdout.splitlines()[-1] == "1 in quarantine"


def test_a_dead_letter_is_tried_again_by_the_next_receiver(file: Path) -> None:
    assert callbacks_json("retry", file, "--event", 2) == {"retried": 1}
    assert callbacks_json("status", file)["handlers"][0]["dead_letters"] == 0

    async def scenario() -> list[str]:
        heard: list[str] = []
        async with SqliteCallbackStore(file) as store, receiver_over(store, heard, []):
            while len(await store.failures()) > 1:
                await asyncio.sleep(0)
        return heard

    assert asyncio.run(scenario()) == ["m-2"]


def test_a_dead_letter_is_tried_again_by_the_receiver_that_runs(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transports.webhook.course.LOOK_SECONDS", 0.001)

    async def scenario() -> list[str]:
        heard: list[str] = []
        async with SqliteCallbackStore(file) as store, receiver_over(store, heard, []):
            result = await asyncio.to_thread(callbacks, "retry", file, "--all", "--handler", "answer")
            assert (result.exit_code, result.stdout) == (0, "1 are tried again\n")
            while len(await store.failures()) > 1:
                await asyncio.sleep(0)
        return heard

    assert asyncio.run(scenario()) == ["m-2"]


def test_what_is_no_dead_letter_is_told(file: Path) -> None:
    result = callbacks("retry", file, "--event", 3, "--event", 9)
    assert result.exit_code == 1
    assert "no dead letter: event 3, 9" in result.stderr
    assert callbacks("retry", file, "--all", "--handler", "other").stdout == "0 are tried again\n"
    for arguments in ((), ("--all", "--event", 2)):
        assert callbacks("retry", file, *arguments).exit_code == 2


def test_what_came_long_ago_is_purged_but_no_dead_letter(file: Path) -> None:
    assert callbacks_json("purge", file) == {"purged": 0, "purged_from_quarantine": 0}
    assert callbacks_json("purge", file, "--older-than", 0) == {"purged": 1, "purged_from_quarantine": 1}
    assert callbacks_json("status", file)["quarantined"] == 0
    assert [row["event"] for row in callbacks_json("failed", file)] == [2, 3]


def test_an_outbox_is_no_store_and_the_error_says_where_its_events_are(tmp_path: Path) -> None:
    async def make() -> None:
        await SqliteOutbox(tmp_path / "a.outbox").aclose()

    asyncio.run(make())
    result = callbacks("status", tmp_path / "a.outbox")
    assert result.exit_code == 2
    assert "a.outbox-events" in result.stderr
