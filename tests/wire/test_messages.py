"""Messages are checked when they are made, never change, and become the bytes of a request."""

import copy
import json
import pickle
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from msgcore.errors import MessageError
from msgcore.wire import Message, MessageKind, decode_message, encode_message

SENDER, RECIPIENT, OTHER = "+19195550100", "+19195550123", "+19195550124"
MEDIA = "https://cdn.example.org/menu.png"


def plain(**changes: Any) -> Message:
    return Message(**({"to": RECIPIENT, "from_": SENDER, "text": "hi"} | changes))


def whole() -> Message:
    return Message(
        to=[RECIPIENT, OTHER],
        from_=SENDER,
        text="dîner?",
        application_id="0f0e0d0c-0b0a-4a09-8807-060504030201",
        media=MEDIA,
        tag="order-17",
        priority="high",
        expiration="2030-01-31T23:59:00Z",
        key="campaign-1/17",
    )


def test_one_string_becomes_a_tuple() -> None:
    message = plain(media=MEDIA)
    assert (message.to, message.media) == ((RECIPIENT,), (MEDIA,))


def test_what_is_not_given_is_absent() -> None:
    message = plain()
    assert (message.application_id, message.tag, message.priority, message.expiration, message.key) == (None,) * 5
    assert message.media == ()


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, MessageKind.SMS),
        ({"media": MEDIA}, MessageKind.MMS),
        ({"to": [RECIPIENT, OTHER]}, MessageKind.GROUP_MMS),
        ({"to": [RECIPIENT, OTHER], "media": MEDIA}, MessageKind.GROUP_MMS),
    ],
)
def test_recipients_and_media_decide_the_kind(changes: dict[str, Any], kind: MessageKind) -> None:
    assert plain(**changes).kind is kind


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"from_": "12"}, "from"),
        ({"to": [RECIPIENT, OTHER, "x"]}, "to[2]"),
        ({"to": "x"}, "to[0]"),
        ({"to": []}, "to"),
        ({"text": ""}, "text"),
        ({"media": "x"}, "media[0]"),
        ({"tag": "x" * 1025}, "tag"),
        ({"priority": "urgent"}, "priority"),
        ({"expiration": "tomorrow"}, "expiration"),
        ({"application_id": ""}, "applicationId"),
        ({"key": ""}, "key"),
        ({"key": "\ud800"}, "key"),
    ],
)
def test_a_broken_rule_names_the_field_as_on_the_wire(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(MessageError) as caught:
        plain(**changes)
    assert caught.value.field == field


def test_the_first_broken_rule_counts() -> None:
    with pytest.raises(MessageError) as caught:
        Message(to="x", from_="", text="")
    assert caught.value.field == "from"


def test_a_reason_can_be_acted_on() -> None:
    with pytest.raises(MessageError, match=r"^text: 2051 characters, at most 2048 are allowed$"):
        plain(text="x" * 2051)


@pytest.mark.parametrize(
    "changes",
    [
        {"to": b"+19195550123"},
        {"to": {RECIPIENT: 1}},
        {"to": {RECIPIENT}},
        {"to": [1]},
        {"from_": None},
        {"text": b"hi"},
        {"media": [None]},
        {"tag": 1},
        {"priority": 1},
        {"expiration": 1},
        {"application_id": 1},
        {"key": 1},
    ],
)
def test_a_wrong_type_is_a_type_error(changes: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        plain(**changes)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2030, 1, 31, 23, 59, tzinfo=UTC), "2030-01-31T23:59:00Z"),
        (datetime(2030, 1, 31, 23, 59, 0, 1500, tzinfo=UTC), "2030-01-31T23:59:00.001500Z"),
        (datetime(2030, 1, 31, 18, 59, tzinfo=timezone(timedelta(hours=-5))), "2030-01-31T23:59:00Z"),
        # Zones of before 1900 have seconds, which RFC 3339 cannot write.
        (datetime(2030, 1, 31, tzinfo=timezone(timedelta(seconds=1))), "2030-01-30T23:59:59Z"),
    ],
)
def test_an_aware_datetime_is_written_in_utc(moment: datetime, text: str) -> None:
    assert plain(expiration=moment).expiration == text


def test_a_naive_datetime_is_refused() -> None:
    with pytest.raises(MessageError, match="expiration: 2030-01-31T00:00:00: expected a datetime with a time zone"):
        plain(expiration=datetime(2030, 1, 31))  # noqa: DTZ001


def test_a_datetime_outside_utc_is_refused() -> None:
    with pytest.raises(MessageError, match="no equivalent in UTC"):
        plain(expiration=datetime.max.replace(tzinfo=timezone(timedelta(hours=-5))))


def test_messages_are_values() -> None:
    assert whole() == whole()
    assert hash(whole()) == hash(whole())
    assert whole() != whole().replace(text="other")
    assert whole() != whole().replace(key=None)
    assert whole() != "message"


def test_a_message_does_not_change() -> None:
    message = plain()
    with pytest.raises(AttributeError, match=r"use replace\(text=...\)"):
        message.text = "other"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        del message.text
    with pytest.raises(AttributeError):
        message.unheard_of = 1
    assert message.text == "hi"


def test_replace_checks_again() -> None:
    with pytest.raises(MessageError):
        plain().replace(text="")


def test_a_message_crosses_a_process_border() -> None:
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(whole(), protocol)) == whole()
    assert copy.copy(whole()) == copy.deepcopy(whole()) == whole()


def test_repr_makes_the_message_again() -> None:
    assert eval(repr(whole()), {"Message": Message}) == whole()
    assert repr(plain()) == "Message(to=('+19195550123',), from_='+19195550100', text='hi')"


def test_only_what_was_given_is_written() -> None:
    request = encode_message(plain(), application_id="a-1")
    assert (request.method, request.path, request.query) == ("POST", "messages", "")
    assert request.headers == {"content-type": "application/json"}
    assert isinstance(request.body, bytes)
    assert json.loads(request.body) == {"from": SENDER, "to": [RECIPIENT], "text": "hi", "applicationId": "a-1"}


def test_everything_that_was_given_is_written_but_the_key() -> None:
    body = encode_message(whole()).body
    assert isinstance(body, bytes)
    assert json.loads(body) == {
        "from": SENDER,
        "to": [RECIPIENT, OTHER],
        "text": "dîner?",
        "applicationId": "0f0e0d0c-0b0a-4a09-8807-060504030201",
        "media": [MEDIA],
        "tag": "order-17",
        "priority": "high",
        "expiration": "2030-01-31T23:59:00Z",
    }


def test_an_empty_tag_is_given() -> None:
    body = encode_message(plain(tag=""), application_id="a-1").body
    assert isinstance(body, bytes)
    assert json.loads(body)["tag"] == ""


def test_the_message_s_own_application_wins() -> None:
    body = encode_message(plain(application_id="mine"), application_id="default").body
    assert isinstance(body, bytes)
    assert json.loads(body)["applicationId"] == "mine"


@pytest.mark.parametrize("application_id", [None, ""])
def test_a_message_without_application_cannot_be_sent(application_id: str | None) -> None:
    with pytest.raises(MessageError) as caught:
        encode_message(plain(), application_id=application_id)
    assert caught.value.field == "applicationId"


@pytest.mark.parametrize(
    ("body", "field", "reason"),
    [
        (b"", "$", "truncated"),
        (b"[]", "$", "expected an object, got an array"),
        (b"{", "$", "truncated"),
        (b'{"from": NaN}', "$", "malformed"),
        (b'{"text": "\xff"}', "$", "not UTF-8"),
        (b"[" * 100_000, "$", "nested too deeply"),
        (b'{"from": "+19195550100", "to": "+19195550123", "text": "a\\ud83d"}', "text", "position 1: a lone"),
        (b'{"from": "+19195550100", "to": 7, "text": "a"}', "to", "not a number"),
        (b'{"from": "+19195550100", "to": "+19195550123"}', "text", "required"),
    ],
)
def test_a_body_that_is_no_message_says_why(body: bytes, field: str, reason: str) -> None:
    with pytest.raises(MessageError) as caught:
        decode_message(body)
    assert caught.value.field == field
    assert reason in caught.value.reason


def test_a_body_with_nulls_and_unknown_fields_is_read() -> None:
    body = b'{"from":"+19195550100","to":"+19195550123","text":"hi","media":null,"tag":null,"x":1}'
    assert decode_message(body) == plain()
