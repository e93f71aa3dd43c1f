"""Callbacks become events: one per item, whatever the item is."""

import copy
import json
import pickle
from datetime import UTC, datetime
from typing import Any

import pytest

from msgcore.errors import CallbackError
from msgcore.wire import (
    CallbackMessage,
    Event,
    MessageDelivered,
    MessageFailed,
    MessageReceived,
    MessageSending,
    MessageSent,
    UnknownEvent,
    decode_callbacks,
    delivery_code,
    encode_callbacks,
)

SENDER, RECIPIENT, OTHER = "+15550001111", "+15550009999", "+15550004444"
MESSAGE: dict[str, Any] = {
    "id": "1683195242000oa7lqsaj2xuid5zz",
    "owner": SENDER,
    "applicationId": "0f0e0d0c-0b0a-4a09-8807-060504030201",
    "time": "2023-05-04T10:14:02.000Z",
    "segmentCount": 1,
    "direction": "out",
    "to": [RECIPIENT],
    "from": SENDER,
    "text": "",
    "tag": "order-17",
}
DELIVERED: dict[str, Any] = {
    "type": "message-delivered",
    "time": "2023-05-04T10:14:03.000Z",
    "description": "ok",
    "to": RECIPIENT,
    "message": MESSAGE,
}
FAILED = DELIVERED | {"type": "message-failed", "errorCode": 4720, "description": "no such number"}


def without(item: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in names}


def decode(*items: object) -> list[Event]:
    return decode_callbacks(json.dumps(items).encode())


def decode_one(item: object) -> Event:
    """Read an item alone, and again beside one that sends the array down the slow path: both must agree."""
    [alone] = decode(item)
    beside, _ = decode(item, 7)
    assert alone == beside
    return alone


def test_an_empty_array_has_no_events() -> None:
    assert decode_callbacks(b"[]") == []


@pytest.mark.parametrize("event_type", [MessageReceived, MessageSending, MessageSent, MessageDelivered])
def test_every_type_has_its_class(event_type: type[MessageDelivered]) -> None:
    event = decode_one(DELIVERED | {"type": event_type.type})
    assert type(event) is event_type
    assert event.type == event_type.type


def test_every_field_is_read() -> None:
    message = MESSAGE | {"media": ["https://example.org/x"], "priority": "high"}
    event = decode_one(FAILED | {"carrierName": "Verizon", "message": message})
    assert event == MessageFailed(
        time="2023-05-04T10:14:03.000Z",
        description="no such number",
        to=RECIPIENT,
        error_code=4720,
        carrier_name="Verizon",
        message=CallbackMessage(
            id="1683195242000oa7lqsaj2xuid5zz",
            owner=SENDER,
            application_id="0f0e0d0c-0b0a-4a09-8807-060504030201",
            time="2023-05-04T10:14:02.000Z",
            segment_count=1,
            direction="out",
            to=(RECIPIENT,),
            from_=SENDER,
            text="",
            media=("https://example.org/x",),
            tag="order-17",
            priority="high",
        ),
    )
    assert isinstance(event, MessageFailed)
    assert event.code == delivery_code(4720)


@pytest.mark.parametrize(
    ("event_type", "terminal"),
    [
        (MessageReceived, False),
        (MessageSending, False),
        (MessageSent, False),
        (MessageDelivered, True),
        (MessageFailed, True),
        (UnknownEvent, False),
    ],
)
def test_delivered_and_failed_end_it(event_type: type[MessageDelivered], terminal: bool) -> None:
    assert event_type.is_terminal is terminal


# ----------------------------------------------------------------------------------------------------- era by era

ERAS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("2017: no to, outbound to one", without(DELIVERED, "to"), {"to": RECIPIENT}),
    (
        "2017: no to, inbound",
        without(DELIVERED, "to")
        | {"type": "message-received", "message": MESSAGE | {"direction": "in", "owner": OTHER}},
        {"to": OTHER},
    ),
    ("2017: no description", without(DELIVERED, "description"), {"description": ""}),
    ("an error code that is a string", FAILED | {"errorCode": "4720"}, {"error_code": 4720}),
    ("nulls", DELIVERED | {"description": None, "carrierName": None}, {"description": "", "carrier_name": None}),
    ("a field of tomorrow", DELIVERED | {"weather": {"rain": [1]}}, {"to": RECIPIENT}),
]

MESSAGE_ERAS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("2017: no application", without(MESSAGE, "applicationId"), {"application_id": None}),
    ("2017: no segment count", without(MESSAGE, "segmentCount"), {"segment_count": None}),
    ("a segment count that is a string", MESSAGE | {"segmentCount": "2"}, {"segment_count": 2}),
    ("no tag", without(MESSAGE, "tag"), {"tag": None}),
    ("an empty tag", MESSAGE | {"tag": ""}, {"tag": ""}),
    ("no text", without(MESSAGE, "text"), {"text": ""}),
    ("2019: full text", MESSAGE | {"text": "dîner?"}, {"text": "dîner?"}),
    ("to as a string", MESSAGE | {"to": RECIPIENT}, {"to": (RECIPIENT,)}),
    (
        "nulls",
        MESSAGE | dict.fromkeys(["text", "media", "tag", "priority", "segmentCount", "applicationId"]),
        {"text": "", "media": (), "tag": None, "priority": None, "segment_count": None, "application_id": None},
    ),
    ("a tag that says null", MESSAGE | {"tag": "null", "to": RECIPIENT}, {"tag": "null"}),
]


@pytest.mark.parametrize(("name", "item", "expected"), ERAS, ids=[name for name, _, _ in ERAS])
def test_an_event_of_any_year_is_read(name: str, item: dict[str, Any], expected: dict[str, Any]) -> None:
    event = decode_one(item)
    assert not isinstance(event, UnknownEvent)
    assert {field: getattr(event, field) for field in expected} == expected
    assert event.raw == item


@pytest.mark.parametrize(("name", "message", "expected"), MESSAGE_ERAS, ids=[name for name, _, _ in MESSAGE_ERAS])
def test_a_message_of_any_year_is_read(name: str, message: dict[str, Any], expected: dict[str, Any]) -> None:
    event = decode_one(DELIVERED | {"message": message})
    assert not isinstance(event, UnknownEvent)
    assert {field: getattr(event.message, field) for field in expected} == expected


# ------------------------------------------------------------------------------------------------- unknown events

UNKNOWN: list[tuple[str, Any, str | None, str]] = [
    ("type of 2017", DELIVERED | {"type": "message-rejected-forbidden-country"}, "message-rejected-forbidden-country",
     "$[0].type: no event is known as 'message-rejected-forbidden-country'"),
    ("RBM", DELIVERED | {"type": "message-read"}, "message-read", "$[0].type: no event is known as 'message-read'"),
    ("no type", without(DELIVERED, "type"), None, "$[0]: object missing required field `type`"),
    ("type a number", DELIVERED | {"type": 7}, None, "$[0].type: expected `str`"),
    ("no time", without(DELIVERED, "time"), "message-delivered", "$[0]: object missing required field `time`"),
    ("no message", without(DELIVERED, "message"), "message-delivered", "$[0]: object missing required field `message`"),
    ("message null", DELIVERED | {"message": None}, "message-delivered",
     "$[0]: object missing required field `message`"),
    ("message a string", DELIVERED | {"message": "x"}, "message-delivered", "$[0].message: expected `object`"),
    ("no message id", DELIVERED | {"message": without(MESSAGE, "id")}, "message-delivered",
     "$[0].message: object missing required field `id`"),
    ("recipient a number", DELIVERED | {"message": MESSAGE | {"to": [1]}}, "message-delivered",
     "$[0].message.to[0]: expected `str`"),
    ("failed without a code", without(FAILED, "errorCode"), "message-failed",
     "$[0]: object missing required field `errorCode`"),
    ("code is no number", FAILED | {"errorCode": "many"}, "message-failed", "$[0].errorCode: expected `int`"),
    ("code true", FAILED | {"errorCode": True}, "message-failed", "$[0].errorCode: expected `int`"),
    ("2017: no to, of a group", without(DELIVERED, "to") | {"message": MESSAGE | {"to": [RECIPIENT, OTHER]}},
     "message-delivered", "$[0]: object missing required field `to`"),
    ("a number", 7, None, "$[0]: expected an object, got a number"),
    ("null", None, None, "$[0]: expected an object, got null"),
    ("a string", "message-sent", None, "$[0]: expected an object, got a string"),
    ("an array", [DELIVERED], None, "$[0]: expected an object, got an array"),
    ("an empty object", {}, None, "$[0]: object missing required field `type`"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "item", "type_", "problem"), UNKNOWN, ids=[row[0] for row in UNKNOWN])
def test_what_cannot_be_read_is_kept_whole(name: str, item: Any, type_: str | None, problem: str) -> None:
    before, event, after = decode(DELIVERED, item, FAILED)
    assert isinstance(event, UnknownEvent)
    assert event.type == type_
    assert event.problem.startswith(problem.replace("[0]", "[1]", 1))
    assert event.raw == item
    assert isinstance(before, MessageDelivered)
    assert isinstance(after, MessageFailed)
    assert (before.raw, after.raw) == (DELIVERED, FAILED)


def test_an_unknown_event_tells_what_could_be_read() -> None:
    event = decode_one(DELIVERED | {"type": "message-read", "carrierName": "X", "errorCode": "12"})
    assert isinstance(event, UnknownEvent)
    known = decode_one(DELIVERED)
    assert (event.time, event.to, event.description, event.message) == (
        known.time, known.to, known.description, known.message,
    )  # fmt: skip
    assert (event.carrier_name, event.error_code) == ("X", 12)
    assert event.timestamp == datetime(2023, 5, 4, 10, 14, 3, tzinfo=UTC)
    assert event.deduplication_key == (MESSAGE["id"], "message-read", RECIPIENT, 12)


def test_an_unknown_event_that_tells_nothing_has_no_key_and_no_time() -> None:
    event = decode_one({"type": "x", "message": 7, "to": 8, "time": 9, "description": 1})
    assert isinstance(event, UnknownEvent)
    assert (event.message, event.to, event.time, event.description) == (None, None, None, "")
    assert event.deduplication_key is None
    with pytest.raises(CallbackError, match=r"^\$\.time: the event has none$"):
        _ = event.timestamp


# ------------------------------------------------------------------------------------------------- bodies and octets


def test_a_bare_object_is_an_array_of_one() -> None:
    assert decode_callbacks(json.dumps(DELIVERED).encode()) == decode(DELIVERED)
    assert decode_callbacks(b' {"type": "x"}\n')[0].raw == {"type": "x"}


def test_a_byte_order_mark_is_ignored() -> None:
    assert decode_callbacks(b"\xef\xbb\xbf" + json.dumps([DELIVERED]).encode()) == decode(DELIVERED)


@pytest.mark.parametrize("body", [bytearray(b"[7]"), memoryview(b"[7]")])
def test_other_buffers_are_read_too(body: Any) -> None:
    assert decode_callbacks(body)[0].raw == 7


@pytest.mark.parametrize("body", ["[]", None, 7])
def test_what_is_no_bytes_is_a_type_error(body: Any) -> None:
    with pytest.raises(TypeError, match="body must be bytes"):
        decode_callbacks(body)


@pytest.mark.parametrize(
    "body",
    [
        b"", b" ", b"7", b"null", b'"[]"', b"[", b"[1,]", b"[,1]", b"[1 2]", b"[1]]", b"[1] [2]", b"{", b"{},{}",
        b"{} {}", b"{}],[{}", b"[NaN]", b"[tru]", b"<html>", b"[1",
        b'["\\ud800",]', b'["\\ud800" 1]', b'["\\ud800"]]', b'["\\ud800"',
        b'["\\ud800", NaN]', b'"\\ud800"', b'{"a": "\\ud800"}, 1', b"\xff", b"[\xff]", "[]".encode("utf-16"),
        b"[" * 100_000, b'["\\ud800' + b'\\"' * 100_000,
    ],
)  # fmt: skip
def test_a_body_that_is_no_array_of_json_is_an_error(body: bytes) -> None:
    with pytest.raises(CallbackError) as caught:
        decode_callbacks(body)
    assert caught.value.path.startswith("$")


NESTED = b"[" * 100_000 + b"]" * 100_000
ODD_ITEMS: list[tuple[str, bytes]] = [
    ("half a surrogate pair", b'{"type": "x", "a": "\\ud83d"}'),
    ("octets that are not UTF-8", b'{"type": "x", "a": "\xff"}'),
    ("nested without end", NESTED),
    ("nested without end, in an object", b'{"type": "x", "a": ' + NESTED + b"}"),
    ("a number beyond all bounds", b'{"type": "x", "a": ' + b"9" * 5000 + b"}"),
    ("a float beyond all bounds", b'{"type": "x", "a": 1e999999}'),
    ("brackets and commas in strings", b'{"type": "x", "a": "],[{\\"", "b": "\\ud83d"}'),
]


@pytest.mark.parametrize(("name", "item"), ODD_ITEMS, ids=[name for name, _ in ODD_ITEMS])
def test_odd_json_never_costs_its_array(name: str, item: bytes) -> None:
    delivered = json.dumps(DELIVERED).encode()
    before, odd, after = decode_callbacks(b"[" + delivered + b" , " + item + b",\n" + delivered + b"]")
    assert before == after == decode_one(DELIVERED)
    assert isinstance(odd, UnknownEvent)
    assert odd.item == item
    [alone] = decode_callbacks(b"[" + item + b"]")
    assert isinstance(alone, UnknownEvent)
    assert alone.item == item


def test_what_nothing_can_decode_is_kept_and_says_so() -> None:
    [event] = decode_callbacks(b"[" + NESTED + b"]")
    assert isinstance(event, UnknownEvent)
    assert event.problem == "$[0]: is nested too deeply"
    with pytest.raises(CallbackError, match="nested too deeply"):
        _ = event.raw


@pytest.mark.parametrize(
    ("octets", "text"), [(b"a\\ud83d", "a\ufffd"), (b"\\ude00\\ud83d", "\ufffd\ufffd"), (b"a\xff", "a\ufffd")]
)
def test_a_text_cut_in_the_middle_of_a_character_is_still_received(octets: bytes, text: str) -> None:
    item = json.dumps(DELIVERED | {"type": "message-received", "message": MESSAGE | {"text": "TEXT"}}).encode()
    [event] = decode_callbacks(b"[" + item.replace(b"TEXT", octets) + b"]")
    assert isinstance(event, MessageReceived)
    assert event.message.text == text
    assert event.raw["message"]["text"] == text
    assert decode_callbacks(encode_callbacks([event])) == [event]


def test_raw_that_nothing_can_decode_is_a_documented_error() -> None:
    [event] = decode_callbacks(json.dumps([DELIVERED | {"x": 0}]).encode().replace(b'"x": 0', b'"x": ' + b"9" * 5000))
    assert isinstance(event, MessageDelivered)
    with pytest.raises(CallbackError):
        _ = event.raw


# ------------------------------------------------------------------------------------------------------ lazy parts


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2023-05-04T10:11:12Z", datetime(2023, 5, 4, 10, 11, 12, tzinfo=UTC)),
        ("2023-05-04T10:11:12.345Z", datetime(2023, 5, 4, 10, 11, 12, 345000, tzinfo=UTC)),
        ("2023-05-04T10:11:12.345678Z", datetime(2023, 5, 4, 10, 11, 12, 345678, tzinfo=UTC)),
        ("2023-05-04T10:11:12.345678901Z", datetime(2023, 5, 4, 10, 11, 12, 345678, tzinfo=UTC)),
        ("2023-05-04T12:11:12+02:00", datetime(2023, 5, 4, 10, 11, 12, tzinfo=UTC)),
        ("2019-09-09T19:02:19.253+0000", datetime(2019, 9, 9, 19, 2, 19, 253000, tzinfo=UTC)),
    ],
)
def test_every_precision_of_time_is_read(text: str, moment: datetime) -> None:
    event = decode_one(DELIVERED | {"time": text, "message": MESSAGE | {"time": text}})
    assert not isinstance(event, UnknownEvent)
    assert event.timestamp == event.message.timestamp == moment
    assert event.time == text


@pytest.mark.parametrize("text", ["", "yesterday", "2023-05-04T10:11:12", "2023-13-04T10:11:12Z"])
def test_a_bad_time_costs_nothing_until_it_is_asked_for(text: str) -> None:
    event = decode_one(DELIVERED | {"time": text})
    assert isinstance(event, MessageDelivered)
    with pytest.raises(CallbackError) as caught:
        _ = event.timestamp
    assert caught.value.path == "$.time"


def test_raw_shows_unknown_fields_and_is_new_each_time() -> None:
    item = DELIVERED | {"weather": {"rain": [1]}}
    first, second = decode(item, FAILED)
    assert first.raw == item
    assert second.raw == FAILED
    assert first.raw is not first.raw
    assert first == decode_one(DELIVERED)  # what is in no field counts in no comparison


def test_raw_of_an_event_made_by_hand_is_its_wire_form() -> None:
    assert MessageDelivered(
        time=DELIVERED["time"],
        description="ok",
        to=RECIPIENT,
        message=CallbackMessage(
            id=MESSAGE["id"], owner=SENDER, application_id=MESSAGE["applicationId"], time=MESSAGE["time"],
            segment_count=1, direction="out", to=(RECIPIENT,), from_=SENDER, tag="order-17",
        ),
    ).raw == DELIVERED  # fmt: skip


@pytest.mark.parametrize(
    "item", [DELIVERED | {"weather": 1}, FAILED, {"type": "x"}], ids=["known", "failed", "unknown"]
)
def test_an_event_crosses_a_process_border_whole(item: dict[str, Any]) -> None:
    _, event = decode(7, item)
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        loaded = pickle.loads(pickle.dumps(event, protocol))
        assert loaded == event
        assert hash(loaded) == hash(event)
        assert loaded.raw == item
    assert copy.copy(event).raw == copy.deepcopy(event).raw == item


def test_an_event_does_not_change() -> None:
    with pytest.raises(AttributeError):
        decode_one(DELIVERED).to = OTHER  # type: ignore[misc]


def test_what_was_decoded_can_be_written_again() -> None:
    items = [DELIVERED, FAILED, DELIVERED | {"type": "message-read"}, 7, DELIVERED | {"carrierName": "Verizon"}]
    assert json.loads(encode_callbacks(decode(*items))) == items
