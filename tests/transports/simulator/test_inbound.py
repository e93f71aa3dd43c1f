"""What comes in: one message, id and event for each number of the account."""

import re

import pytest

from msgcore.errors import LocalError
from msgcore.wire.callbacks import decode_callbacks
from msgcore.wire.events import MessageReceived
from tests.transports.simulator.provider_requests import (
    ACCOUNT,
    APPLICATION,
    HANDSET,
    LONG_CODE,
    P2P,
    SHORT_CODE,
    START,
    TOLL_FREE,
    engine,
    get,
    sample,
)
from tests.transports.simulator.requests import everything, outline, run
from transports.simulator.inbound import OPT_IN_WORDS, OPT_OUT_WORDS, Attachment, Inbound

CAKE = Attachment("cake.jpg", b"\xff\xd8...", "image/jpeg")


def test_an_sms_comes_in_for_a_number() -> None:
    made = engine(seed=3)
    [message_id] = made.receive(Inbound(HANDSET, (LONG_CODE,), "Is my table ready? " * 10), START)
    [callback] = made.advance(START)
    [event] = decode_callbacks(callback.body)
    assert isinstance(event, MessageReceived)
    assert re.fullmatch(r"1767225600000[a-z2-7]{16}", message_id)
    assert event.raw == {
        "type": "message-received",
        "time": "2026-01-01T00:00:00.000Z",
        "description": "Incoming message received",
        "to": LONG_CODE,
        "message": {
            "id": message_id,
            "time": "2026-01-01T00:00:00.000Z",
            "to": [LONG_CODE],
            "from": HANDSET,
            "text": "Is my table ready? " * 10,
            "applicationId": APPLICATION,
            "owner": LONG_CODE,
            "direction": "in",
            "segmentCount": 2,
        },
    }


def test_a_group_is_an_event_and_an_id_for_each_number_of_the_account() -> None:
    made = engine()
    others = tuple(f"+191955502{number:02}" for number in range(20))  # inbound groups may be larger than ten
    to = (LONG_CODE, *others, P2P)
    ids = made.receive(Inbound(HANDSET, to, "photo from today", (CAKE,)), START)
    found = [decode_callbacks(callback.body)[0] for callback in made.advance(START)]
    assert len(set(ids)) == 2
    for event, owner, message_id in zip(found, (LONG_CODE, P2P), ids, strict=True):
        assert event.message is not None
        assert (event.to, event.message.owner, event.message.id) == (owner, owner, message_id)
        assert (event.message.to, event.message.from_) == (to, HANDSET)
        assert (event.message.text, event.message.segment_count) == ("photo from today", 1)
        [url] = event.message.media
        assert url == f"https://messaging.bandwidth.com/api/v2/users/{ACCOUNT}/media/{message_id}/0/cake.jpg"
        downloaded = made.handle(get(f"media/{message_id}/0/cake.jpg"), START)
        assert (downloaded.body, downloaded.headers["content-type"]) == (CAKE.content, "image/jpeg")


@pytest.mark.parametrize(
    "inbound, message",
    [
        (Inbound(HANDSET, ("+19195559999",)), "none of .* is a number of account"),
        (Inbound(HANDSET, ()), "no numbers"),
        (Inbound("+1", (LONG_CODE,)), "from"),
        (Inbound(HANDSET, (LONG_CODE, "x")), "to"),
        (Inbound(HANDSET, (LONG_CODE,), "\ud800"), "text"),
        (Inbound(HANDSET, (LONG_CODE,), "", (Attachment("../x", b""),)), "without slashes"),
        (Inbound(HANDSET, (LONG_CODE,), "", (Attachment("..", b""),)), "without slashes"),
    ],
)
def test_what_cannot_have_come_is_refused(inbound: Inbound, message: str) -> None:
    made = engine()
    with pytest.raises(LocalError, match=message):
        made.receive(inbound, START)
    assert (made.advance(START), len(made.history)) == ([], 0)


@pytest.mark.parametrize("word", sorted(OPT_OUT_WORDS))
def test_who_says_stop_gets_no_more_until_saying_start(word: str) -> None:
    made = engine()
    made.receive(Inbound(HANDSET, (TOLL_FREE,), f" {word.upper()}\n"), START)
    assert outline(run(made, START + 100, from_=TOLL_FREE))[-2:] == [
        ("message-sent", HANDSET),
        ("message-failed", HANDSET, 4775),
    ]
    # from another number, and to somebody else
    assert outline(run(made, START + 4e6, from_=SHORT_CODE))[-1] == ("message-delivered", HANDSET)
    assert outline(run(made, START + 8e6, from_=TOLL_FREE, to="+19195550124"))[-1][0] == "message-delivered"
    made.receive(Inbound(HANDSET, (TOLL_FREE,), "Start"), START + 12e6)
    assert outline(run(made, START + 13e6, from_=TOLL_FREE))[-1] == ("message-delivered", HANDSET)


def test_a_sentence_with_stop_in_it_is_none() -> None:
    made = engine()
    made.receive(Inbound(HANDSET, (LONG_CODE,), "please stop by later"), START)
    assert made.account.opt_outs == set()
    assert not OPT_IN_WORDS & OPT_OUT_WORDS


def test_opt_outs_can_be_left_to_the_customer() -> None:
    made = engine(sample(honours_opt_outs=False))
    made.receive(Inbound(HANDSET, (LONG_CODE,), "STOP"), START)
    assert outline(run(made, START + 1))[-1] == ("message-delivered", HANDSET)


def test_the_text_of_an_inbound_message_is_nowhere_but_in_its_event() -> None:
    made = engine()
    made.receive(Inbound(HANDSET, (LONG_CODE,), "the inbound secret"), START)
    assert "the inbound secret" in everything(made)
    made.advance(START)
    assert "the inbound secret" not in everything(made)


def test_attachments_that_do_not_fit_come_in_for_none_of_the_numbers() -> None:
    made = engine(media_limit=5_000)
    cake = Inbound(HANDSET, (LONG_CODE, TOLL_FREE), "look", (Attachment("cake.jpg", b"x" * 2000),))
    with pytest.raises(LocalError, match=r"media: 6\d\d\d octets, but 5000 are left"):
        made.receive(cake, START)
    assert (len(made.history), made.media.octet_count, made.advance(START)) == (0, 0, [])
    assert len(made.receive(cake._replace(to=(LONG_CODE,)), START)) == 1
