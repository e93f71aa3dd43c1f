"""For any arguments: a message is accepted, refused, printed, compared and changed as the plain class does it."""

import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from msgcore.wire import Message
from msgcore.wire.rules import MAX_TAG_CHARACTERS, MAX_TEXT_CHARACTERS
from tests.reference.messages import FIELDS, PlainMessage


class Text(str):
    """A text of somebody's own, which prints as something else."""

    __slots__ = ()

    def __str__(self) -> str:
        return "something else"


def at_the_limit(limit: int) -> st.SearchStrategy[str]:
    return st.builds(
        lambda character, over, last: character * (limit - 1 + over) + last,
        st.sampled_from("xé"),
        st.integers(-1, 1),
        st.sampled_from(["x", "é", "\ud800"]),
    )


ANY_TEXT = st.text("+1aZ &\x00\x7f\x80ÿĀ٣\ud800\uffff\U0001f600", max_size=3)
DIGITS = st.text("0123456789", max_size=12)
NUMBERS = st.builds(str.__add__, st.sampled_from(["+1919555", "+4420", "+0", "+1", "+", "12", ""]), DIGITS)
STRINGS = NUMBERS | ANY_TEXT | st.builds(Text, NUMBERS | ANY_TEXT)
WRONG = st.sampled_from([None, 0, 1.5, b"+19195550123", True, object(), {"a": 1}, frozenset({"a"})])
SEVERAL = st.lists(STRINGS, max_size=3) | st.lists(STRINGS | WRONG, max_size=2).map(tuple)
URLS = st.sampled_from(["https://a.example/b", "ftp://a", "https://a b"])
# A generator would be used up by the first of the two.
RECIPIENTS = STRINGS | SEVERAL | WRONG | st.lists(NUMBERS, min_size=1, max_size=1) | st.builds(range, st.integers(0, 2))
MEDIA = st.just(()) | st.lists(URLS, max_size=11) | URLS | SEVERAL | STRINGS | WRONG
TIMES = (
    st.datetimes()
    | st.datetimes(timezones=st.just(UTC))
    | st.just(datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))))
    | st.sampled_from(["2030-01-31T23:59:00Z", "2030-02-31T23:59:00Z", Text("2030-01-31T23:59:00Z")])
)
TEXTS = STRINGS | at_the_limit(MAX_TEXT_CHARACTERS) | WRONG
TAGS = STRINGS | at_the_limit(MAX_TAG_CHARACTERS) | WRONG

GOOD: dict[str, Any] = {"to": "+19195550123", "from_": "+19195550100", "text": "hello"}
ANYTHING = {
    "to": RECIPIENTS,
    "from_": STRINGS | WRONG,
    "text": TEXTS,
    "application_id": STRINGS | WRONG,
    "media": MEDIA,
    "tag": TAGS,
    "priority": st.sampled_from(["default", "high", Text("high"), "low"]) | WRONG,
    "expiration": TIMES | STRINGS | WRONG,
    "key": STRINGS | WRONG,
}
# Wholly random arguments are nearly always refused for the first of them, so most are good here.
CHANGED = st.sets(st.sampled_from(FIELDS), max_size=3).flatmap(
    lambda names: st.fixed_dictionaries({name: ANYTHING[name] for name in sorted(names)})
)
REQUIRED = ("to", "from_")
ARGUMENTS = CHANGED.map(lambda changes: GOOD | changes) | st.fixed_dictionaries(
    {name: ANYTHING[name] for name in REQUIRED},
    optional={name: strategy for name, strategy in ANYTHING.items() if name not in REQUIRED},
)


def told_by(call: Callable[[], Any]) -> tuple[Any, ...]:
    """What comes of a call: every value with its type, or the error."""
    try:
        message = call()
    except TypeError as error:
        return TypeError, str(error)
    except Exception as error:
        return type(error), str(error)
    values = tuple(getattr(message, name) for name in FIELDS)
    inner = [type(item) for strings in (message.to, message.media) for item in strings]
    return values, tuple(map(type, values)), inner, message.kind, repr(message), hash(message)


@settings(max_examples=500)
@given(ARGUMENTS)
@example(GOOD | {"to": ["+19195550123"], "tag": "", "key": "k", "application_id": "a"})
@example(GOOD | {"key": "", "tag": 5})
@example(GOOD | {"key": 5, "priority": 5})
@example(GOOD | {"application_id": 5, "priority": "low"})
@example(GOOD | {"text": "x" * (MAX_TEXT_CHARACTERS + 1)})
@example(GOOD | {"tag": "x" * (MAX_TAG_CHARACTERS + 1)})
def test_the_same_is_accepted_and_refused_for_the_same_reason(arguments: dict[str, Any]) -> None:
    assert told_by(lambda: Message(**arguments)) == told_by(lambda: PlainMessage(**arguments))


@given(CHANGED)
def test_what_is_replaced_is_checked_alike(changes: dict[str, Any]) -> None:
    ours, plain = Message(**GOOD, key="k"), PlainMessage(**GOOD, key="k")
    assert told_by(lambda: ours.replace(**changes)) == told_by(lambda: plain.replace(**changes))


@given(CHANGED, CHANGED)
def test_messages_are_equal_when_all_their_fields_are(one: dict[str, Any], other: dict[str, Any]) -> None:
    try:
        plain = PlainMessage(**GOOD | one), PlainMessage(**GOOD | other)
    except (TypeError, ValueError):
        return
    ours = Message(**GOOD | one), Message(**GOOD | other)
    assert (ours[0] == ours[1]) == (plain[0] == plain[1])
    assert (ours[0] != ours[1]) == (plain[0] != plain[1])
    assert ours[0] == Message(**GOOD | one)


@given(CHANGED)
def test_a_message_survives_a_pickle_and_the_loss_of_its_content(changes: dict[str, Any]) -> None:
    try:
        message = Message(**GOOD | changes)
    except (TypeError, ValueError):
        return
    lost = message.without_content()
    for one in (message, lost, Message.restored(*(getattr(message, name) for name in FIELDS))):
        assert told_by(lambda one=one: pickle.loads(pickle.dumps(one))) == told_by(lambda one=one: one)  # type: ignore[misc]
    assert [getattr(lost, name) for name in FIELDS if name not in ("text", "media")] == [
        getattr(message, name) for name in FIELDS if name not in ("text", "media")
    ]
