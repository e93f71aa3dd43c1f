"""What an engine notes for somebody who looks on, and its messages in the order of their arrival."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgcore.errors import LocalError
from tests.transports.simulator.requests import START, create, read
from transports.simulator import Engine
from transports.simulator.inbound import Inbound
from transports.simulator.search.query import Query


def send(engine: Engine, now: float) -> str:
    return str(read(engine.handle(create(), now))["id"])


def test_every_step_of_a_message_is_noted_once_it_is_watched() -> None:
    engine = Engine.open(rate=1)
    with pytest.raises(LocalError, match="watch"):
        engine.seen()
    send(engine, START)
    engine.watch()
    assert list(engine.seen()) == []
    second = send(engine, START)
    assert second in engine.seen()  # and so is the first, which has its turn meanwhile
    assert list(engine.seen()) == []
    engine.advance(START + 1000)
    assert second in engine.seen()
    [inbound] = engine.receive(Inbound("+19195550123", ("+19195550100",), "hi"), START + 1000)
    assert list(engine.seen()) == [inbound]
    engine.settle_inbound(inbound, taken=True)
    assert list(engine.seen()) == [inbound]


def test_watching_again_forgets_nothing() -> None:
    engine = Engine.open(rate=1)
    engine.watch()
    message_id = send(engine, START)
    engine.watch()
    assert list(engine.seen()) == [message_id]


def test_it_shows_when_messages_were_taken_away_and_watching_goes_on() -> None:
    engine = Engine.open(rate=1)
    engine.watch()
    send(engine, START)
    before = engine.generation
    engine.reset()
    assert engine.generation != before
    engine.seen()
    message_id = send(engine, START)
    assert list(engine.seen()) == [message_id]
    before = engine.generation
    engine.forget(Query(), START)
    assert engine.generation != before


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.0, 5.0, 3000.0])), max_size=15))
def test_the_newest_come_first_whatever_has_ended_meanwhile(steps: list[tuple[bool, float]]) -> None:
    engine, now, ids = Engine.open(rate=1), START, list[str]()
    for is_inbound, passes in steps:
        now += passes
        if is_inbound:
            ids += engine.receive(Inbound("+19195550123", ("+19195550100",), "hi"), now)
        else:
            ids.append(send(engine, now))
    engine.advance(now)
    assert [message.id for message in engine.history.newest()] == ids[::-1]
