"""What a tag says to the simulator: ``order-7 sim:code=4720,delay=30s``.

A directive is a word of the tag that begins with ``sim:``; the rest of the tag is the caller's and means nothing here.
A directive that is not understood is an error of the request: a test that asks for an outcome and silently gets
another one would prove nothing.

==========  =====================================================================================================
``code``    the delivery code of the failure, 0 for delivered
``delay``   between leaving the queue and the last event
``late``    the receipt comes that long after it was given up: 9902 after two hours, then what ``code`` says
``then``    a second end after the first: ``code=4720,then=0`` fails and is delivered all the same
``copies``  how often the last event comes, 1 to 10
``order``   ``reversed``: the last event comes before the one that says the message has left
``segments``  what the provider counts, whatever the text has: 1 to 255
``size``    octets of all attachments that lie elsewhere: ``600KB``, ``4MB``
==========  =====================================================================================================
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

import msgspec

from msgcore.errors import MessageError
from msgcore.wire.codes import delivery_codes
from transports.simulator.course.records import NO_DIRECTIVE, Directive

KNOWN_CODES: Final = frozenset(code.code for code in delivery_codes())
LONGEST_DELAY_SECONDS: Final = 7 * 86400
MOST_COPIES: Final = 10
MOST_SEGMENTS: Final = 255

_PREFIX: Final = "sim:"
_KNOWN: Final = (
    "known are code=<a known delivery code, or 0 for delivered>, then=<another>, delay=<seconds, or 90s, 5m, 2h>, "
    "late=<the same>, copies=<1 to 10>, order=reversed, segments=<1 to 255> and size=<octets, or 600KB, 4MB>"
)

# Our own client writes the key of a message behind the caller's tag; the caller's part is what stands before it.
_CLIENT_KEY: Final = "~m1."
_DELAY: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)([smh]?)")
_SECONDS: Final = {"": 1, "s": 1, "m": 60, "h": 3600}
_SIZE: Final = re.compile(r"([0-9]{1,9})(KB|MB|)")
_OCTETS: Final = {"": 1, "KB": 2**10, "MB": 2**20}


def read_directive(tag: str) -> Directive:
    """Return what the tag orders, ``NO_DIRECTIVE`` when it orders nothing.

    >>> directive = read_directive("order-7 sim:code=4720,delay=30s")
    >>> directive.code, directive.delay, read_directive("order-7") is NO_DIRECTIVE
    (4720, 30.0, True)

    Raises:
        MessageError: on field ``tag``: an option, a value or a repetition that is not known, and what is.
    """
    if _PREFIX not in tag:
        return NO_DIRECTIVE
    before_key, key_mark, rest = tag.rpartition(_CLIENT_KEY)
    words = [word for word in (before_key if key_mark else rest).split() if word.startswith(_PREFIX)]
    if not words:
        return NO_DIRECTIVE
    if len(words) > 1:
        raise MessageError("tag", f"expected one simulator directive, got {len(words)}: {' '.join(words)}")
    return _read_word(words[0])


@lru_cache(maxsize=256)
def _read_word(word: str) -> Directive:
    options: dict[str, Any] = {}
    for option in word.removeprefix(_PREFIX).split(","):
        name, _, value = option.partition("=")
        read = _READERS.get(name)
        if read is None:
            raise MessageError("tag", f"simulator directive {option!r} is unknown; {_KNOWN}")
        if name in options:
            raise MessageError("tag", f"simulator directive {name!r} is given twice")
        options[name] = read(name, value)
    return msgspec.structs.replace(NO_DIRECTIVE, **options)


def _read_code(name: str, value: str) -> int:
    if value == "0":
        return 0
    if len(value) == 4 and value.isascii() and value.isdigit() and int(value) in KNOWN_CODES:
        return int(value)
    raise MessageError("tag", f"simulator directive {name}={value!r}: not a known delivery code; {_KNOWN}")


def _read_delay(name: str, value: str) -> float:
    match = _DELAY.fullmatch(value)
    if match is None:
        raise MessageError("tag", f"simulator directive {name}={value!r}: not a time; {_KNOWN}")
    seconds = float(match[1]) * _SECONDS[match[2]]
    if seconds > LONGEST_DELAY_SECONDS:
        raise MessageError(
            "tag", f"simulator directive {name}={value!r}: at most {LONGEST_DELAY_SECONDS // 86400} days"
        )
    return seconds


def _read_count(limit: int) -> Callable[[str, str], int]:
    def read(name: str, value: str) -> int:
        if value.isascii() and value.isdigit() and len(value) <= 3 and 1 <= int(value) <= limit:
            return int(value)
        raise MessageError("tag", f"simulator directive {name}={value!r}: expected 1 to {limit}; {_KNOWN}")

    return read


def _read_order(name: str, value: str) -> str:
    if value != "reversed":
        raise MessageError("tag", f"simulator directive {name}={value!r}: expected reversed; {_KNOWN}")
    return value


def _read_size(name: str, value: str) -> int:
    match = _SIZE.fullmatch(value)
    if match is None:
        raise MessageError("tag", f"simulator directive {name}={value!r}: not a size; {_KNOWN}")
    return int(match[1]) * _OCTETS[match[2]]


_READERS: Final[dict[str, Callable[[str, str], Any]]] = {
    "code": _read_code,
    "delay": _read_delay,
    "late": _read_delay,
    "then": _read_code,
    "copies": _read_count(MOST_COPIES),
    "order": _read_order,
    "segments": _read_count(MOST_SEGMENTS),
    "size": _read_size,
}
