"""Where a text may be, and from when on it is nowhere; and that a million messages take no more room than a few."""

import pickle
import tracemalloc

import pytest

from tests.transports.simulator.provider_requests import (
    ACCOUNT,
    HANDSET,
    LONG_CODE,
    START,
    answer_all,
    engine,
    provider,
    sample,
    send,
)
from tests.transports.simulator.requests import create, everything
from transports.simulator.accounts.profiles import V2_2019, V2_NOW, Profile
from transports.simulator.inbound import Inbound
from transports.simulator.inspector import Inspected, Inspector

SECRET = "nobody else needs to know 4711"
TAG = "the tag of the sender"


@pytest.mark.parametrize("profile", [V2_NOW, V2_2019])
def test_after_the_final_event_a_text_is_nowhere(profile: Profile) -> None:
    made = provider(profile=profile, inspected=0, journal=True)
    send(made, text=SECRET, tag=TAG)
    send(made, text=SECRET, media=["https://example.org/a.png"])
    made.receive(ACCOUNT, Inbound(HANDSET, (LONG_CODE,), SECRET), START)
    made.advance(START + 60)
    answer_all(made, START + 60)
    assert SECRET not in everything(made)
    assert SECRET.encode() not in pickle.dumps(made.changes())
    assert len(made[ACCOUNT].engine.history) == 3


def test_until_then_it_is_in_no_record_of_a_store() -> None:
    made = provider(profile=V2_2019, inspected=0, journal=True)
    for now in (START, START + 60):
        send(made, now, text=SECRET)
        made.receive(ACCOUNT, Inbound(HANDSET, (LONG_CODE,), SECRET), now)
        made.advance(now)
        changes = made.changes()
        assert TAG.encode() not in pickle.dumps(changes)
        assert SECRET.encode() not in pickle.dumps(changes)
        assert SECRET not in repr(changes)
    assert SECRET in everything(made)  # it is still to be posted


def test_the_inspector_keeps_the_last_few_for_the_person_testing() -> None:
    made = provider(inspected=2)
    ids = [send(made, text=f"{SECRET} {number}")["id"] for number in range(3)]
    [received] = made.receive(ACCOUNT, Inbound(HANDSET, (LONG_CODE,), "hello back"), START)
    inspector = made[ACCOUNT].engine.inspector
    assert [message.message_id for message in inspector.messages()] == [ids[2], received]
    assert inspector.get(ids[2]) == Inspected(ids[2], "out", LONG_CODE, (HANDSET,), f"{SECRET} 2", ())
    assert inspector.get(received) == Inspected(received, "in", HANDSET, (LONG_CODE,), "hello back", ())
    assert inspector.get(ids[0]) is None
    made.advance(START + 60)
    answer_all(made, START + 60)
    inspector.clear()
    assert SECRET not in everything(made)


def test_without_an_inspector_nothing_is_kept() -> None:
    inspector = Inspector(0)
    inspector.remember(Inspected("1", "out", "a", ("b",), "text", ()))
    assert inspector.messages() == ()


def test_memory_does_not_grow_with_the_number_of_messages() -> None:
    made = engine(sample(rate=100_000), history_limit=500)
    request = create(text="hello")
    used = []
    tracemalloc.start()
    try:
        for turn in range(4):
            for number in range(1500):
                assert made.handle(request, START + turn * 100 + number / 1000).status == 202
            assert len(made.advance(START + turn * 100 + 50)) == 3000
            used.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert used[3] - used[1] < 100_000  # 3,000 messages more; one alone takes 600 octets
    assert len(made.history) == 500
