"""For every event: what is written is read back. For every JSON value: it never costs its array."""

import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    encode_callbacks,
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
STRINGS = st.lists(TEXTS, max_size=3).map(tuple)
CALLBACK_MESSAGES = st.builds(
    CallbackMessage,
    id=TEXTS,
    owner=TEXTS,
    application_id=st.none() | TEXTS,
    time=TEXTS,
    segment_count=st.none() | st.integers(0, 255),
    direction=st.sampled_from(["in", "out"]),
    to=STRINGS,
    from_=TEXTS,
    text=TEXTS,
    media=STRINGS,
    tag=st.none() | TEXTS,
    priority=st.none() | TEXTS,
)
FIELDS: dict[str, Any] = {
    "time": TEXTS,
    "description": TEXTS,
    "to": TEXTS,
    "message": CALLBACK_MESSAGES,
    "carrier_name": st.none() | TEXTS,
}
EVENTS: st.SearchStrategy[Event] = st.one_of(
    *(st.builds(event, **FIELDS) for event in (MessageReceived, MessageSending, MessageSent, MessageDelivered)),
    st.builds(MessageFailed, **FIELDS, error_code=st.integers(-(10**6), 10**6)),
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(st.text(), values, max_size=4),
    max_leaves=10,
)
# Almost an event: every field may be missing or be of any shape.
NAMES = ["type", "time", "description", "to", "errorCode", "carrierName", "message"]
MESSAGE_NAMES = ["id", "owner", "time", "segmentCount", "direction", "to", "from", "text", "media", "tag"]
ALMOST_MESSAGES = st.fixed_dictionaries({}, optional=dict.fromkeys(MESSAGE_NAMES, TEXTS | JSON_VALUES))
TYPES = st.sampled_from(["message-received", "message-sent", "message-delivered", "message-failed", "message-read"])
ALMOST_EVENTS = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(NAMES, TEXTS | JSON_VALUES)
    | {"type": TYPES | JSON_VALUES, "message": ALMOST_MESSAGES | JSON_VALUES},
)
GOOD: dict[str, Any] = {
    "type": "message-sent",
    "time": "2023-05-04T10:14:03Z",
    "to": "+15550009999",
    "message": {
        "id": "1",
        "owner": "+15550001111",
        "time": "2023-05-04T10:14:02Z",
        "direction": "out",
        "to": ["+15550009999"],
        "from": "+15550001111",
    },
}


def mended(value: Any) -> Any:
    """What a JSON value is once every lone surrogate is replaced, as UTF-16 with errors replaced would have it."""
    text = json.dumps(value, ensure_ascii=False)
    return json.loads("".join("\ufffd" if "\ud800" <= unit <= "\udfff" else unit for unit in text))


@given(st.lists(EVENTS, max_size=5))
def test_what_is_written_is_read_back(events: list[Event]) -> None:
    assert decode_callbacks(encode_callbacks(events)) == events


@given(st.lists(EVENTS, min_size=1, max_size=3))
def test_events_survive_a_pickle_with_their_raw_form(events: list[Event]) -> None:
    for event in decode_callbacks(encode_callbacks(events)):
        loaded = pickle.loads(pickle.dumps(event))
        assert (loaded, loaded.raw) == (event, event.raw)


@given(st.lists(JSON_VALUES | ALMOST_EVENTS, max_size=5), st.booleans())
def test_any_json_value_as_an_item_never_costs_its_array(items: list[Any], ascii_only: bool) -> None:
    body = json.dumps([GOOD, *items, GOOD], ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    events = decode_callbacks(body)
    assert len(events) == len(items) + 2
    assert isinstance(events[0], MessageSent)
    assert events[0] == events[-1]
    if ascii_only:  # otherwise a lone surrogate is three octets that are not UTF-8, each replaced
        assert [event.raw for event in events] == [mended(item) for item in [GOOD, *items, GOOD]]


@given(st.lists(JSON_VALUES | ALMOST_EVENTS, max_size=5))
def test_an_item_is_read_alike_alone_and_in_company(items: list[Any]) -> None:
    together = decode_callbacks(json.dumps([*items, 7]).encode())[:-1]
    for event, item in zip(together, items, strict=True):
        [alone] = decode_callbacks(json.dumps([item]).encode())
        if isinstance(alone, UnknownEvent):
            assert isinstance(event, UnknownEvent)
            assert (alone.type, alone.item) == (event.type, event.item)
        else:
            assert alone == event


@given(JSON_VALUES.filter(lambda value: not isinstance(value, list | dict)))
def test_a_body_that_is_no_array_is_an_error(value: Any) -> None:
    with pytest.raises(CallbackError):
        decode_callbacks(json.dumps(value).encode())
