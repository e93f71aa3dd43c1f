"""Bytes in: accepted, or a documented error, and nothing else. Bytes are drawn wild, and as damaged good bodies."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from msgcore.errors import CallbackError, MessageError, RejectedError, ResponseError
from msgcore.wire import (
    Response,
    decode_accepted,
    decode_callbacks,
    decode_message,
    decode_send_response,
    encode_callbacks,
    encode_message,
)

SAMPLES = [
    json.dumps(case["body"]).encode()
    for file in sorted((Path(__file__).parent.parent / "conformance" / "data").glob("*.json"))
    for case in json.loads(file.read_text(encoding="utf-8"))["cases"]
]
# What JSON readers stumble over, to be planted anywhere.
TROUBLE = [
    b"\\ud800",
    b"\xff",
    b"\x00",
    b"[" * 5000,
    b"9" * 5000,
    b"1e999",
    b"NaN",
    b'"',
    b"\\",
    b"]",
    b"}",
    b",",
    b"\xef\xbb\xbf",
]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A good body with a few of its octets cut out and something else put in."""
    body = draw(st.sampled_from(SAMPLES))
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(body)))
        end = min(len(body), start + draw(st.integers(0, 10)))
        body = body[:start] + draw(st.binary(max_size=5) | st.sampled_from(TROUBLE)) + body[end:]
    return body


BODIES = st.binary(max_size=100) | damaged()


@given(BODIES)
@example(b"")
@example(b'["\\ud800' + b'\\"' * 10_000)
@example(b"[" * 10_000 + b"]" * 10_000)
def test_any_callback_is_read_or_a_callback_error(body: bytes) -> None:
    try:
        events = decode_callbacks(body)
    except CallbackError:
        return
    for event in events:
        _touch(event)
    assert len(decode_callbacks(encode_callbacks(events))) == len(events)


def _touch(event: Any) -> None:
    """Ask for everything that is read only when asked for."""
    hash(event)
    repr(event)
    assert event.is_terminal in (True, False)
    _ = event.deduplication_key
    for lazy in ("timestamp", "raw"):
        with suppress(CallbackError):
            getattr(event, lazy)


@given(BODIES)
def test_any_request_is_read_or_a_message_error(body: bytes) -> None:
    try:
        message = decode_message(body)
    except MessageError:
        return
    written = encode_message(message, application_id="a-1").body
    assert isinstance(written, bytes)
    assert decode_message(written) == message.replace(application_id=message.application_id or "a-1")


@given(BODIES)
def test_any_answer_is_read_or_a_response_error(body: bytes) -> None:
    try:
        accepted = decode_accepted(body)
    except ResponseError:
        return
    with suppress(ResponseError):
        assert accepted.raw["id"] == accepted.id


@given(st.integers(-1, 1000), BODIES)
def test_any_response_is_accepted_or_a_documented_error(status: int, body: bytes) -> None:
    if status == 202:
        with suppress(ResponseError):
            decode_send_response(Response(status, {}, body))
        return
    with pytest.raises((RejectedError, ResponseError)) as caught:
        decode_send_response(Response(status, {}, body))
    assert vars(caught.value)["status"] == status
