import ast
import json
from pathlib import Path

import pytest

from msgcore.errors import LocalError
from msgcore.wire.callbacks import decode_callbacks
from tests.transports.simulator.requests import (
    APPLICATION,
    SENDER,
    START,
    create,
    events,
    everything,
    outline,
    read,
    run,
)
from transports import simulator
from transports.simulator import Engine

GROUP = ["+19195550123", "+19195554720", "+19195554470"]


def test_an_sms_is_sent_and_then_delivered() -> None:
    engine = Engine.open(seed=1)
    accepted = read(engine.handle(create(tag="order-17", text="secret"), START))
    sent, delivered = events(engine.advance(START + 60))
    message = {
        "id": accepted["id"],
        "owner": SENDER,
        "applicationId": APPLICATION,
        "time": "2026-01-01T00:00:00.000Z",
        "segmentCount": 1,
        "direction": "out",
        "to": ["+19195550123"],
        "from": SENDER,
        "text": "",
        "tag": "order-17",
    }
    assert sent == {
        "type": "message-sent",
        "time": "2026-01-01T00:00:01.000Z",
        "description": "Message sent to carrier",
        "to": "+19195550123",
        "message": message,
    }
    assert delivered["type"] == "message-delivered"
    assert delivered["message"] == message
    assert "2026-01-01T00:00:01.200Z" <= delivered["time"] <= "2026-01-01T00:00:04.000Z"


def test_a_group_has_one_end_per_recipient_and_each_its_own() -> None:
    engine = Engine.open()
    accepted = read(engine.handle(create(GROUP), START))
    found = events(engine.advance(START + 60))
    assert sorted(map(str, outline(found))) == sorted(
        map(
            str,
            [
                ("message-sending", "+19195550123"),
                ("message-sending", "+19195554720"),
                ("message-delivered", "+19195550123"),
                ("message-failed", "+19195554720", 4720),
                ("message-failed", "+19195554470", 4470),
            ],
        )
    )
    assert {event["message"]["id"] for event in found} == {accepted["id"]}
    assert all(event["message"]["to"] == GROUP for event in found)


def test_an_mms_is_sending_and_then_delivered_and_shows_its_media() -> None:
    media = ["https://example.org/a.png"]
    sending, delivered = run(Engine.open(), media=media, text=None)
    assert (sending["type"], delivered["type"]) == ("message-sending", "message-delivered")
    assert sending["message"]["media"] == delivered["message"]["media"] == media


def test_a_group_goes_out_recipient_by_recipient_at_the_rate() -> None:
    found = run(Engine.open(rate=0.5), to=["+19195550123", "+19195554470", "+19195550124"])
    sending = [event["time"] for event in found if event["type"] == "message-sending"]
    # 4470 is found by the provider and does not go out, so it takes none of the rate.
    assert sending == ["2026-01-01T00:00:02.000Z", "2026-01-01T00:00:04.000Z"]


def test_the_queue_takes_exactly_its_capacity_and_has_room_again_a_segment_later() -> None:
    engine = Engine.open(rate=1)
    assert [engine.handle(create(), START).status for _ in range(901)] == [202] * 900 + [429]
    assert engine.handle(create(), START + 0.999).status == 429
    assert engine.handle(create(), START + 1.0).status == 202
    assert engine.handle(create(), START + 1.0).status == 429


def test_a_burst_of_100_a_second_fills_the_queue_of_rate_5_after_47_seconds() -> None:
    engine, count = Engine.open(rate=5), 0
    while engine.handle(create(), START + count / 100).status == 202:
        count += 1
    assert 46.5 < count / 100 < 48


def test_segments_fill_the_queue_not_messages() -> None:
    engine = Engine.open(rate=1)
    text = "a" * 1531  # 11 segments
    assert [engine.handle(create(text=text), START).status for _ in range(82)] == [202] * 81 + [429]
    assert engine.queued_segments(START) == 891


def test_priority_does_not_help_when_the_queue_is_full() -> None:
    engine = Engine.open(rate=1)
    for _ in range(900):
        engine.handle(create(), START)
    assert engine.handle(create(priority="high"), START).status == 429


def test_sms_and_mms_have_a_queue_each() -> None:
    engine = Engine.open(rate=1)
    for _ in range(900):
        engine.handle(create(), START)
    group = [f"+191955501{number}" for number in range(10, 20)]
    assert engine.handle(create(), START).status == 429
    assert [engine.handle(create(group), START).status for _ in range(91)] == [202] * 90 + [429]
    assert "MMS queue" in read(engine.handle(create(group), START))["description"]
    assert (engine.queued_segments(START), engine.queued_segments(START, mms=True)) == (900, 900)


def test_high_priority_leaves_first() -> None:
    engine = Engine.open(rate=1)
    for tag in ("d1", "d2", "h1", "d3", "h2"):
        engine.handle(create(tag=tag, priority="high" if tag[0] == "h" else None), START)
    sent = [event for event in events(engine.advance(START + 60)) if event["type"] == "message-sent"]
    # d1 was alone when it came, so the line had taken it already.
    assert [event["message"]["tag"] for event in sent] == ["d1", "h1", "h2", "d2", "d3"]


def test_a_failure_at_the_provider_takes_none_of_the_rate() -> None:
    engine = Engine.open(rate=1)
    for _ in range(900):
        engine.handle(create("+19195554470"), START)
    assert engine.queued_segments(START) == 0
    engine.handle(create(), START)
    sent = [event for event in events(engine.advance(START + 60)) if event["type"] == "message-sent"]
    assert [event["time"] for event in sent] == ["2026-01-01T00:00:01.000Z"]


def test_events_come_in_the_order_of_their_times() -> None:
    engine = Engine.open(rate=10, seed=5)
    for number in range(200):
        engine.handle(create(f"+1919555{number + 9800:04}"), START)
    due = [callback.due for callback in engine.advance(START + 86400)]
    assert due == sorted(due)


def test_the_same_seed_and_times_bring_the_same_bytes() -> None:
    def history(seed: int, step: float) -> list[bytes]:
        engine, bodies, asked = Engine.open(rate=3, seed=seed), [], START
        for number in range(60):
            now = START + number * 0.7
            while asked + step < now:
                asked += step
                bodies += [callback.body for callback in engine.advance(asked)]
            response = engine.handle(create(f"+19195554{700 + number}", text="a" * (1 + number * 5)), now)
            assert isinstance(response.body, bytes)
            bodies.append(response.body)
        return sorted(bodies + [callback.body for callback in engine.advance(START + 86400)])

    assert history(seed=1, step=7.0) == history(seed=1, step=7.0)
    # How often the engine is asked for what is due makes no difference either.
    assert history(seed=1, step=0.1) == history(seed=1, step=1e9)
    assert history(seed=1, step=7.0) != history(seed=2, step=7.0)


def test_next_due_leads_through_every_event_and_ends() -> None:
    engine, found = Engine.open(rate=1), []
    for number in ("+19195550123", "+19195559902", "+19195554401"):
        engine.handle(create(number), START)
    now = START
    while (due := engine.next_due()) is not None:
        assert due >= now
        now = due
        found += events(engine.advance(now))
    assert len(found) == 5
    assert now == START + 2 + 7200
    assert engine.open_message_count == 0


def test_a_callback_not_yet_fetched_is_due_at_once() -> None:
    engine = Engine.open()
    engine.handle(create(), START)
    engine.handle(create(to="invalid"), START + 3600)
    assert engine.next_due() == START + 1
    assert len(engine.advance(START + 3600)) == 2
    assert engine.next_due() is None


def test_time_does_not_run_backwards() -> None:
    engine = Engine.open()
    engine.handle(create(), START)
    assert read(engine.handle(create(), START - 500))["time"] == "2026-01-01T00:00:00.000Z"
    assert engine.advance(0.0) == []


@pytest.mark.parametrize("now", [float("nan"), float("inf"), float("-inf")])
def test_a_time_that_is_none_is_refused(now: float) -> None:
    engine = Engine.open()
    engine.handle(create(), START)
    for question in (engine.advance, engine.queued_segments, lambda now: engine.handle(create(), now)):
        with pytest.raises(LocalError, match="now"):
            question(now)
    assert len(engine.advance(START + 60)) == 2


def test_the_engine_imports_no_clock_and_no_loop() -> None:
    folder = Path(simulator.__file__).parent
    around = {folder / "clock.py", folder / "transport.py", folder / "__init__.py", *(folder / "service").rglob("*.py")}
    for path in set(folder.rglob("*.py")) - around:
        imported = {
            name
            for node in ast.walk(ast.parse(path.read_text()))
            for name in (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module, *(alias.name for alias in node.names)]
                if isinstance(node, ast.ImportFrom)
                else []
            )
        }
        assert not imported & {"time", "asyncio", "socket", "os", "secrets", "uuid", "threading"}, path.name
        assert "random" not in imported or "Random" in imported, path.name


def test_of_a_message_only_what_search_shows_is_kept_after_its_last_event() -> None:
    engine = Engine.open(rate=100, history_limit=10)
    secret = "the text that must not stay"
    for number in range(100):
        engine.handle(create(GROUP if number % 2 else "+19195550123", text=f"{secret} {number}", tag="a-tag"), START)
    assert engine.open_message_count == 100
    # Not even an open message holds its text.
    assert secret not in everything(engine)
    assert "a-tag" in everything(engine)
    assert not any(secret in callback.body.decode() for callback in engine.advance(START + 3600))
    assert (engine.open_message_count, engine.next_due(), len(engine.history)) == (0, None, 10)
    assert "a-tag" not in everything(engine)


def test_every_callback_is_an_array_of_one_that_the_client_reads() -> None:
    engine = Engine.open()
    engine.handle(create(GROUP, tag="t"), START)
    for callback in engine.advance(START + 3600):
        [event] = decode_callbacks(callback.body)
        assert event.to in GROUP
        assert json.loads(callback.body)[0]["message"]["text"] == ""
        assert callback.application_id == APPLICATION


@pytest.mark.parametrize(
    "fields, shortest, longest",
    [
        ({}, 0.2, 3.0),
        ({"from_": "+18005550100"}, 1.0, 10.0),
        ({"from_": "72345"}, 1.0, 10.0),
        ({"from_": "Bakery"}, 1.0, 10.0),
        ({"media": ["https://example.org/a.png"]}, 2.0, 20.0),
        ({"from_": "+18005550100", "media": ["https://example.org/a.png"]}, 2.0, 20.0),
    ],
)
def test_carriers_take_a_believable_time(fields: dict[str, str], shortest: float, longest: float) -> None:
    engine = Engine.open(rate=1000, seed=3)
    for _ in range(300):
        engine.handle(create(**fields), START)
    gone: dict[str, float] = {}
    delays = []
    for callback in engine.advance(START + 3600):
        [event] = json.loads(callback.body)
        if event["type"] in ("message-sent", "message-sending"):
            gone[event["message"]["id"]] = callback.due
        else:
            delays.append(callback.due - gone[event["message"]["id"]])
    assert len(delays) == 300
    assert shortest <= min(delays) < max(delays) <= longest + 1e-6
    assert max(delays) - min(delays) > (longest - shortest) / 2
