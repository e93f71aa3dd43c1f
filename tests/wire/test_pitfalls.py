"""What developers get wrong in this protocol, as far as it shows in the bytes: one test each, named after it."""

import json
from typing import Any

import pytest

from msgcore.errors import MessageError, RateLimitedError, ResponseError
from msgcore.wire import (
    Accepted,
    Message,
    MessageDelivered,
    MessageFailed,
    MessageKind,
    MessageReceived,
    MessageSending,
    MessageSent,
    Response,
    UnknownEvent,
    decode_callbacks,
    decode_send_response,
    delivery_code,
    encode_callbacks,
    encode_message,
    encode_rejection,
)

SENDER, RECIPIENT, OTHER = "+15550001111", "+15550009999", "+15550004444"


def item(type_: str = "message-delivered", *, to: str = RECIPIENT, **changes: Any) -> dict[str, Any]:
    message = {
        "id": "1683195242000oa7lqsaj2xuid5zz",
        "owner": SENDER,
        "time": "2023-05-04T10:14:02.000Z",
        "direction": "out",
        "to": [RECIPIENT, OTHER],
        "from": SENDER,
        "text": "",
    }
    event = {"type": type_, "time": "2023-05-04T10:14:03.000Z", "description": "ok", "to": to, "message": message}
    return event | changes


def body(*items: object) -> bytes:
    return json.dumps(items).encode()


# ------------------------------------------------------------------------------------------------------- receiving


def test_pitfall_1_the_body_is_an_array_and_every_element_counts() -> None:
    assert len(decode_callbacks(body(*[item()] * 100))) == 100
    assert encode_callbacks(decode_callbacks(body(item()))).startswith(b"[")


def test_pitfall_2_an_unknown_type_is_an_event_and_no_error() -> None:
    sent, unknown = decode_callbacks(body(item("message-sent"), item("message-of-tomorrow")))
    assert isinstance(sent, MessageSent)
    assert isinstance(unknown, UnknownEvent)


def test_pitfall_3_a_bad_time_is_no_error_until_asked_for() -> None:
    times = ["2023-05-04T10:14:03Z", "2023-05-04T10:14:03.123Z", "2023-05-04T10:14:03.123456Z", "around ten"]
    events = decode_callbacks(body(*[item(time=time) for time in times]))
    assert [event.time for event in events] == times
    assert all(isinstance(event, MessageDelivered) for event in events)


def test_pitfall_5_the_direction_tells_a_receipt_from_a_reply() -> None:
    receipt, reply = decode_callbacks(
        body(item(), item("message-received", message=item()["message"] | {"direction": "in"}))
    )
    assert isinstance(receipt, MessageDelivered)
    assert isinstance(reply, MessageReceived)
    assert (receipt.message.direction, reply.message.direction) == ("out", "in")


def test_pitfall_6_the_message_id_alone_is_no_deduplication_key() -> None:
    events = decode_callbacks(
        body(
            item("message-sending"),
            item("message-delivered"),
            item("message-delivered", to=OTHER),
            item("message-failed", errorCode=4720),
            item("message-failed", errorCode=5600),
            item("message-delivered"),
        )
    )
    keys = [event.deduplication_key for event in events]
    assert len(set(keys)) == 5
    assert keys[1] == keys[5]


def test_pitfall_7_a_failure_reads_alike_wherever_it_stands() -> None:
    failed, sending = item("message-failed", errorCode=4720), item("message-sending")
    first, second = decode_callbacks(body(failed, sending)), decode_callbacks(body(sending, failed))
    assert first == second[::-1]
    assert [type(event) for event in first] == [MessageFailed, MessageSending]


def test_pitfall_9_the_text_of_a_status_event_is_empty_and_may_be_absent() -> None:
    message = item()["message"]
    del message["text"]
    event, older = decode_callbacks(body(item(message=message), item()))
    assert isinstance(event, MessageDelivered)
    assert isinstance(older, MessageDelivered)
    assert (event.message.text, older.message.text) == ("", "")


def test_pitfall_10_the_recipient_is_never_taken_from_the_owner_of_an_outbound_event() -> None:
    message = item()["message"] | {"owner": RECIPIENT, "to": [OTHER]}  # as the published samples have it
    event = item(message=message)
    del event["to"]
    [read] = decode_callbacks(body(event))
    assert read.to == OTHER


def test_pitfall_11_9902_does_not_say_that_nothing_arrived() -> None:
    assert delivery_code(9902).category == "Ambiguous carrier result"
    assert delivery_code(9902).retryable is None


# --------------------------------------------------------------------------------------------------------- sending


def test_pitfall_12_a_202_has_no_outcome_in_it() -> None:
    accepted = Accepted(id="1", owner=SENDER, time="2023-05-04T10:14:02Z", to=(RECIPIENT,), from_=SENDER)
    assert not hasattr(accepted, "is_terminal")


def test_pitfall_13_many_recipients_make_one_group_that_everybody_sees() -> None:
    message = Message(to=[RECIPIENT, OTHER], from_=SENDER, text="hi")
    assert message.kind is MessageKind.GROUP_MMS
    with pytest.raises(MessageError, match="11 recipients, at most 10"):
        Message(to=[f"+1555000{number}" for number in range(1000, 1011)], from_=SENDER, text="hi")


def test_pitfall_16_a_4xxx_is_never_worth_a_retry_and_a_56xx_one() -> None:
    assert delivery_code(4432).retry_limit == 0
    assert delivery_code(5600).retry_limit == 1


def test_pitfall_16_an_answer_that_says_neither_yes_nor_no_is_no_rejection() -> None:
    with pytest.raises(ResponseError):
        decode_send_response(Response(504, {}, b"<html>gateway time-out</html>"))


def test_pitfall_17_a_full_queue_refuses_high_priority_too() -> None:
    refusal = encode_rejection(429, "max-message-queue-size-exceeded", "full")
    with pytest.raises(RateLimitedError):
        decode_send_response(refusal)


def test_pitfall_18_no_account_stands_in_what_the_core_writes() -> None:
    request = encode_message(Message(to=RECIPIENT, from_=SENDER, text="hi"), application_id="a-1")
    assert request.path == "messages"


@pytest.mark.parametrize(
    "description", ["ok", "Message delivered to carrier", "Message delivered to handset.", "", "zugestellt"]
)
def test_pitfall_19_nothing_depends_on_a_description(description: str) -> None:
    [event] = decode_callbacks(body(item(description=description)))
    assert type(event) is MessageDelivered
    assert event.description == description
