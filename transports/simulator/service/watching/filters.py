"""What somebody types to find messages: ``to:+1919 status:failed hello`` as a test of messages.

Words are joined by *and*; a word with a field before its colon looks there, one without looks everywhere, and a minus
before either turns it round. Quotation marks keep blanks together. Upper and lower case are the same.

Texts and tags are found for as long as the inspector, or a message under way, has them.
"""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

import msgspec

from msgcore.errors import LocalError
from transports.simulator.course.records import MessageRecord, Status
from transports.simulator.inspector import Inspected, Inspector

LONGEST_FILTER: Final = 1000

_WORD: Final = re.compile(r'(-?)(?:([a-z]+):)?(?:"([^"]*)"?|(\S+))', re.IGNORECASE)
_STATES: Final = {status.name.lower(): status for status in Status} | {"expired": Status.DLR_EXPIRED}
_KINDS: Final = ("sms", "mms", "group")
_DIRECTIONS: Final = ("in", "out")

Test = Callable[[MessageRecord, Inspected | None], bool]


class _Details(msgspec.Struct, gc=False):
    tag: str | None = None


class Term(NamedTuple):
    """One word of a filter."""

    test: Test
    wanted: bool


class Filter:
    """A test of messages.

    >>> read_filter('to:+1919 -status:failed kind:sms "two words"').terms
    4
    """

    def __init__(self, terms: list[Term]) -> None:
        self._terms = terms

    @property
    def terms(self) -> int:
        """How many words have to fit."""
        return len(self._terms)

    def fits(self, message: MessageRecord, inspector: Inspector) -> bool:
        """Whether a message is one of those meant."""
        if not self._terms:
            return True
        inspected = inspector.get(message.id)
        return all(term.test(message, inspected) is term.wanted for term in self._terms)


def read_filter(text: str) -> Filter:
    """Read what somebody has typed.

    Raises:
        LocalError: a field that has only certain values was given another one.
    """
    if len(text) > LONGEST_FILTER:
        raise LocalError(f"q: expected at most {LONGEST_FILTER} characters, got {len(text)}")
    terms = []
    for match in _WORD.finditer(text):
        minus, field, quoted, bare = match.groups()
        value = (bare if quoted is None else quoted).casefold()
        test = _test(None if field is None else field.lower(), value)
        if test is not None:
            terms.append(Term(test, not minus))
    return Filter(terms)


def _test(field: str | None, value: str) -> Test | None:
    if field is None:
        return _anywhere(value)
    if field in _TESTS:
        return _TESTS[field](value)
    return _anywhere(f"{field}:{value}")  # such as a time, or an address of the web


def tag_of(message: MessageRecord, inspected: Inspected | None) -> str | None:
    """Return the tag of a message, for as long as anybody has it."""
    if inspected is not None:
        return inspected.tag
    return msgspec.json.decode(message.details, type=_Details).tag if message.details else None


def kind_of(message: MessageRecord, inspected: Inspected | None) -> str:
    """Return ``sms``, ``mms`` or ``group``; who else has got a message that came in is known only while inspected."""
    recipients = len(message.legs) if inspected is None else len(inspected.to)
    return "group" if recipients > 1 else "mms" if message.is_mms else "sms"


def _to(value: str) -> Test:
    def test(message: MessageRecord, inspected: Inspected | None) -> bool:
        return any(value in number.casefold() for number in _recipients(message, inspected))

    return test


def _from(value: str) -> Test:
    return lambda message, _: value in message.sender.casefold()


def _tag(value: str) -> Test:
    def test(message: MessageRecord, inspected: Inspected | None) -> bool:
        tag = tag_of(message, inspected)
        return tag is not None and value in tag.casefold()

    return test


def _status(value: str) -> Test:
    status = _one_of("status", value, _STATES)
    return lambda message, _: any(leg.status == status for leg in message.legs)


def _kind(value: str) -> Test:
    _one_of("kind", value, dict.fromkeys(_KINDS))
    return lambda message, inspected: kind_of(message, inspected) == value


def _direction(value: str) -> Test:
    _one_of("direction", value, dict.fromkeys(_DIRECTIONS))
    return lambda message, _: message.inbound is (value == "in")


def _code(value: str) -> Test:
    return lambda message, _: any(leg.ended and str(leg.code).startswith(value) for leg in message.legs)


def _id(value: str) -> Test:
    return lambda message, _: message.id.startswith(value)


def _text(value: str) -> Test:
    return lambda _, inspected: inspected is not None and value in inspected.text.casefold()


def _anywhere(value: str) -> Test:
    tests = (_to(value), _from(value), _text(value), _tag(value), _id(value))
    return lambda message, inspected: any(test(message, inspected) for test in tests)


def _recipients(message: MessageRecord, inspected: Inspected | None) -> tuple[str, ...]:
    return tuple(leg.to for leg in message.legs) if inspected is None else inspected.to


def _one_of(field: str, value: str, known: dict[str, Status] | dict[str, None]) -> Status | None:
    if value not in known:
        raise LocalError(f"{field}: expected one of {', '.join(known)}, got {value!r}")
    return known[value]


_TESTS: Final[dict[str, Callable[[str], Test]]] = {
    "to": _to,
    "from": _from,
    "tag": _tag,
    "status": _status,
    "kind": _kind,
    "direction": _direction,
    "code": _code,
    "id": _id,
    "text": _text,
}
