"""The body that sends a message is, octet for octet, what a JSON encoder writes of the same fields."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgcore.kernel.outgoing import Message
from msgcore.kernel.request_bodies import write_message
from tests.reference.messages import body_of

ESCAPED = "".join(map(chr, range(0x80))) + "\x80é\u2028😀\uffff/"
NUMBER = ("+19195550123",)


def record(**changes: Any) -> Message:
    """One that no rule has seen: what a rule would refuse has to be written as well."""
    absent = {"application_id": None, "tag": None, "priority": None, "expiration": None, "key": None}
    return Message.restored(**{"to": NUMBER, "from_": "+19195550100", "text": "hi", "media": ()} | absent | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"text": ""},
        {"text": ESCAPED},
        {"to": ()},
        {"to": NUMBER * 10},
        {"media": ("https://a.example/1", ESCAPED)},
        {"priority": "high", "expiration": "2030-01-31T23:59:00Z"},
        {"priority": "", "expiration": ""},
        {"from_": ESCAPED, "key": "never written", "tag": "neither", "application_id": "nor this"},
    ],
)
@pytest.mark.parametrize("tag", [None, "", "order-17", ESCAPED])
def test_a_body_is_the_json_of_its_fields(changes: dict[str, Any], tag: str | None) -> None:
    message = record(**changes)
    body = write_message(message, "a-1", tag)
    assert body == body_of(message, "a-1", tag)
    assert json.loads(body)["from"] == message.from_


@pytest.mark.parametrize("character", ["x", '"', "\x01", "é", "😀"])
def test_a_body_may_have_any_length(character: str) -> None:
    # Every length at which the buffer on the stack is full, whatever stands at its end; and some far beyond.
    for length in [*range(100, 1100), 5_000, 100_000]:
        message = record(text=character * length)
        assert write_message(message, "a-1", "t") == body_of(message, "a-1", "t")


TEXTS = st.text(st.characters(codec="utf-8"), max_size=20) | st.text('"\\\\\n\x00\x1f x', max_size=400)
STRINGS = st.lists(TEXTS, max_size=4).map(tuple)


@given(STRINGS, TEXTS, TEXTS, STRINGS, TEXTS, st.none() | TEXTS, st.none() | TEXTS, st.none() | TEXTS)
def test_any_strings_are_written_as_an_encoder_writes_them(
    to: tuple[str, ...],
    from_: str,
    text: str,
    media: tuple[str, ...],
    application_id: str,
    tag: str | None,
    priority: str | None,
    expiration: str | None,
) -> None:
    message = record(to=to, from_=from_, text=text, media=media, priority=priority, expiration=expiration)
    assert write_message(message, application_id, tag) == body_of(message, application_id, tag)


@pytest.mark.parametrize("changes", [{"text": "\ud800"}, {"to": ("\udfff",)}, {"text": "x" * 2000 + "\ud800"}])
def test_half_a_surrogate_pair_is_not_written(changes: dict[str, Any]) -> None:
    with pytest.raises(UnicodeEncodeError):
        write_message(record(**changes), "a-1", None)


@pytest.mark.parametrize(
    "arguments",
    [
        (None, "a-1", None),
        (record(), None, None),
        (record(), b"a-1", None),
        (record(), "a-1", 5),
        (Message.__new__(Message), "a-1", None),
    ],
)
def test_what_is_no_message_is_not_written(arguments: tuple[Any, Any, Any]) -> None:
    with pytest.raises(TypeError):
        write_message(*arguments)
