"""Bodies from anywhere: drawn wild, and as damaged good bodies with what JSON readers stumble over planted in them."""

from hypothesis import example, given
from hypothesis import strategies as st

from tests.fuzz import wire
from tests.fuzz.damage import damaged

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
BODIES = st.binary(max_size=100) | damaged(wire.SAMPLES, TROUBLE)


@given(BODIES)
@example(b"")
@example(b'["\\ud800' + b'\\"' * 10_000)
@example(b"[" * 10_000 + b"]" * 10_000)
def test_any_callback_is_read_or_a_callback_error(body: bytes) -> None:
    wire.check_callbacks(body)


@given(BODIES)
def test_any_request_is_read_or_a_message_error(body: bytes) -> None:
    wire.check_message(body)


@given(BODIES)
def test_any_answer_is_read_or_a_response_error(body: bytes) -> None:
    wire.check_accepted(body)


@given(st.integers(-1, 1000), BODIES)
def test_any_response_is_accepted_or_a_documented_error(status: int, body: bytes) -> None:
    wire.check_answer(status, body)
