"""What developers get wrong in this protocol: the provider does its half of each, in the order of the list."""

import json

import pytest

from msgcore.wire.exchange import Request
from tests.transports.simulator.provider_requests import (
    ACCOUNT,
    APPLICATION,
    DAY,
    HANDSET,
    LONG_CODE,
    START,
    TOLL_FREE,
    URL,
    answer_all,
    body_of,
    engine,
    get,
    posted,
    provider,
    put,
    sample,
    send,
)
from tests.transports.simulator.requests import JSON, create, outline, read, run
from transports.simulator import Provider
from transports.simulator.accounts.profiles import V2_2019, V2_NOW
from transports.simulator.accounts.records import Application
from transports.simulator.callbacks.schedule import Answer
from transports.simulator.engine import Access
from transports.simulator.inbound import Attachment, Inbound

PICTURE = Attachment("cake.jpg", bytes(range(256)), "image/jpeg")


def delivered(made: Provider, now: float = START + 60) -> list[bytes]:
    made.advance(now)
    return [post.body for post in answer_all(made, now)]


def test_01_the_body_is_an_array_and_may_have_more_than_one_element() -> None:
    account = sample()
    account.put_application(Application(id=APPLICATION, callback_url=URL, batch_limit=10))
    made = provider(account)
    send(made)
    [body] = delivered(made)
    assert [event["type"] for event in json.loads(body)] == ["message-sent", "message-delivered"]


def test_02_an_event_that_is_answered_with_4xx_comes_again_for_a_day() -> None:
    made = provider()
    send(made)
    made.advance(START + 60)
    times, now = 0, START + 60
    while (due := made.next_due(now)) is not None:
        now = due
        for account_id, post in made.due(now):
            unknown = posted(post)[0]["type"] == "message-sent"
            times += unknown
            made.answered(account_id, post.id, Answer(400 if unknown else 200), now)
    assert (times, now) == (481, START + 60 + DAY)


@pytest.mark.parametrize("digits, length", [(0, 20), (3, 24), (6, 27)])
def test_03_three_timestamp_precisions_occur(digits: int, length: int) -> None:
    made = engine(sample(fraction_digits=digits))
    assert len(read(made.handle(create(), START))["time"]) == length
    for callback in made.advance(START + 60):
        [event] = json.loads(callback.body)
        assert (len(event["time"]), len(event["message"]["time"])) == (length, length)


def test_04_an_answer_after_ten_seconds_brings_a_duplicate() -> None:
    made = provider()
    send(made, to="+19195554470")
    made.advance(START + 60)
    first = answer_all(made, START + 60, 200, milliseconds=10_500)
    again = answer_all(made, START + 240, 200)
    assert [post.body for post in first] == [post.body for post in again]
    assert made.next_due(START + 1000) is None


def test_05_receipts_and_messages_differ_in_their_direction() -> None:
    made = provider()
    made.receive(ACCOUNT, Inbound(HANDSET, (LONG_CODE,), "hi"), START)
    send(made)
    directions = {json.loads(body)[0]["type"]: json.loads(body)[0]["message"]["direction"] for body in delivered(made)}
    assert directions == {"message-received": "in", "message-sent": "out", "message-delivered": "out"}


def test_06_one_message_id_has_several_events_and_a_group_one_for_each_recipient() -> None:
    found = run(engine(), to=[HANDSET, "+19195550124"])
    assert len({event["message"]["id"] for event in found}) == 1
    assert len({(event["type"], event["to"]) for event in found}) == len(found) == 4


def test_07_retries_overtake_and_failed_may_come_before_sending() -> None:
    made = provider()
    send(made, to="+19195554720", media=["https://example.org/a.png"], tag="sim:order=reversed")
    kinds = [json.loads(body)[0]["type"] for body in delivered(made)]
    assert kinds == ["message-failed", "message-sending"]


def test_08_a_401_without_a_challenge_ends_delivery_silently_and_a_403_leads_to_retries() -> None:
    for answer, state in ((Answer(401), "dropped"), (Answer(403), "waiting")):
        made = provider()
        send(made, to="+19195554470")
        made.advance(START + 60)
        [(_, post)] = made.due(START + 60)
        assert made.answered(ACCOUNT, post.id, answer, START + 60) is None
        assert made[ACCOUNT].schedule.deliveries()[0].state == state


def test_09_the_text_does_not_come_back_in_status_callbacks() -> None:
    assert {event["message"]["text"] for event in run(engine(), text="keep this yourself")} == {""}


def test_10_the_owner_of_an_outbound_message_is_its_sender() -> None:
    assert {event["message"]["owner"] for event in run(engine())} == {LONG_CODE}


def test_11_9902_does_not_mean_not_delivered() -> None:
    assert [each[-1] for each in outline(run(engine(), from_=TOLL_FREE, tag="sim:late=30m"))[1:]] == [9902, HANDSET]


@pytest.mark.parametrize(
    "fields, code",
    [
        ({"from_": "+19195550199"}, 4403),
        ({"applicationId": "nobody's"}, 4452),
        ({"to": "+525512345678"}, 4432),
        ({"media": [f"https://messaging.bandwidth.com/api/v2/users/{ACCOUNT}/media/none"]}, 4410),
    ],
)
def test_12_a_202_is_no_success(fields: dict[str, str], code: int) -> None:
    [failed] = run(engine(), **fields)  # type: ignore[arg-type]
    assert (failed["type"], failed["errorCode"]) == ("message-failed", code)


def test_13_many_recipients_are_a_group_that_everybody_sees_and_count_each() -> None:
    made = engine(sample(rate=1))
    group = [f"+191955501{number}" for number in range(10, 20)]
    assert read(made.handle(create(group), START))["segmentCount"] == 1
    assert made.queued_segments(START, mms=True) == 10
    found = run(made, START + 100, to=group)
    assert all(event["message"]["to"] == group for event in found)
    assert made.handle(create([*group, HANDSET]), START).status == 400


def test_14_the_application_of_another_location_is_refused_later() -> None:
    account = sample()
    account.put_application(Application(id="another"))
    assert outline(run(engine(account), applicationId="another"))[-1][-1] == 4452


def test_15_one_curly_quote_makes_three_segments_of_160_characters() -> None:
    made = engine()
    assert [read(made.handle(create(text=text), START))["segmentCount"] for text in ("a" * 160, "a" * 159 + "’")] == [
        1,
        3,
    ]


def test_16_there_is_no_idempotency_key_so_a_repeated_post_sends_twice() -> None:
    made, request = engine(), create(tag="order-17")
    ids = {read(made.handle(request, START))["id"] for _ in range(2)}
    assert len(ids) == 2
    assert len(made.advance(START + 60)) == 4


def test_17_a_full_queue_refuses_high_priority_as_well() -> None:
    made = engine(sample(rate=1))
    while made.handle(create(), START).status == 202:
        pass
    refused = made.handle(create(priority="high"), START)
    assert (refused.status, body_of(refused)["type"]) == (429, "max-message-queue-size-exceeded")
    assert "retry-after" not in refused.headers


def test_18_the_id_of_a_user_is_not_that_of_an_account() -> None:
    assert provider().handle("u-abc123", create(), START).status == 401


def test_19_descriptions_have_changed_over_the_years() -> None:
    then, now = (run(engine(profile=profile))[-1]["description"] for profile in (V2_2019, V2_NOW))
    assert then != now


def test_20_inbound_media_need_credentials_and_are_gone_after_48_hours() -> None:
    made = engine()
    [message_id] = made.receive(Inbound(HANDSET, (LONG_CODE,), "", (PICTURE,)), START)
    wanted = get(f"media/{message_id}/0/cake.jpg")
    assert made.handle(wanted, START, access=Access.UNKNOWN).status == 401
    assert made.handle(wanted, START + 2 * DAY - 1).status == 200
    assert made.handle(wanted, START + 2 * DAY).status == 404


@pytest.mark.parametrize("accepts, status", [(False, 404), (True, 200)])
def test_21_the_slashes_of_an_inbound_id_are_not_accepted_percent_encoded(accepts: bool, status: int) -> None:
    made = engine(sample(accepts_encoded_slashes=accepts))
    [message_id] = made.receive(Inbound(HANDSET, (LONG_CODE,), "", (PICTURE,)), START)
    assert made.handle(get(f"media/{message_id}%2F0%2Fcake.jpg"), START).status == status
    assert made.handle(get(f"media/{message_id}/0/cake.jpg"), START).status == 200


@pytest.mark.parametrize("carrier, count", [("AT&T", 2), ("Verizon", 2), ("TMobile", 1), (None, 1)])
def test_22_two_carriers_add_a_layout_file(carrier: str | None, count: int) -> None:
    made = engine()
    made.receive(Inbound(HANDSET, (LONG_CODE,), "", (PICTURE,), carrier), START)
    [callback] = made.advance(START)
    media = json.loads(callback.body)[0]["message"]["media"]
    assert len(media) == count
    assert media[-1].endswith(f"/{count - 1}/cake.jpg")
    if count == 2:
        layout = made.handle(get("media/" + media[0].partition("/media/")[2]), START)
        assert (layout.headers["content-type"], media[0][-5:]) == ("application/smil", ".smil")


def test_23_an_upload_is_the_raw_body_and_forgetting_its_type_is_4412_later() -> None:
    made = engine()
    multipart = b'--x\r\ncontent-disposition: form-data; name="file"\r\n\r\nGIF89a\r\n--x--\r\n'
    made.handle(put("a.gif", multipart, "multipart/form-data; boundary=x"), START)
    assert made.handle(get("media/a.gif"), START).body == multipart
    made.handle(put("b.gif", b"GIF89a", None), START)
    media = [made.media.url("a.gif")], [made.media.url("b.gif")]
    for number, urls in enumerate(media):
        made.handle(create(media=urls, tag=f"{number}"), START)
    assert [json.loads(callback.body)[0]["errorCode"] for callback in made.advance(START + 60)] == [4412, 4412]


def test_24_a_download_is_binary() -> None:
    made = engine()
    made.handle(put("a", PICTURE.content, "image/jpeg"), START)
    assert made.handle(get("media/a"), START).body == PICTURE.content


def test_25_media_are_never_public() -> None:
    made = engine()
    made.handle(put("a", b"x"), START)
    refused = made.handle(get("media/a"), START, access=Access.UNKNOWN)
    assert (refused.status, refused.headers["www-authenticate"][:5]) == (401, "Basic")


@pytest.mark.parametrize("sender, code", [(TOLL_FREE, 4411), (LONG_CODE, HANDSET)])
def test_26_toll_free_media_have_525_kilobytes(sender: str, code: object) -> None:
    made = engine()
    made.handle(put("a.png", bytes(526 * 1024)), START)
    assert outline(run(made, from_=sender, media=[made.media.url("a.png")]))[-1][-1] == code


def test_27_an_unencoded_plus_finds_nothing_and_no_parameter_is_400() -> None:
    made = engine()
    made.handle(create(), START)
    found = [
        len(body_of(made.handle(get("messages", f"sourceTn={number}"), START))["messages"])
        for number in ("%2B19195550100", "+19195550100")
    ]
    assert found == [1, 0]
    assert made.handle(get("messages"), START).status == 400


def test_28_page_links_carry_each_others_names_and_a_status_is_in_no_list() -> None:
    made = engine(sample(shows_expired_receipts=True))
    for _ in range(3):
        made.handle(create("+19195559902"), START)
    made.advance(START + DAY)
    page = body_of(made.handle(get("messages", "errorCode=9902&limit=1"), START))
    middle = body_of(made.handle(get("messages", page["pageInfo"]["nextPage"].partition("?")[2]), START))["pageInfo"]
    assert ("prevPage=" in middle["nextPage"], "nextPage=" in middle["prevPage"]) == (True, True)
    assert [row["messageStatus"] for row in page["messages"]] == ["DLR_EXPIRED"]


def test_an_answer_is_never_an_exception() -> None:
    made = engine()
    for body in (b"{", b"\xff", b"null", b"[" * 100_000, b"1" * 2_000_000):
        answered = made.handle(Request("POST", "messages", headers=JSON, body=body), START)
        assert answered.status in (400, 413)
        assert {"type", "description"} <= set(body_of(answered))
