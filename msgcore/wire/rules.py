"""The rules a message must keep before it is worth sending, each written once.

How this works: one leaf function per kind of value says what is wrong with it, as a sentence somebody can act on, or
``None``. :func:`violations` walks the fields of a message in wire form through them, lazily, so that ``Message`` can
stop at the first broken rule while :func:`check_fields` lists them all. These are the checks the provider makes
before its 202; ownership, reach, media content and the like are judged later and come back as events.

Source: Messaging V2 API, "Create a message", request fields. What is not documented there is marked ASSUMED.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from msgcore.errors import FieldError
from msgcore.kernel.numbers import is_e164
from msgcore.wire.json_bodies import json_type

MAX_RECIPIENTS = 10
MAX_TEXT_CHARACTERS = 2048
"""ASSUMED to count code points: the limit is documented in "characters" and nowhere says which."""
MAX_MEDIA = 10
MAX_MEDIA_URL_CHARACTERS = 4096
MAX_TAG_CHARACTERS = 1024
PRIORITIES = ("default", "high")

# Calling code 1 is the North American Numbering Plan. E.164 leaves lengths to the plan, and this one knows a single
# length: area code 3, exchange 3, line 4 (NANPA, "About the NANP": "NANP numbers are ten-digit numbers").
_NANP_CHARACTERS = len("+") + len("1") + 10

_SHORT_CODE = re.compile(r"[0-9]{5,6}")
# Alphanumeric sender: "1-11 of A-Z a-z 0-9 space - + _ &, at least one letter".
_ALPHANUMERIC = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 \-+_&]{1,11}")
_WEB_URL = re.compile(r"https?://(?:[^/?#@\s]*@)?[^/?#@:\s][^/?#@\s]*(?:[/?#]\S*)?", re.IGNORECASE)
# RFC 3339, 5.6. "Z" and "T" may be written in lower case there; the samples never do, so neither may we.
# Leap seconds (":60") are legal there and refused by many readers; ASSUMED refused.
_DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)


def check_fields(fields: Mapping[str, object], *, require_application: bool) -> list[FieldError]:
    """List every rule that a decoded request body breaks, in the order of the API's field table.

    >>> for error in check_fields({"from": "+19195550100", "to": "+1919555012"}, require_application=False):
    ...     print(error.field_name, "-", error.description)
    to - '+1919555012': a number with calling code 1 has 11 digits, this has 10
    text - text or media is required

    ``fields`` holds the values as JSON gave them; ``to`` may be a string or an array. ``null`` counts as absent and
    unknown fields are ignored (ASSUMED, undocumented). Whether ``expiration`` lies in the future is not judged here,
    since that takes a clock.
    """
    return list(violations(fields, require_application=require_application))


def violations(fields: Mapping[str, object], *, require_application: bool) -> Iterator[FieldError]:
    """Yield the broken rules one by one; see :func:`check_fields`."""
    field = fields.get
    yield from _violations_of("from", field("from"), sender_problem, required="a sender is required")
    yield from _recipient_violations(field("to"))
    yield from _violations_of("text", field("text"), text_problem)
    # "required, unless media is present"; an empty text beside media is accepted.
    if not field("text") and not field("media"):
        yield FieldError("text", "text or media is required")
    required = "an application id is required" if require_application else None
    yield from _violations_of("applicationId", field("applicationId"), identifier_problem, required=required)
    media = field("media")
    if media is not None:
        yield from _media_violations(media)
    yield from _violations_of("tag", field("tag"), tag_problem)
    yield from _violations_of("priority", field("priority"), priority_problem)
    yield from _violations_of("expiration", field("expiration"), expiration_problem)


def _violations_of(
    name: str, value: object, problem_of: Callable[[str], str | None], required: str | None = None
) -> Sequence[FieldError]:
    if value is None:
        return (FieldError(name, required),) if required else ()
    problem = problem_of(value) if isinstance(value, str) else f"must be a string, not {json_type(value)}"
    return (FieldError(name, problem),) if problem else ()


def _recipient_violations(to: object) -> Iterator[FieldError]:
    if isinstance(to, str):
        yield from _violations_of("to", to, recipient_problem)
    elif to is None:
        yield FieldError("to", "at least one recipient is required")
    elif isinstance(to, list | tuple):
        yield from _list_violations("to", to, recipient_problem)
        if not to:
            yield FieldError("to", "at least one recipient is required")
        elif len(to) > MAX_RECIPIENTS:
            yield FieldError("to", f"{len(to)} recipients, at most {MAX_RECIPIENTS} are allowed")
        if len(to) > 1:
            yield from _repetitions(to)
    else:
        yield FieldError("to", f"must be a string or an array of strings, not {json_type(to)}")


def _media_violations(media: object) -> Iterator[FieldError]:
    if not isinstance(media, list | tuple):
        yield FieldError("media", f"must be an array of strings, not {json_type(media)}")
        return
    yield from _list_violations("media", media, media_url_problem)
    if len(media) > MAX_MEDIA:
        yield FieldError("media", f"{len(media)} attachments, at most {MAX_MEDIA} are allowed")


def _list_violations(
    name: str, values: Sequence[object], problem_of: Callable[[str], str | None]
) -> Iterator[FieldError]:
    for index, value in enumerate(values):
        problem = problem_of(value) if isinstance(value, str) else f"must be a string, not {json_type(value)}"
        if problem:
            yield FieldError(f"{name}[{index}]", problem)


def _repetitions(recipients: Iterable[object]) -> Iterator[FieldError]:
    first: dict[str, int] = {}
    for index, recipient in enumerate(recipients):
        if isinstance(recipient, str) and first.setdefault(recipient, index) != index:
            yield FieldError(f"to[{index}]", f"{recipient!r} repeats to[{first[recipient]}]")


# ------------------------------------------------------------------------------------------------- one value at a time


def recipient_problem(number: str) -> str | None:
    """Say what is wrong with a recipient, or ``None``: E.164, and the one length that calling code 1 has."""
    if not is_e164(number):
        return f"{_shown(number)}: expected an E.164 number: +, then 2 to 15 digits, the first 1-9"
    if number[1] == "1" and len(number) != _NANP_CHARACTERS:
        return f"{_shown(number)}: a number with calling code 1 has 11 digits, this has {len(number) - 1}"
    return None


def sender_problem(sender: str) -> str | None:
    """Say what is wrong with a sender, or ``None``: an E.164 number, a short code or an alphanumeric sender."""
    if is_e164(sender):
        return recipient_problem(sender)
    # Short codes are ASSUMED to be bare digits: the API speaks of E.164 only, which cannot express one.
    if _SHORT_CODE.fullmatch(sender) or _ALPHANUMERIC.fullmatch(sender):
        return None
    if sender.startswith("+"):
        return recipient_problem(sender)
    return (
        f"{_shown(sender)}: expected an E.164 number (+ and digits), a short code (5 or 6 digits) or an alphanumeric "
        "sender (1 to 11 of A-Z a-z 0-9 space - + _ &, at least one letter)"
    )


def text_problem(text: str) -> str | None:
    """Say what is wrong with a text, or ``None``."""
    if len(text) > MAX_TEXT_CHARACTERS:
        return _too_long(text, MAX_TEXT_CHARACTERS)
    return surrogate_problem(text)


def tag_problem(tag: str) -> str | None:
    """Say what is wrong with a tag, or ``None``."""
    if len(tag) > MAX_TAG_CHARACTERS:
        return _too_long(tag, MAX_TAG_CHARACTERS)
    return surrogate_problem(tag)


def media_url_problem(url: str) -> str | None:
    """Say what is wrong with the address of an attachment, or ``None``."""
    if len(url) > MAX_MEDIA_URL_CHARACTERS:
        return _too_long(url, MAX_MEDIA_URL_CHARACTERS)
    if not _WEB_URL.fullmatch(url):
        return f"{_shown(url)}: expected an http or https URL with a host and without blanks"
    return surrogate_problem(url)


def priority_problem(priority: str) -> str | None:
    """Say what is wrong with a priority, or ``None``."""
    return None if priority in PRIORITIES else f"{_shown(priority)}: expected 'default' or 'high'"


def expiration_problem(expiration: str) -> str | None:
    """Say what is wrong with an expiration, or ``None``: RFC 3339 with ``Z`` or an offset, a day that exists."""
    if not _DATE_TIME.fullmatch(expiration):
        return (
            f"{_shown(expiration)}: expected an RFC 3339 time with Z or an offset, such as 2030-01-31T23:59:00Z "
            "or 2030-01-31T18:59:00-05:00"
        )
    try:
        datetime.fromisoformat(expiration)
    except ValueError as error:
        return f"{_shown(expiration)}: {error}"
    return None


def identifier_problem(identifier: str) -> str | None:
    """Say what is wrong with an application id or a key, or ``None``: any text that is not empty."""
    return surrogate_problem(identifier) if identifier else "must not be empty"


def surrogate_problem(text: str) -> str | None:
    """Say where half a surrogate pair stands, which no UTF-8 body can carry, or ``None``."""
    if text.isascii():
        return None
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return f"position {error.start}: a lone surrogate ({text[error.start]!r}) is not a character"
    return None


def _too_long(text: str, limit: int) -> str:
    return f"{len(text)} characters, at most {limit} are allowed"


def _shown(value: str) -> str:
    return repr(value if len(value) <= 60 else f"{value[:57]}...")
