"""Bodies of the Messaging V2 API: callbacks, requests, answers and errors."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgcore.errors import CallbackError, MessageError, RejectedError, ResponseError
from msgcore.wire import (
    Response,
    decode_accepted,
    decode_callbacks,
    decode_fields,
    decode_message,
    decode_rejection,
    decode_send_response,
    encode_callbacks,
    encode_message,
)
from tests.fuzz.target import Target

DATA = Path(__file__).parent.parent / "conformance" / "data"
SAMPLES = tuple(
    json.dumps(case["body"]).encode()
    for file in sorted(DATA.glob("*.json"))
    for case in json.loads(file.read_text(encoding="utf-8"))["cases"]
)


def check_callbacks(body: bytes) -> None:
    try:
        events = decode_callbacks(body)
    except CallbackError:
        return
    for event in events:
        ask_everything(event)
    assert len(decode_callbacks(encode_callbacks(events))) == len(events)


def ask_everything(event: Any) -> None:
    """Ask for everything that is read only when asked for."""
    hash(event)
    repr(event)
    assert event.is_terminal in (True, False)
    _ = event.deduplication_key
    for lazy in ("timestamp", "raw"):
        with suppress(CallbackError):
            getattr(event, lazy)


def check_message(body: bytes) -> None:
    with suppress(MessageError):
        decode_fields(body)
    try:
        message = decode_message(body)
    except MessageError:
        return
    written = encode_message(message, application_id="a-1").body
    assert isinstance(written, bytes)
    assert decode_message(written) == message.replace(application_id=message.application_id or "a-1")


def check_accepted(body: bytes) -> None:
    try:
        accepted = decode_accepted(body)
    except ResponseError:
        return
    with suppress(ResponseError):
        assert accepted.raw["id"] == accepted.id


def check_response(data: bytes) -> None:
    """A status in two octets, then a body: 202 may be accepted, all else is an error of the tree."""
    status, body = int.from_bytes(data[:2], "big"), data[2:]
    check_answer(status, body)


def check_answer(status: int, body: bytes) -> None:
    try:
        decode_send_response(Response(status, {}, body))
    except (RejectedError, ResponseError) as error:
        assert status == 202 or vars(error)["status"] == status
    else:
        assert status == 202


def check_rejection(data: bytes) -> None:
    """A status in two octets, the header that says when to come back up to a line end, then a body."""
    status, (header, _, body) = int.from_bytes(data[:2], "big"), data[2:].partition(b"\n")
    error = decode_rejection(status, {"retry-after": header.decode("latin-1")}, body)
    assert error.status == status
    str(error)


TARGETS = {
    "callbacks": Target(check_callbacks, SAMPLES),
    "message": Target(check_message, SAMPLES),
    "accepted": Target(check_accepted, SAMPLES),
    "response": Target(check_response, tuple(b"\0\xca" + body for body in SAMPLES)),
    "rejection": Target(check_rejection, tuple(b"\1\xad30\n" + body for body in SAMPLES)),
}
