"""The answer to a send is read for what it says, and for what it does not."""

import json
import pickle
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgcore.errors import (
    ForbiddenError,
    RateLimitedError,
    RejectedError,
    ResponseError,
    UnauthorizedError,
)
from msgcore.wire import Accepted, Response, decode_accepted, decode_send_response, encode_accepted

ACCEPTED: dict[str, Any] = {
    "id": "1700000000123abcdefgh234567ab",
    "owner": "+15550001111",
    "applicationId": "0f0e0d0c-0b0a-4a09-8807-060504030201",
    "time": "2023-11-14T22:13:20.123Z",
    "segmentCount": 2,
    "direction": "out",
    "to": ["+15550002222"],
    "from": "+15550001111",
    "text": "…",
    "tag": "order-17",
    "priority": "default",
}


def encoded(**changes: Any) -> bytes:
    return json.dumps(ACCEPTED | changes).encode()


def without(*names: str) -> bytes:
    return json.dumps({name: value for name, value in ACCEPTED.items() if name not in names}).encode()


def test_every_field_is_read() -> None:
    body = encoded(media=["https://example.org/x"], expiration="2030-01-31T23:59:00Z")
    assert decode_accepted(body) == Accepted(
        id="1700000000123abcdefgh234567ab",
        owner="+15550001111",
        application_id="0f0e0d0c-0b0a-4a09-8807-060504030201",
        time="2023-11-14T22:13:20.123Z",
        segment_count=2,
        direction="out",
        to=("+15550002222",),
        from_="+15550001111",
        text="…",
        media=("https://example.org/x",),
        tag="order-17",
        priority="default",
        expiration="2030-01-31T23:59:00Z",
    )


def test_the_time_is_read_when_asked() -> None:
    assert decode_accepted(encoded()).timestamp == datetime(2023, 11, 14, 22, 13, 20, 123000, tzinfo=UTC)
    with pytest.raises(ResponseError, match=r"\$\.time"):
        _ = decode_accepted(encoded(time="now")).timestamp


@pytest.mark.parametrize(
    ("body", "field", "value"),
    [
        (without("applicationId"), "application_id", None),
        (without("segmentCount"), "segment_count", None),
        (without("tag"), "tag", None),
        (without("priority"), "priority", None),
        (without("direction"), "direction", "out"),
        (without("owner"), "owner", "+15550001111"),
        (without("text"), "text", ""),
        (encoded(text=None, media=None, tag=None), "text", ""),
        (encoded(to="+15550002222"), "to", ("+15550002222",)),
        (encoded(segmentCount="2"), "segment_count", 2),
    ],
)
def test_answers_of_any_year_are_read(body: bytes, field: str, value: object) -> None:
    assert getattr(decode_accepted(body), field) == value


def test_unknown_fields_stay_in_raw_through_a_pickle() -> None:
    accepted = decode_accepted(encoded(weather=1))
    assert accepted.raw["weather"] == 1
    assert pickle.loads(pickle.dumps(accepted)).raw["weather"] == 1
    assert accepted == decode_accepted(encoded())


def test_raw_of_one_made_by_hand_is_its_wire_form() -> None:
    fields = {"segment_count": 2, "application_id": ACCEPTED["applicationId"], "from_": ACCEPTED["from"]}
    named = {name: value for name, value in ACCEPTED.items() if name not in ("segmentCount", "applicationId", "from")}
    accepted = Accepted(**(named | fields | {"to": tuple(ACCEPTED["to"])}))
    assert accepted.raw == ACCEPTED
    assert json.loads(encode_accepted(accepted)) == ACCEPTED


@pytest.mark.parametrize(
    ("body", "path", "reason"),
    [
        (b"", "$", "truncated"),
        (b"<html>", "$", "malformed"),
        (b"[]", "$", "expected an object, got an array"),
        (b"{}", "$", "missing required field `id`"),
        (without("id"), "$", "missing required field `id`"),
        (encoded(id=7), "$.id", "expected `str`, got `int`"),
        (encoded(to=[7]), "$.to[0]", "expected `str`"),
        (b'{"a": ' + b"[" * 100_000, "$", "nested too deeply"),
    ],
)
def test_a_202_that_cannot_be_read_says_where_and_keeps_its_status(body: bytes, path: str, reason: str) -> None:
    with pytest.raises(ResponseError) as caught:
        decode_send_response(Response(202, {}, body))
    assert (caught.value.path, caught.value.status) == (path, 202)
    assert reason in caught.value.reason
    with pytest.raises(ResponseError):
        decode_accepted(body)


def test_a_202_is_accepted() -> None:
    assert decode_send_response(Response(202, {}, encoded())) == decode_accepted(encoded())


FRAMEWORK = json.dumps(
    {"timestamp": "2019-09-09T19:02:19.253+0000", "status": 404, "error": "Not Found", "message": "no", "path": "/api"}
).encode()
OWN = b'{"type": "some-type", "description": "some text"}'

# status, body -> the class that says what became of the message
CLASSES: list[tuple[int, bytes, type[Exception]]] = [
    (200, encoded(), ResponseError),
    (204, b"", ResponseError),
    (301, b"", ResponseError),
    (307, OWN, ResponseError),
    (400, OWN, RejectedError),
    (400, b"", RejectedError),
    (401, OWN, UnauthorizedError),
    (401, b"", UnauthorizedError),
    (401, FRAMEWORK, UnauthorizedError),
    (403, b"<html>forbidden</html>", ForbiddenError),
    (404, FRAMEWORK, RejectedError),
    (405, OWN, RejectedError),
    (406, OWN, RejectedError),
    (408, OWN, ResponseError),
    (413, b"<html>", RejectedError),
    (415, OWN, RejectedError),
    (429, OWN, RateLimitedError),
    (429, b"\xff", RateLimitedError),
    (500, OWN, RejectedError),
    (500, FRAMEWORK, RejectedError),
    (500, b"<html>", ResponseError),
    (500, b"{}", ResponseError),
    (502, OWN, ResponseError),
    (503, b"", RejectedError),
    (504, b"<html>", ResponseError),
    (599, b"", ResponseError),
]


@pytest.mark.parametrize(("status", "body", "error_type"), CLASSES)
def test_the_class_says_what_became_of_the_message(status: int, body: bytes, error_type: type[Exception]) -> None:
    with pytest.raises((RejectedError, ResponseError)) as caught:
        decode_send_response(Response(status, {}, body))
    assert type(caught.value) is error_type
    assert vars(caught.value)["status"] == status


def test_a_stream_is_a_type_error() -> None:
    async def stream() -> AsyncIterator[bytes]:
        yield b"{}"

    with pytest.raises(TypeError, match="read to bytes"):
        decode_send_response(Response(202, {}, stream()))


@given(st.integers(100, 599), st.binary() | st.sampled_from([OWN, FRAMEWORK, encoded()]), st.text())
def test_every_answer_is_accepted_or_a_documented_error(status: int, body: bytes, retry_after: str) -> None:
    try:
        accepted = decode_send_response(Response(status, {"retry-after": retry_after}, body))
    except (RejectedError, ResponseError):
        return
    assert status == 202
    assert isinstance(accepted, Accepted)
