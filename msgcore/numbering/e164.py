"""What keeps a string from E.164 syntax, said in words; the kernel says where."""

from msgcore.errors import NumberError
from msgcore.kernel.numbers import e164_fault

MAX_DIGITS = 15


def check_e164(text: str) -> None:
    """Return if ``text`` has the syntax of an E.164 number, else raise what is wrong and where.

    >>> check_e164("+19195550123")
    >>> check_e164("+1919555O123")
    Traceback (most recent call last):
    msgcore.errors.NumberError: '+1919555O123', position 8: expected an ASCII digit, got 'O'

    Raises:
        NumberError: not ``+``, a digit 1-9 and ASCII digits, 2 to 15 in all.
    """
    position = e164_fault(text)
    if position >= 0:
        raise NumberError(text, position, _reason(text, position))


def _reason(text: str, position: int) -> str:
    if not text:
        return "expected '+' and 2 to 15 digits, got nothing"
    if position == len(text):
        return "expected at least 2 digits after '+'"
    if position > MAX_DIGITS:
        return f"expected at most {MAX_DIGITS} digits"
    expected = {0: "'+'", 1: "a digit 1-9 (no calling code begins with 0)"}.get(position, "an ASCII digit")
    return f"expected {expected}, got {text[position]!r}"
