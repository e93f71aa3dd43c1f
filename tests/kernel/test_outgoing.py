"""The record of a message: what is ordinary is told at a glance, and nothing else can be done to it than before."""

import copy
import gc
import inspect
import pickle
import subprocess
import sys
import weakref
from collections.abc import Iterator
from typing import Any

import pytest

from msgcore.kernel import outgoing
from msgcore.kernel.outgoing import Message, finish_messages_with
from msgcore.wire import messages as wire
from msgcore.wire.rules import MAX_TAG_CHARACTERS, MAX_TEXT_CHARACTERS

SENDER, RECIPIENT, OTHER = "+19195550100", "+19195550123", "+442079460000"
WHOLE: dict[str, Any] = {
    "to": (RECIPIENT, OTHER),
    "from_": SENDER,
    "text": "dîner?",
    "application_id": "a-1",
    "media": ("https://cdn.example.org/menu.png",),
    "tag": "order-17",
    "priority": "high",
    "expiration": "2030-01-31T23:59:00Z",
    "key": "campaign-1/17",
}


class Text(str):
    """A text of somebody's own."""

    __slots__ = ()


class AskedError(Exception):
    """The full check was asked."""


@pytest.fixture
def glance() -> Iterator[None]:
    """Whatever is not told at a glance is an AskedError."""

    def ask(*_: object) -> Any:
        raise AskedError

    finish_messages_with(ask, wire._restore)
    yield
    finish_messages_with(wire._check_in_full, wire._restore)


def plain(**changes: Any) -> Message:
    return Message(**({"to": RECIPIENT, "from_": SENDER, "text": "hi"} | changes))


@pytest.mark.usefixtures("glance")
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"to": (RECIPIENT,)},
        {"to": [OTHER]},
        {"from_": OTHER},
        {"text": "x" * MAX_TEXT_CHARACTERS},
        {"text": "\x00\x7f"},
        {"tag": ""},
        {"tag": "x" * MAX_TAG_CHARACTERS},
        {"application_id": "a-1"},
        {"key": "k"},
        {"media": None},
        {"media": []},
        {"priority": None, "expiration": None},
    ],
)
def test_an_ordinary_message_is_told_at_a_glance(changes: dict[str, Any]) -> None:
    message = plain(**changes)
    assert (len(message.to), message.media, message.kind) == (1, (), "sms")


@pytest.mark.usefixtures("glance")
@pytest.mark.parametrize(
    "changes",
    [
        {"to": (RECIPIENT, OTHER)},
        {"to": ()},
        {"to": "+1919555012"},
        {"to": "+191955501234"},
        {"to": ["+0"]},
        {"to": Text(RECIPIENT)},
        {"to": [Text(RECIPIENT)]},
        {"to": {RECIPIENT: 1}},
        {"from_": "12345"},
        {"from_": "+1919555010"},
        {"from_": "+1919555010\u0660"},
        {"from_": Text(SENDER)},
        {"from_": None},
        {"text": ""},
        {"text": "x" * (MAX_TEXT_CHARACTERS + 1)},
        {"text": "é"},
        {"text": "\ud800"},
        {"text": Text("hi")},
        {"tag": "x" * (MAX_TAG_CHARACTERS + 1)},
        {"tag": "\ud800"},
        {"tag": 5},
        {"application_id": ""},
        {"application_id": "ж"},
        {"key": ""},
        {"key": Text("k")},
        {"media": "https://cdn.example.org/menu.png"},
        {"media": [None]},
        {"media": 0},
        {"priority": "high"},
        {"expiration": "2030-01-31T23:59:00Z"},
    ],
)
def test_of_every_other_message_the_full_check_is_asked(changes: dict[str, Any]) -> None:
    with pytest.raises(AskedError):
        plain(**changes)


def test_the_full_check_decides_what_is_kept() -> None:
    message = plain(text=Text("hi"), to=[Text(RECIPIENT)], expiration=Text("2030-01-31T23:59:00Z"))
    assert {type(value) for value in (message.text, message.to[0], message.expiration)} == {str}


class Own(Message):
    """A message of somebody's own."""

    __slots__ = ()


@pytest.mark.parametrize("kind", [Message, Own])
def test_values_that_were_a_message_make_it_again(kind: type[Message]) -> None:
    whole = Message(**WHOLE)
    for message in (kind.restored(**WHOLE), kind.restored(*WHOLE.values())):
        assert type(message) is kind
        assert message == whole
        assert (hash(message), repr(message), message.kind) == (hash(whole), repr(whole), whole.kind)


def test_restored_checks_no_rule() -> None:
    message = Message.restored((), "x", "", None, (), None, None, None, None)
    assert (message.to, message.from_, message.kind) == ((), "x", "sms")


@pytest.mark.parametrize(
    "changes",
    [
        {"to": [RECIPIENT]},
        {"to": None},
        {"to": (Text(RECIPIENT),)},
        {"to": ([],)},
        {"media": (None,)},
        {"media": None},
        {"from_": None},
        {"text": None},
        {"text": b"hi"},
        {"key": Text("k")},
    ],
)
def test_restored_takes_nothing_that_a_message_cannot_hold(changes: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        Message.restored(**WHOLE | changes)


def test_restored_makes_nothing_but_messages() -> None:
    with pytest.raises(TypeError, match="expected a subclass of Message, not int"):
        Message.restored.__func__(int, *WHOLE.values())  # type: ignore[attr-defined]


def test_restored_calls_no_constructor() -> None:
    class Numbered(Message):
        def __new__(cls, _number: int) -> "Numbered":
            raise AssertionError

        def __init__(self, _number: int) -> None:
            raise AssertionError

    assert type(Numbered.restored(**WHOLE)) is Numbered


def test_a_message_is_made_once() -> None:
    message = plain()
    with pytest.raises(TypeError, match="made already"):
        message.__init__(to=OTHER, from_=SENDER, text="x")  # type: ignore[misc]
    with pytest.raises(TypeError, match="made already"):
        Message.restored(**WHOLE).__init__(to=OTHER, from_=SENDER, text="x")  # type: ignore[misc]
    assert message == plain()


def test_nothing_goes_round_its_refusal_to_change() -> None:
    message = plain()
    with pytest.raises((AttributeError, TypeError)):
        object.__setattr__(message, "text", "x")
    with pytest.raises(AttributeError, match=r"^a Message does not change: use replace\(text=...\)$"):
        message.text = "x"  # type: ignore[misc]
    with pytest.raises(AttributeError, match=r"^a Message does not change: text cannot be deleted$"):
        del message.text
    assert message == plain()


def test_a_message_has_nine_fields_and_no_room_for_more() -> None:
    message = plain()
    assert not hasattr(message, "__dict__")
    with pytest.raises(TypeError):
        weakref.ref(message)
    assert not gc.is_tracked(message)


def test_a_message_that_was_never_made_is_empty() -> None:
    message = Message.__new__(Message)
    assert repr(message) == "Message()"
    assert message != plain()
    with pytest.raises(TypeError):
        _ = message.kind


def test_arguments_are_named_and_their_names_are_known() -> None:
    assert str(inspect.signature(Message)) == (
        "(*, to, from_, text='', application_id=None, media=(), tag=None, priority=None, expiration=None, key=None)"
    )
    assert inspect.getdoc(Message).startswith("One message to one to ten recipients")  # type: ignore[union-attr]
    for wrong in ({}, {"to": RECIPIENT}, {"to": RECIPIENT, "from_": SENDER, "body": "hi"}):
        with pytest.raises(TypeError):
            Message(**wrong)
    with pytest.raises(TypeError):
        Message(RECIPIENT, SENDER, "hi")  # type: ignore[call-arg]


def test_a_subclass_keeps_its_type_and_may_hold_what_it_likes() -> None:
    class Reminder(Message):
        """One with a due date."""

        def greeting(self) -> str:
            return self.text[:5]

    reminder = Reminder(to=RECIPIENT, from_=SENDER, text="hello there")
    assert reminder.greeting() == "hello"
    assert type(reminder.replace(text="x")) is type(reminder.without_content()) is Reminder
    assert reminder == plain(text="hello there")
    assert type(copy.copy(reminder)) is Message  # a pickle of what is not at hand elsewhere could not be opened
    reminder.__dict__["round"] = reminder
    reference = weakref.ref(reminder)
    del reminder
    gc.collect()
    assert reference() is None


def test_copies_are_equal_and_checked() -> None:
    whole = Message(**WHOLE)
    for same in (copy.copy(whole), copy.deepcopy(whole), whole.replace(), whole.__replace__(), eval(repr(whole))):
        assert same == whole
    lost = whole.without_content()
    assert (lost.text, lost.media) == ("", ())
    assert copy.copy(lost) == pickle.loads(pickle.dumps(lost)) == lost
    if sys.version_info >= (3, 13):
        assert copy.replace(whole, key="k").key == "k"


def test_a_message_may_be_known_under_another_key() -> None:
    for message in (Message(**WHOLE), plain()):
        again = message.with_key("k-2")
        assert again == message.replace(key="k-2")
        assert again.with_key("k-2") is again
    lost = Message(**WHOLE).without_content()
    assert lost.with_key("k-2") == Message(**WHOLE).replace(key="k-2").without_content()
    with pytest.raises(TypeError, match="key"):
        plain().with_key(None)  # type: ignore[arg-type]


def test_under_another_key_a_message_of_a_subclass_is_a_plain_one() -> None:
    class Reminder(Message):
        __slots__ = ("round",)

    reminder = Reminder(**WHOLE | {"key": "k-1"})
    for key in ("k-1", "k-2"):
        again = reminder.with_key(key)
        assert type(again) is Message
        assert again == Message(**WHOLE | {"key": key})


def test_what_was_never_made_is_known_under_no_key() -> None:
    with pytest.raises(TypeError, match="never made"):
        Message.__new__(Message).with_key("k")


def test_a_class_or_a_message_opens_in_a_process_that_knows_only_its_pickle() -> None:
    assert Message.__module__ == "msgcore.wire.messages"
    told = pickle.dumps((Message, plain(text="é")))
    program = (
        "import pickle, sys\n"
        "kind, message = pickle.load(sys.stdin.buffer)\n"
        "print(ascii(kind(to=message.to, from_='Bakery', text=message.text)))\n"
    )
    found = subprocess.run([sys.executable, "-c", program], input=told, capture_output=True, check=True, timeout=60)
    assert found.stdout.strip() == b"Message(to=('+19195550123',), from_='Bakery', text='\\xe9')"


def test_messages_are_not_ordered() -> None:
    with pytest.raises(TypeError):
        _ = plain() < plain()  # type: ignore[operator]


def test_everything_public_is_the_message() -> None:
    assert wire.Message is outgoing.Message
