"""A message as octets and back, and the keys of those that come without."""

import pytest

from msgcore.errors import OutboxError
from msgcore.wire import Message
from transports.outbox.bodies import KeyDrawer, decode_body, decode_envelope, encode_body

WHOLE = Message(
    to=("+19195550123", "+19195550124"),
    from_="+19195550100",
    text="é",
    application_id="a-1",
    media=("https://media.example.com/1.png",),
    tag="order-17",
    priority="high",
    expiration="2030-01-01T00:00:00Z",
    key="k-1",
)


def test_a_message_comes_back_whole_under_its_key() -> None:
    digest, envelope, content = encode_body(WHOLE)
    assert decode_body(1, "k-2", envelope, content, digest) == WHOLE.replace(key="k-2") == WHOLE.with_key("k-2")
    assert decode_envelope(1, "k-1", envelope) == WHOLE.without_content()


@pytest.mark.parametrize("part", range(3))
def test_whatever_octet_has_changed_it_is_no_message_any_more(part: int) -> None:
    parts = [*encode_body(WHOLE)]
    parts[part] = parts[part][:-1] + bytes([parts[part][-1] ^ 1])
    digest, envelope, content = parts
    with pytest.raises(OutboxError, match="message 7 is damaged"):
        decode_body(7, "k-1", envelope, content, digest)


def test_keys_that_are_drawn_stand_in_the_order_of_drawing() -> None:
    drawer = KeyDrawer(bytes)
    drawn = [drawer.draw() for _ in range(300)]
    assert sorted(set(drawn)) == drawn
