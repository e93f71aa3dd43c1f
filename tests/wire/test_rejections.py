"""Refusals: whatever body they come with, the status decides and the body explains."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgcore.errors import FieldError, RateLimitedError, RejectedError
from msgcore.wire import decode_rejection, encode_rejection


def body(value: Any) -> bytes:
    return json.dumps(value).encode()


BODIES: list[tuple[str, int, bytes, str, str]] = [
    ("own form", 400, body({"type": "request-validation", "description": "bad"}), "request-validation", "bad"),
    (
        "framework",
        404,
        body({"status": 404, "error": "Not Found", "message": "gone", "path": "/"}),
        "Not Found",
        "gone",
    ),
    ("type alone", 400, body({"type": "x"}), "x", 'no description, the body begins \'{"type": "x"}\''),
    ("description alone", 400, body({"description": "x"}), "Bad Request", "x"),
    ("nulls", 400, body({"type": None, "description": None, "error": "e", "message": "m"}), "e", "m"),
    ("wrong shapes", 400, body({"type": 7, "description": [1]}), "Bad Request", "no description, the body begins "),
    ("empty", 400, b"", "Bad Request", "no body"),
    ("HTML", 413, b"<html>big</html>", "Request Entity Too Large", "no description, the body begins '<html>big"),
    ("octets", 400, b"\xff\xfe", "Bad Request", "no description, the body begins "),
    ("array", 400, b"[]", "Bad Request", "no description, the body begins '[]'"),
    ("nested", 400, b"[" * 100_000, "Bad Request", "no description, the body begins '[[["),
    ("no such status", 499, b"", "unknown status", "no body"),
]


@pytest.mark.parametrize(("name", "status", "content", "type_", "description"), BODIES, ids=[row[0] for row in BODIES])
def test_the_body_explains_as_far_as_it_can_be_read(
    name: str, status: int, content: bytes, type_: str, description: str
) -> None:
    error = decode_rejection(status, {}, content)
    assert (type(error), error.status) == (RejectedError, status)
    # 413 was renamed in Python 3.13 ("Content Too Large").
    assert error.type == type_ or status == 413
    assert error.description.startswith(description)
    assert len(str(error)) < 1000


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        (None, ()),
        ("x", ()),
        ([], ()),
        ([{"fieldName": "to", "description": "wrong"}], (FieldError("to", "wrong"),)),
        ([7, {"fieldName": "to"}, {"description": "wrong"}], (FieldError("to", ""), FieldError("", "wrong"))),
    ],
)
def test_field_errors_are_read_as_far_as_they_are_some(entries: object, expected: tuple[FieldError, ...]) -> None:
    error = decode_rejection(400, {}, body({"type": "t", "description": "d", "fieldErrors": entries}))
    assert error.field_errors == expected


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("٣", None),
        ("9" * 400, None),
        ("Fri, 31 Dec 1999 23:59:59 GMT", None),  # a date says nothing without a clock
    ],
)
def test_retry_after_is_read_in_seconds_alone(value: str, seconds: float | None) -> None:
    error = decode_rejection(429, {"retry-after": value}, b"")
    assert isinstance(error, RateLimitedError)
    assert error.retry_after_seconds == seconds


def test_no_retry_after_is_none() -> None:
    error = decode_rejection(429, {}, b"")
    assert isinstance(error, RateLimitedError)
    assert error.retry_after_seconds is None


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(st.integers(400, 599), TEXTS, TEXTS, st.lists(st.builds(FieldError, TEXTS, TEXTS)))
def test_what_is_written_is_read_back(status: int, type_: str, description: str, errors: list[FieldError]) -> None:
    response = encode_rejection(status, type_, description, errors, headers={"retry-after": "3"})
    assert response.headers == {"content-type": "application/json", "retry-after": "3"}
    assert isinstance(response.body, bytes)
    error = decode_rejection(response.status, response.headers, response.body)
    assert (error.status, error.type, error.description) == (status, type_, description)
    assert error.field_errors == tuple(errors)


def test_field_errors_are_written_only_where_there_are_some() -> None:
    written = encode_rejection(400, "t", "d").body
    assert written == b'{"type":"t","description":"d"}'
