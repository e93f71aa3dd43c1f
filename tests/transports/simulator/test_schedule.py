"""When callbacks are posted, retried, given up and done again; a day of it in milliseconds."""

import json
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from msgcore.errors import LocalError
from tests.transports.simulator.provider_requests import (
    ACCOUNT,
    APPLICATION,
    HANDSET,
    LONG_CODE,
    START,
    URL,
    answer_all,
    posted,
    provider,
    sample,
    send,
)
from transports.simulator import Provider
from transports.simulator.accounts.records import Application, CallbackCredential
from transports.simulator.callbacks.schedule import Answer, Delivery, Schedule
from transports.simulator.inbound import Inbound
from transports.simulator.search.query import Query

QUERY = Query()


def with_application(**fields: Any) -> Provider:
    account = sample()
    account.put_application(Application(id=APPLICATION, callback_url=URL, **fields))
    return provider(account)


def only(made: Provider) -> Delivery:
    [delivery] = made[ACCOUNT].schedule.deliveries()
    return delivery


def test_each_event_is_posted_alone_and_in_an_array() -> None:
    made = provider()
    send(made)
    made.advance(START + 60)
    posts = answer_all(made, START + 60)
    assert [[event["type"] for event in posted(post)] for post in posts] == [["message-sent"], ["message-delivered"]]
    assert dict(posts[0].headers) == {
        "content-type": "application/json; charset=utf-8", "user-agent": "BandwidthAPI/v2",
    }  # fmt: skip
    assert (posts[0].url, posts[0].timeout_seconds) == (URL, 10.0)
    assert made.due(START + 60) == []


def test_an_application_may_take_several_events_at_once() -> None:
    made = with_application(batch_limit=3)
    for _ in range(4):
        send(made)
    made.advance(START + 60)
    assert sorted(len(posted(post)) for post in answer_all(made, START + 60)) == [2, 3, 3]
    assert made[ACCOUNT].schedule.counts.delivered == 8


def test_inbound_and_outbound_have_urls_of_their_own() -> None:
    account = sample()
    account.put_application(
        Application(id=APPLICATION, inbound_url="http://in.example.org", outbound_url="http://out.example.org")
    )
    made = provider(account)
    send(made)
    made.receive(ACCOUNT, Inbound(HANDSET, (LONG_CODE,), "hi"), START)
    made.advance(START + 60)
    found = {(posted(post)[0]["type"], post.url) for post in answer_all(made, START + 60)}
    assert found == {
        ("message-received", "http://in.example.org"),
        ("message-sent", "http://out.example.org"),
        ("message-delivered", "http://out.example.org"),
    }


def test_the_events_of_a_message_arrive_in_their_order_however_many_posts_are_under_way() -> None:
    made = provider()
    ids = [send(made, tag="sim:copies=2,delay=0")["id"] for _ in range(3)]
    made.advance(START + 60)
    kinds: list[list[str]] = []
    while posts := made.due(START + 60):
        assert sorted(posted(post)[0]["message"]["id"] for _, post in posts) == sorted(ids)
        kinds.append([posted(post)[0]["type"] for _, post in posts])
        assert made.next_due(START + 60) is None  # the rest waits for an answer, and not for a time
        for account_id, post in posts:
            made.answered(account_id, post.id, Answer(200), START + 60)
    assert kinds == [["message-sent"] * 3, ["message-delivered"] * 3, ["message-delivered"] * 3]


def test_an_event_that_has_to_be_retried_holds_back_no_other_one() -> None:
    made = provider()
    send(made)
    made.advance(START + 60)
    [(_, sent)] = made.due(START + 60)
    made.answered(ACCOUNT, sent.id, Answer(500), START + 60)
    [(_, delivered)] = made.due(START + 60)
    made.answered(ACCOUNT, delivered.id, Answer(200), START + 60)
    [again] = answer_all(made, START + 240)
    assert [posted(post)[0]["type"] for post in (delivered, again)] == ["message-delivered", "message-sent"]


def test_a_post_by_hand_neither_holds_back_nor_is_held_back() -> None:
    made = provider()
    send(made)
    made.advance(START + 60)
    schedule = made[ACCOUNT].schedule
    sent, delivered = schedule.deliveries()
    schedule.redo(delivered.id)
    (_, by_hand), (_, first) = made.due(START + 60)
    assert (by_hand.delivery_id, by_hand.by_hand, first.delivery_id) == (delivered.id, True, sent.id)
    made.answered(ACCOUNT, by_hand.id, Answer(200), START + 60)
    assert made.due(START + 60) == []
    made.answered(ACCOUNT, first.id, Answer(200), START + 60)
    [(_, second)] = made.due(START + 60)
    assert (second.delivery_id, second.by_hand) == (delivered.id, False)


def test_without_a_url_events_go_nowhere_and_are_counted() -> None:
    account = sample()
    account.put_application(Application(id=APPLICATION))
    made = provider(account)
    send(made)
    made.advance(START + 60)
    assert made.due(START + 60) == []
    assert made[ACCOUNT].schedule.counts.nowhere == 2


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_success(status: int) -> None:
    made = provider()
    send(made, to="+19195554470")
    made.advance(START + 60)
    answer_all(made, START + 60, status)
    assert only(made).state == "delivered"


@pytest.mark.parametrize(
    "answer",
    [Answer(None), Answer(301), Answer(403), Answer(404), Answer(500), Answer(401, 0, "Basic"), Answer(200, 10_001)],
)
def test_everything_else_is_a_failure_and_comes_again(answer: Answer) -> None:
    made = provider()
    send(made, to="+19195554470")
    made.advance(START + 60)
    [(_, post)] = made.due(START + 60)
    assert made.answered(ACCOUNT, post.id, answer, START + 61) is None
    assert made.next_due(START + 61) == START + 61 + 180
    assert made.due(START + 240) == []
    [(_, again)] = made.due(START + 241)
    assert again.body == post.body


def test_an_answer_after_exactly_ten_seconds_still_counts() -> None:
    made = provider()
    send(made, to="+19195554470")
    made.advance(START + 60)
    answer_all(made, START + 70, 200, milliseconds=10_000)
    assert only(made).state == "delivered"


def test_a_callback_is_retried_for_24_hours_and_then_dropped_and_counted() -> None:
    made = provider()
    send(made, to="+19195554470")
    made.advance(START + 60)
    now, times = START + 60, []
    while posts := made.due(now):
        [(account_id, post)] = posts
        times.append(now)
        made.answered(account_id, post.id, Answer(503), now)
        due = made.next_due(now)
        if due is None:
            break
        now = due
    assert times[0] == START + 60
    assert {later - earlier for earlier, later in pairwise(times)} == {180.0}
    assert times[-1] == times[0] + 86_400
    schedule = made[ACCOUNT].schedule
    assert (only(made).state, schedule.counts.dropped, schedule.counts.attempts) == ("dropped", 1, 481)
    assert [attempt.at for attempt in only(made).attempts] == times


def test_what_was_never_tried_goes_first() -> None:
    made = provider()
    for number in ("+19195554470", "+19195554401"):
        send(made, to=number)
    made.advance(START + 60)
    answer_all(made, START + 60, 500)
    send(made, START + 239, to="+19195554492")
    made.advance(START + 240)
    codes = [posted(post)[0]["errorCode"] for post in answer_all(made, START + 240)]
    assert codes[0] == 4492
    assert sorted(codes[1:]) == [4401, 4470]


def test_the_line_shows_what_waits_in_the_order_of_its_turns() -> None:
    made = provider()
    first = send(made)["id"]
    made.advance(START + 60)
    answer_all(made, START + 60, 500)
    second = send(made, START + 61)["id"]
    made.advance(START + 120)
    schedule = made[ACCOUNT].schedule
    line = schedule.line(10)
    assert [delivery.message_ids for delivery in line] == [(second,), (second,), (first,), (first,)]
    assert [delivery.attempts == () for delivery in line] == [True, True, False, False]
    assert (schedule.never_tried_count, schedule.waiting_count, schedule.under_way_count) == (2, 4, 0)
    assert schedule.line(3) == line[:3]
    assert schedule.line(1) == line[:1]


def test_no_more_posts_are_handed_out_than_asked_for() -> None:
    made = provider()
    for _ in range(3):
        send(made, to="+19195554470")
    made.advance(START + 60)
    assert [len(made.due(START + 60, 2)) for _ in range(3)] == [2, 1, 0]


def test_the_interval_is_configurable() -> None:
    made = provider(interval_seconds=7.0)
    send(made, to="+19195554470")
    made.advance(START + 60)
    answer_all(made, START + 60, 500)
    assert made.next_due(START + 60) == START + 67
    with pytest.raises(LocalError, match="interval"):
        Schedule(sample(), interval_seconds=0)


def test_credentials_are_sent_only_to_who_asks_for_them() -> None:
    made = with_application(callback_credential=CallbackCredential("user", "pass"))
    send(made, to="+19195554470")
    made.advance(START + 60)
    [(_, post)] = made.due(START + 60)
    assert "authorization" not in post.headers
    second = made.answered(ACCOUNT, post.id, Answer(401, 3, 'Basic realm="x"'), START + 60)
    assert second is not None
    assert second.headers["authorization"] == "Basic dXNlcjpwYXNz"
    assert (second.id, second.body) == (post.id, post.body)
    assert made.answered(ACCOUNT, second.id, Answer(200, 4), START + 60) is None
    assert only(made).state == "delivered"
    assert [attempt.status for attempt in only(made).attempts] == [200]


def test_inbound_and_outbound_may_have_credentials_of_their_own() -> None:
    made = with_application(
        inbound_credential=CallbackCredential("in", "1"), outbound_credential=CallbackCredential("out", "2")
    )
    made.receive(ACCOUNT, Inbound(HANDSET, (LONG_CODE,), "hi"), START)
    made.advance(START)
    [(_, post)] = made.due(START)
    second = made.answered(ACCOUNT, post.id, Answer(401, 0, "Basic"), START)
    assert second is not None
    assert second.headers["authorization"] == "Basic aW46MQ=="


def test_wrong_credentials_are_a_failure() -> None:
    made = with_application(callback_credential=CallbackCredential("user", "pass"))
    send(made, to="+19195554470")
    made.advance(START + 60)
    [(_, post)] = made.due(START + 60)
    assert made.answered(ACCOUNT, post.id, Answer(401, 0, "Basic"), START + 60) is not None
    assert made.answered(ACCOUNT, post.id, Answer(401, 0, "Basic"), START + 60) is None
    assert (only(made).state, len(only(made).attempts)) == ("waiting", 1)


def test_one_can_be_done_again_by_hand_outside_of_the_schedule() -> None:
    made = provider()
    send(made, to="+19195554470")
    made.advance(START + 60)
    answer_all(made, START + 60, 500)
    made[ACCOUNT].schedule.redo(only(made).id)
    assert made.next_due(START + 70) == START + 70
    [(_, post)] = made.due(START + 70)
    assert post.by_hand
    made.answered(ACCOUNT, post.id, Answer(200, 8), START + 70)
    delivery = only(made)
    assert [(attempt.status, attempt.milliseconds, attempt.by_hand) for attempt in delivery.attempts] == [
        (500, 5, False),
        (200, 8, True),
    ]
    # The schedule goes on as if nothing had been.
    assert (delivery.state, made.next_due(START + 70)) == ("waiting", START + 240)
    answer_all(made, START + 240)
    made[ACCOUNT].schedule.redo(delivery.id)
    answer_all(made, START + 300, 500)
    assert (delivery.state, len(delivery.attempts)) == ("delivered", 4)
    with pytest.raises(LocalError, match="none of this id"):
        made[ACCOUNT].schedule.redo(99_999)


def test_an_inbound_message_is_accepted_or_undelivered() -> None:
    for status, end in ((200, "ACCEPTED"), (500, "UNDELIVERED")):
        made = provider(interval_seconds=20_000)
        [message_id] = made.receive(ACCOUNT, Inbound(HANDSET, (LONG_CODE,), "hi"), START)
        made.advance(START)
        now = START
        while (due := made.next_due(now)) is not None:
            now = due
            answer_all(made, now, status)
        record = made[ACCOUNT].engine.history.get(message_id)
        assert record is not None
        assert (
            made[ACCOUNT]
            .engine.history.find(msgspec.structs.replace(QUERY, message_id=message_id), now)[0]
            .message_status
            == end
        )


def test_an_inbound_message_for_an_application_without_a_url_is_undelivered() -> None:
    account = sample()
    account.put_application(Application(id=APPLICATION, outbound_url=URL))
    made = provider(account)
    [message_id] = made.receive(ACCOUNT, Inbound(HANDSET, (LONG_CODE,), "hi"), START)
    made.advance(START)
    rows = made[ACCOUNT].engine.history.find(msgspec.structs.replace(QUERY, message_id=message_id), START)
    assert [row.message_status for row in rows] == ["UNDELIVERED"]


def test_only_the_last_settled_ones_are_kept() -> None:
    account = sample()
    made = provider(account)
    made[ACCOUNT].schedule.kept = 10
    for _ in range(20):
        send(made, to="+19195554470")
    made.advance(START + 60)
    answer_all(made, START + 60)
    deliveries = made[ACCOUNT].schedule.deliveries()
    assert len(deliveries) == 10
    assert made[ACCOUNT].schedule.counts.delivered == 20


def test_an_answer_that_comes_after_a_reset_is_ignored() -> None:
    made = provider()
    send(made, to="+19195554470")
    made.advance(START + 60)
    [(_, post)] = made.due(START + 60)
    made.reset()
    assert made.answered(ACCOUNT, post.id, Answer(500), START + 60) is None
    assert made.next_due(START + 60) is None
    made.remove(ACCOUNT)
    assert made.answered(ACCOUNT, post.id, Answer(200), START + 60) is None


def test_the_body_is_the_same_in_every_attempt() -> None:
    made = provider()
    made.receive(ACCOUNT, Inbound(HANDSET, (LONG_CODE,), 'a "text" \\ with 😀'), START)
    made.advance(START)
    bodies = {answer_all(made, START + 180 * number, 500)[0].body for number in range(5)}
    assert [json.loads(body)[0]["message"]["text"] for body in bodies] == ['a "text" \\ with 😀']


def test_an_application_that_loses_its_url_gets_nothing_more() -> None:
    made = provider()
    send(made, to="+19195554470")
    made.advance(START + 60)
    answer_all(made, START + 60, 500)
    made[ACCOUNT].account.put_application(Application(id=APPLICATION))
    assert made.due(START + 240) == []
    assert (only(made).state, made[ACCOUNT].schedule.counts.nowhere) == ("nowhere", 1)


@pytest.mark.parametrize(
    ("challenge", "asks"),
    [
        ('Basic realm="x"', True),
        ("basic", True),
        ('Digest realm="x", nonce="y", Basic realm="x"', True),
        ('Negotiate, Basic realm="x", charset="UTF-8"', True),
        ('Bearer realm="say \\" Basic now", Basic realm="x"', True),
        ('Bearer realm="only, Basic is gone"', False),
        ('Bearer realm="x", basic="no"', False),
        ("Bearer basic = no", False),
        ("Basically", False),
        ("Not-Basic", False),
        ("", False),
    ],
)
def test_basic_is_found_among_several_challenges(challenge: str, asks: bool) -> None:
    assert Answer(401, 0, challenge).asks_for_credentials is asks
    assert not Answer(403, 0, challenge).asks_for_credentials
