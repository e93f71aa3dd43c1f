"""The four kinds of sender that Messaging V2 knows, told apart by their shape alone."""

from enum import StrEnum

from msgcore.errors import NumberError
from msgcore.kernel.numbers import alphanumeric_fault, sender_shape
from msgcore.numbering.e164 import check_e164

MAX_ALPHANUMERIC = 11


class SenderKind(StrEnum):
    """What stands in ``from``: it decides about group messages, receipts and rates."""

    LONG_CODE = "long code"
    """A telephone number in E.164 form. The only sender of a group message."""

    TOLL_FREE = "toll-free"
    """+1 800, 833, 844, 855, 866, 877 or 888. No group messages, and media of at most 525 KB."""

    SHORT_CODE = "short code"
    """5 or 6 bare digits."""

    ALPHANUMERIC = "alphanumeric"
    """A name of up to 11 characters. One-way: nobody can answer it."""


_KIND_BY_SHAPE = (None, SenderKind.LONG_CODE, SenderKind.TOLL_FREE, SenderKind.SHORT_CODE, SenderKind.ALPHANUMERIC)


def sender_kind(text: str) -> SenderKind:
    """Tell which kind of sender ``text`` is.

    >>> sender_kind("+19195550100"), sender_kind("Acme Shop")
    (<SenderKind.LONG_CODE: 'long code'>, <SenderKind.ALPHANUMERIC: 'alphanumeric'>)

    By shape alone: nothing is looked up, and ``+1919555O12`` with its letter O is a name of 11 characters. A number
    that begins like a toll-free one is never a long code, whatever its length. Source: Messaging V2, ``from``.

    Raises:
        NumberError: ``text`` has none of the four shapes; the reason is that of the shape it comes nearest to.
    """
    kind = _KIND_BY_SHAPE[sender_shape(text)]
    if kind is None:
        raise _shapeless(text)
    return kind


def _shapeless(text: str) -> NumberError:
    if text.startswith("+"):
        try:
            check_e164(text)
        except NumberError as error:
            return error
    if text.isascii() and text.isdigit():
        return NumberError(text, 0, f"expected '+' before a number, or a short code of 5 or 6 digits, got {len(text)}")
    position = alphanumeric_fault(text)
    if not text:
        reason = "expected a number, a short code or a name, got nothing"
    elif position == MAX_ALPHANUMERIC < len(text):
        reason = f"expected at most {MAX_ALPHANUMERIC} characters in an alphanumeric sender, got {len(text)}"
    elif position == len(text):
        reason = "expected at least one letter in an alphanumeric sender"
    else:
        reason = f"expected a letter, a digit or one of ' -+_&', got {text[position]!r}"
    return NumberError(text, position, reason)
