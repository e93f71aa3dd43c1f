"""For every message: what is written is read back, and whoever plays the provider would let it in."""

import json
import pickle
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgcore.errors import MessageError
from msgcore.wire import Message, check_fields, decode_message, encode_message

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)
NUMBERS = st.from_regex(r"\+1[0-9]{10}|\+[2-9][0-9]{1,14}", fullmatch=True)
SENDERS = (
    NUMBERS | st.from_regex(r"[0-9]{5,6}", fullmatch=True) | st.text(string.ascii_letters, min_size=1, max_size=11)
)
URLS = st.from_regex(r"https?://[a-z]{1,20}(/[a-z%0-9]{0,20})?", fullmatch=True)


@st.composite
def messages(draw: st.DrawFn) -> Message:
    media = draw(st.lists(URLS, max_size=10))
    return Message(
        to=draw(st.lists(NUMBERS, min_size=1, max_size=10, unique=True)),
        from_=draw(SENDERS),
        text=draw(TEXTS if media else TEXTS.filter(bool)),
        application_id=draw(TEXTS.filter(bool)),
        media=media,
        tag=draw(st.none() | TEXTS),
        priority=draw(st.sampled_from([None, "default", "high"])),
        expiration=draw(
            st.none() | st.datetimes(timezones=st.timezones()).filter(lambda moment: 1 < moment.year < 9999)
        ),
    )


@given(messages())
def test_what_is_written_is_read_back(message: Message) -> None:
    body = encode_message(message).body
    assert isinstance(body, bytes)
    assert decode_message(body) == message


@given(messages())
def test_what_one_side_lets_out_the_other_lets_in(message: Message) -> None:
    body = encode_message(message).body
    assert isinstance(body, bytes)
    assert check_fields(json.loads(body), require_application=True) == []


@given(messages())
def test_messages_survive_a_pickle(message: Message) -> None:
    assert pickle.loads(pickle.dumps(message)) == message


ANY_TEXT = st.text(max_size=20)  # lone surrogates included


@given(st.lists(ANY_TEXT | NUMBERS, max_size=12), ANY_TEXT | SENDERS, ANY_TEXT, st.lists(ANY_TEXT | URLS, max_size=12))
def test_any_strings_make_a_message_or_a_message_error(to: list[str], from_: str, text: str, media: list[str]) -> None:
    errors = check_fields({"to": to, "from": from_, "text": text, "media": media}, require_application=False)
    if errors:
        with pytest.raises(MessageError) as caught:
            Message(to=to, from_=from_, text=text, media=media)
        assert (caught.value.field, caught.value.reason) == tuple(errors[0])
    else:  # and there is nothing in it that UTF-8 cannot carry
        encode_message(Message(to=to, from_=from_, text=text, media=media), application_id="a-1")
