"""One row a rule: empty, one, exactly full, one over."""

import pytest

from msgcore.errors import FieldError
from msgcore.wire import check_fields

SENDER, RECIPIENT = "+19195550100", "+19195550123"
PLAIN: dict[str, object] = {"from": SENDER, "to": [RECIPIENT], "text": "hi", "applicationId": "a-1"}


def recipients(count: int) -> list[str]:
    return [f"+1919555{number:04}" for number in range(count)]


def url(length: int) -> str:
    return "https://example.org/".ljust(length, "x")


KEPT: list[tuple[str, dict[str, object]]] = [
    ("plain", {}),
    ("to as a string", {"to": RECIPIENT}),
    ("ten recipients", {"to": recipients(10)}),
    ("abroad, short", {"to": ["+2908123"]}),
    ("abroad, 15 digits", {"to": ["+491234567890123"]}),
    ("sender: toll-free", {"from": "+18005550100"}),
    ("sender: short code of 5", {"from": "12345"}),
    ("sender: short code of 6", {"from": "123456"}),
    ("sender: one letter", {"from": "A"}),
    ("sender: 11 alphanumerics", {"from": "ACME +1-_&x"}),
    ("text: one character", {"text": "x"}),
    ("text: full", {"text": "x" * 2048}),
    ("text: full of code points beyond 16 bits", {"text": "😀" * 2048}),
    ("text: absent beside media", {"text": None, "media": [url(30)]}),
    ("text: empty beside media", {"text": "", "media": [url(30)]}),
    ("media: ten", {"media": [url(30)] * 10}),
    ("media: longest", {"media": [url(4096)]}),
    ("media: none", {"media": []}),
    ("media: http, port, query", {"media": ["HTTP://user:pw@example.org:8080?a=b#c"]}),
    ("media: IPv6 host", {"media": ["https://[2001:db8::1]/x.png"]}),
    ("tag: empty", {"tag": ""}),
    ("tag: full", {"tag": "x" * 1024}),
    ("priority: default", {"priority": "default"}),
    ("priority: high", {"priority": "high"}),
    ("expiration: Z", {"expiration": "2030-01-31T23:59:00Z"}),
    ("expiration: offset and fraction", {"expiration": "2030-01-31T23:59:00.123456789-05:30"}),
    ("expiration: leap day", {"expiration": "2028-02-29T00:00:00Z"}),
    ("null is absent", {"media": None, "tag": None, "priority": None, "expiration": None}),
    ("unknown field", {"flavour": 7}),
]

BROKEN: list[tuple[str, dict[str, object], list[tuple[str, str]]]] = [
    ("sender missing", {"from": None}, [("from", "required")]),
    ("sender empty", {"from": ""}, [("from", "E.164")]),
    ("sender an array", {"from": [SENDER]}, [("from", "a string, not an array")]),
    ("sender short code of 4", {"from": "1234"}, [("from", "short code")]),
    ("sender short code of 7", {"from": "1234567"}, [("from", "short code")]),
    ("sender without +", {"from": "19195550100"}, [("from", "E.164")]),
    ("sender of 12 alphanumerics", {"from": "ACMEACMEACME"}, [("from", "1 to 11")]),
    ("sender without a letter", {"from": "12-34"}, [("from", "at least one letter")]),
    ("sender of other letters", {"from": "ÄCME"}, [("from", "alphanumeric")]),
    ("sender with a line end", {"from": "ACME\n"}, [("from", "alphanumeric")]),
    ("sender in full-width digits", {"from": "+1919555０１００"}, [("from", "E.164")]),
    ("sender one digit short", {"from": "+1919555010"}, [("from", "11 digits, this has 10")]),
    ("to missing", {"to": None}, [("to", "at least one")]),
    ("to empty", {"to": []}, [("to", "at least one")]),
    ("to an empty string", {"to": ""}, [("to", "E.164")]),
    ("to a number", {"to": 19195550123}, [("to", "an array of strings, not a number")]),
    ("to an object", {"to": {"a": 1}}, [("to", "not an object")]),
    ("to true", {"to": True}, [("to", "not a boolean")]),
    ("eleven recipients", {"to": recipients(11)}, [("to", "11 recipients, at most 10")]),
    ("one recipient twice", {"to": [RECIPIENT, SENDER, RECIPIENT]}, [("to[2]", "repeats to[0]")]),
    ("one recipient wrong", {"to": [RECIPIENT, "9195550124"]}, [("to[1]", "'9195550124': expected an E.164")]),
    ("one recipient null", {"to": [RECIPIENT, None]}, [("to[1]", "not null")]),
    ("calling code 1, 10 digits", {"to": "+1919555012"}, [("to", "11 digits, this has 10")]),
    ("calling code 1, 12 digits", {"to": "+191955501234"}, [("to", "11 digits, this has 12")]),
    ("16 digits", {"to": "+4912345678901234"}, [("to", "2 to 15 digits")]),
    ("calling code 0", {"to": "+0123456789"}, [("to", "the first 1-9")]),
    ("no text, no media", {"text": None}, [("text", "text or media is required")]),
    ("empty text, no media", {"text": "", "media": []}, [("text", "text or media is required")]),
    ("text one over", {"text": "x" * 2049}, [("text", "2049 characters, at most 2048")]),
    ("text a number", {"text": 7}, [("text", "not a number")]),
    ("text with half a pair", {"text": "ab\ud83d"}, [("text", "position 2: a lone surrogate")]),
    ("no application", {"applicationId": None}, [("applicationId", "required")]),
    ("empty application", {"applicationId": ""}, [("applicationId", "must not be empty")]),
    ("media a string", {"media": url(30)}, [("media", "an array of strings, not a string")]),
    ("media: eleven", {"media": [url(30)] * 11}, [("media", "11 attachments, at most 10")]),
    ("media: one over", {"media": [url(30), url(4097)]}, [("media[1]", "4097 characters, at most 4096")]),
    ("media: ftp", {"media": ["ftp://example.org/x"]}, [("media[0]", "http or https")]),
    ("media: no host", {"media": ["https:///x.png"]}, [("media[0]", "with a host")]),
    ("media: port alone", {"media": ["https://:80/x.png"]}, [("media[0]", "with a host")]),
    ("media: a blank", {"media": ["https://example.org/a b"]}, [("media[0]", "without blanks")]),
    ("media: a line end", {"media": ["https://example.org/a\n"]}, [("media[0]", "without blanks")]),
    ("media: half a pair", {"media": ["https://example.org/\udc00"]}, [("media[0]", "position 20: a lone")]),
    ("tag one over", {"tag": "x" * 1025}, [("tag", "1025 characters, at most 1024")]),
    ("tag with half a pair", {"tag": "\ud83d"}, [("tag", "position 0: a lone surrogate")]),
    ("priority unknown", {"priority": "HIGH"}, [("priority", "'default' or 'high'")]),
    ("expiration without a zone", {"expiration": "2030-01-31T23:59:00"}, [("expiration", "RFC 3339")]),
    ("expiration a date", {"expiration": "2030-01-31"}, [("expiration", "RFC 3339")]),
    ("expiration with a blank", {"expiration": "2030-01-31 23:59:00Z"}, [("expiration", "RFC 3339")]),
    ("expiration zone without colon", {"expiration": "2030-01-31T23:59:00+0100"}, [("expiration", "RFC 3339")]),
    ("expiration on no day", {"expiration": "2030-02-30T00:00:00Z"}, [("expiration", "day")]),
    ("expiration at 25 o'clock", {"expiration": "2030-01-31T25:00:00Z"}, [("expiration", "hour")]),
    (
        "everything at once, in the order of the table",
        {"from": "", "to": ["x", "y"], "text": "x" * 3000, "applicationId": None, "media": ["z"], "tag": 1},
        [
            ("from", "E.164"),
            ("to[0]", "E.164"),
            ("to[1]", "E.164"),
            ("text", "3000"),
            ("applicationId", "required"),
            ("media[0]", "http"),
            ("tag", "a number"),
        ],
    ),
]


@pytest.mark.parametrize(("name", "changes"), KEPT, ids=[name for name, _ in KEPT])
def test_a_message_that_keeps_the_rules_has_no_errors(name: str, changes: dict[str, object]) -> None:
    assert check_fields(PLAIN | changes, require_application=True) == []


@pytest.mark.parametrize(("name", "changes", "expected"), BROKEN, ids=[name for name, _, _ in BROKEN])
def test_every_broken_rule_is_named(name: str, changes: dict[str, object], expected: list[tuple[str, str]]) -> None:
    errors = check_fields(PLAIN | changes, require_application=True)
    assert [error.field_name for error in errors] == [field for field, _ in expected]
    for error, (_, part) in zip(errors, expected, strict=True):
        assert part in error.description


def test_the_application_is_required_only_when_told() -> None:
    without = {name: value for name, value in PLAIN.items() if name != "applicationId"}
    assert check_fields(without, require_application=False) == []
    assert check_fields(without, require_application=True) == [
        FieldError("applicationId", "an application id is required")
    ]


def test_a_long_value_is_shown_in_part() -> None:
    [error] = check_fields(PLAIN | {"from": "+" + "9" * 5000}, require_application=True)
    assert len(error.description) < 200
