"""Takes the kernel to the edges of its buffers, for sanitizers to watch: lengths near powers of two, and a long one.

The tests look at answers and so prefer short texts; what goes wrong past a buffer needs texts that fill one exactly.
Nothing is printed; an answer that is wrong, or an error that is not documented, ends this with a traceback.
"""

import contextlib
import json
from collections.abc import Iterator

import msgcore
import msgcore.columns
from msgcore.kernel.request_bodies import write_message

LONGEST_EDGE, LONG = 4096, 40_000
FILLINGS = ("a", "\x01", "€", "é", "Ж", "漢", "😀", "e\u0301", "👩🏽\u200d💻", "क्ष", "🇩🇪", "\r\n", "a€", "a😀", "1")


def lengths() -> Iterator[int]:
    edge = 1
    while edge <= LONGEST_EDGE:
        yield from range(max(edge - 2, 0), edge + 3)
        edge *= 2
    yield LONG


def cut(text: str) -> None:
    msgcore.detect(text)
    msgcore.to_gsm7(text)
    for options in ({}, {"boundary": "character"}, {"reference_bits": 16}):
        with contextlib.suppress(msgcore.SegmentLimitError):
            segments = msgcore.segment(text, **options)
            assert "".join(part.text for part in segments) == text
            assert all(part.user_data is not None for part in segments)
        with contextlib.suppress(msgcore.SegmentLimitError):
            msgcore.count_segments(text, **options)
            msgcore.analyze(text, **options)


def code(text: str) -> None:
    if msgcore.detect(text) is not msgcore.Alphabet.GSM7:
        return
    septets = msgcore.encode_gsm7(text)
    assert msgcore.decode_gsm7(septets) == text
    for fill_bits in range(7):
        octets = msgcore.pack_septets(septets, fill_bits=fill_bits)
        assert msgcore.unpack_septets(octets, len(septets), fill_bits=fill_bits) == septets


def number(text: str) -> None:
    msgcore.is_e164(text)
    msgcore.is_e164("+" + text)


def body(text: str) -> None:
    """Write what no rule has cut to a length."""
    message = msgcore.Message.restored((text[:20],), "1", text, None, (text,), None, None, None, None)
    assert json.loads(write_message(message, "a", '"'))["text"] == text


for length in lengths():
    for filling in FILLINGS:
        text = (filling * (length // len(filling) + 1))[:length]
        cut(text)
        code(text)
        number(text)
        if text:
            body(text)
    column = [filling * (length % 300) for filling in FILLINGS] * 20
    msgcore.columns.count_segments(column)
