"""What a tag says to the simulator: ``order-7 sim:code=4720,delay=30s``.

A directive is a word of the tag that begins with ``sim:``; the rest of the tag is the caller's and means nothing here.
A directive that is not understood is an error of the request: a test that asks for an outcome and silently gets
another one would prove nothing.
"""

import re
from typing import NamedTuple

from msgcore.errors import MessageError
from msgcore.wire.codes import delivery_codes

KNOWN_CODES = frozenset(code.code for code in delivery_codes())
LONGEST_DELAY_SECONDS = 7 * 86400

_PREFIX = "sim:"
_KNOWN = "known are code=<a known delivery code, or 0 for delivered> and delay=<seconds, or 90s, 5m, 2h>"

# Our own client writes the key of a message behind the caller's tag; the caller's part is what stands before it.
_CLIENT_KEY = "~m1."
_DELAY = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)([smh]?)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}


class Directive(NamedTuple):
    """What the caller wants to happen; ``None`` leaves it to the simulator.

    ``code`` 0 is delivered, anything else the delivery code of the failure. ``delay`` is in seconds, between leaving
    the queue and the last event.
    """

    code: int | None = None
    delay: float | None = None


NO_DIRECTIVE = Directive()


def read_directive(tag: str) -> Directive:
    """Return what the tag orders, ``NO_DIRECTIVE`` when it orders nothing.

    >>> read_directive("order-7 sim:code=4720,delay=30s"), read_directive("order-7")
    (Directive(code=4720, delay=30.0), Directive(code=None, delay=None))

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
    directive = NO_DIRECTIVE
    for option in words[0].removeprefix(_PREFIX).split(","):
        directive = _with_option(directive, option)
    return directive


def _with_option(directive: Directive, option: str) -> Directive:
    name, _, value = option.partition("=")
    if name not in Directive._fields:
        raise MessageError("tag", f"simulator directive {option!r} is unknown; {_KNOWN}")
    if getattr(directive, name) is not None:
        raise MessageError("tag", f"simulator directive {name!r} is given twice")
    if name == "code":
        return directive._replace(code=_read_code(value))
    return directive._replace(delay=_read_delay(value))


def _read_code(value: str) -> int:
    if value == "0":
        return 0
    if len(value) == 4 and value.isascii() and value.isdigit() and int(value) in KNOWN_CODES:
        return int(value)
    raise MessageError("tag", f"simulator directive code={value!r}: not a known delivery code; {_KNOWN}")


def _read_delay(value: str) -> float:
    match = _DELAY.fullmatch(value)
    if match is None:
        raise MessageError("tag", f"simulator directive delay={value!r}: not a time; {_KNOWN}")
    seconds = float(match[1]) * _SECONDS[match[2]]
    if seconds > LONGEST_DELAY_SECONDS:
        raise MessageError("tag", f"simulator directive delay={value!r}: at most {LONGEST_DELAY_SECONDS // 86400} days")
    return seconds
