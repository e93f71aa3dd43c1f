"""Senders and E.164 syntax, read the obvious way: one regular expression per sentence of the rule."""

import re

E164 = re.compile(r"\+[1-9][0-9]{1,14}")
TOLL_FREE = re.compile(r"\+1(800|833|844|855|866|877|888)[0-9]*")
SHORT_CODE = re.compile(r"[0-9]{5,6}")
ALPHANUMERIC = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 \-+_&]{1,11}", re.DOTALL)


def is_e164(text: str) -> bool:
    return E164.fullmatch(text) is not None


def sender_shape(text: str) -> int:
    if is_e164(text):
        return 2 if TOLL_FREE.fullmatch(text) else 1
    if SHORT_CODE.fullmatch(text):
        return 3
    return 4 if ALPHANUMERIC.fullmatch(text) else 0


def e164_fault(text: str) -> int:
    """Index of the first character after which no continuation could be E.164; the length if only more is missing."""
    if is_e164(text):
        return -1
    could_begin = re.compile(r"(\+([1-9][0-9]{0,14})?)?")
    return next((end - 1 for end in range(1, len(text) + 1) if not could_begin.fullmatch(text[:end])), len(text))


def alphanumeric_fault(text: str) -> int:
    if ALPHANUMERIC.fullmatch(text):
        return -1
    could_begin = re.compile(r"[A-Za-z0-9 \-+_&]{0,11}")
    return next((end - 1 for end in range(1, len(text) + 1) if not could_begin.fullmatch(text[:end])), len(text))
