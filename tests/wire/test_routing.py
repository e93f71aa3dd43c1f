"""Where events belong, read without the rest of them."""

import json
from typing import Any

import pytest

from msgcore.errors import CallbackError
from msgcore.testing import event_item
from msgcore.wire import (
    MessageDelivered,
    Route,
    UnknownEvent,
    callback_items,
    decode_callbacks,
    route_callbacks,
    route_item,
)


def body(*items: bytes) -> bytes:
    return b"[" + b",".join(items) + b"]"


def test_a_route_says_which_message_recipient_type_code_and_tag() -> None:
    item = event_item("m-1", "message-failed", errorCode=4720).replace(b'"text": ""', b'"text": "", "tag": "order-7"')
    [route] = route_callbacks(body(item))
    assert isinstance(route, Route)
    assert (route.message_id, route.type, route.to, route.error_code) == (
        "m-1", "message-failed", "+19195550123", 4720,
    )  # fmt: skip
    assert route.tag == "order-7"
    assert route.key == ("m-1", "message-failed", "+19195550123", 4720)
    assert route.item == item
    assert route.event == decode_callbacks(body(item))[0]


@pytest.mark.parametrize(
    "type, fields, code",
    [
        ("message-delivered", {}, None),
        ("message-delivered", {"errorCode": 5}, None),
        ("message-failed", {"errorCode": "4720"}, 4720),
        ("message-failed", {}, None),
        ("message-new", {"errorCode": 5}, 5),
        ("message-new", {"errorCode": None}, None),
    ],
)
def test_the_code_is_part_of_the_key_where_it_means_something(type: str, fields: dict[str, Any], code: int) -> None:
    [route] = route_callbacks(body(event_item(type=type, **fields)))
    assert isinstance(route, Route)
    assert route.key[3] == code


def test_nothing_else_has_to_make_sense() -> None:
    item = b'{"type":"message-delivered","to":"+1","time":7,"message":{"id":"m-1","owner":[],"text":5}}'
    route = route_item(item)
    assert isinstance(route, Route)
    assert route.key == ("m-1", "message-delivered", "+1", None)
    assert isinstance(route.event, UnknownEvent)


def test_events_of_2017_are_routed_to_their_only_recipient() -> None:
    message = b'{"id":"m-1","owner":"+2","time":"t","direction":"out","to":["+1"],"from":"+2"}'
    item = b'{"type":"message-sent","time":"t","message":%b}' % message
    [route] = route_callbacks(item)
    assert isinstance(route, Route)
    assert route.key == ("m-1", "message-sent", "+1", None)
    assert route.item == item


@pytest.mark.parametrize(
    "item", [b"7", b"null", b"{}", b'{"type":"a","to":"b"}', b'{"type":"a","to":"b","message":{}}']
)
def test_what_says_too_little_is_unknown_and_says_where(item: bytes) -> None:
    known, unknown = route_callbacks(body(event_item(), item))
    assert isinstance(known, Route)
    assert isinstance(unknown, UnknownEvent)
    assert unknown.item == item
    assert unknown.problem.startswith("$[1]")
    assert unknown.deduplication_key is None


@pytest.mark.parametrize("read", [route_callbacks, callback_items])
@pytest.mark.parametrize("broken", [b"", b"7", b"[", b"{}{}"])
def test_what_is_no_callback_is_an_error(read: Any, broken: bytes) -> None:
    with pytest.raises(CallbackError):
        read(broken)


def test_a_text_is_a_wrong_type() -> None:
    with pytest.raises(TypeError, match="not str"):
        route_callbacks("[]")  # type: ignore[arg-type]


def test_a_route_made_by_hand_has_an_item_of_its_fields() -> None:
    [found] = route_callbacks(body(event_item()))
    assert isinstance(found, Route)
    made = Route(type=found.type, to=found.to, message=found.message)
    assert made == found
    assert json.loads(made.item)["message"]["id"] == "m-1"
    assert isinstance(found.event, MessageDelivered)
