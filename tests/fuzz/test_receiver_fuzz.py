"""Requests from anywhere: every one is answered, and a key is the same whoever reads it."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.fuzz import receiver
from tests.fuzz.damage import damaged
from tests.fuzz.test_wire_fuzz import BODIES, TROUBLE
from tests.fuzz.wire import SAMPLES

HEADS = [
    b"content-length: " + b"9" * 5000, b"content-length: -1", b"content-type: text/plain", b"content-encoding: gzip",
    b"authorization: Basic \xff", b"authorization: ", b":", b"a",
]  # fmt: skip
NAMES = st.lists(st.sampled_from(HEADS), max_size=3).map(b"\n".join)


@settings(deadline=None)
@given(st.binary(max_size=60) | damaged([receiver.CREDENTIALS + body for body in SAMPLES], TROUBLE))
@example(b"")
def test_any_request_is_answered(data: bytes) -> None:
    receiver.check_receiver(data)


@settings(deadline=None)
@given(NAMES, BODIES)
def test_any_body_is_answered_whatever_else_is_said(head: bytes, body: bytes) -> None:
    receiver.check_receiver(head + b"\n" + receiver.CREDENTIALS + body)


@given(BODIES)
@example(b"[" * 10_000 + b"]" * 10_000)
@example(
    b'[{"type":"message-delivered","to":"a","errorCode":5,"message":{"id":"m","owner":"o","time":"t","direction":"out","to":["a"],"from":"b"}}]'
)
@example(b'[{"type":"message-failed","to":"a","errorCode":"4720","message":{"id":"m","tag":"\\ud800"}}]')
@example(b'{"type":"x","to":"a","errorCode":1.0,"message":{"id":"m"}}')
@example(b'{"type":"x","to":"a","to":5,"message":{"id":"m"}}')
def test_any_body_is_routed_as_it_would_be_decoded(body: bytes) -> None:
    receiver.check_routing(body)
