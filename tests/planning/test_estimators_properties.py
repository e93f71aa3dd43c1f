"""Rows added by the kernel against the same rows added up the obvious way, one message and one question at a time."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msgcore import count_segments, detect, parse_number, to_gsm7
from msgcore.encoding import Alphabet
from msgcore.errors import LocalError, MessageError, NumberError
from msgcore.planning import Estimate, Estimator, estimate, estimate_columns
from msgcore.wire import Message

pyarrow: Any = pytest.importorskip("pyarrow")

SENDER = "+19195550100"

numbers = st.one_of(
    st.sampled_from(["+12015550123", "+442079460000", "+4402079460000", "+4915112345678", "+80012345678", "", "x"]),
    st.sampled_from(
        ["+19195551234", "+19999991234", "+19112345678", "+12422345678", "+1310555", "+2101234", "+５12345"]
    ),
    st.from_regex(r"\+[1-9][0-9]{3,14}", fullmatch=True),
    st.from_regex(r"\+1[2-9][0-9]{9}", fullmatch=True),
)
# Words in GSM-7, look-alikes, what composes, and what is out of reach; repeated, so that there are segments to save.
pieces = st.sampled_from(
    "plain words |€|[x] |“|”|’|…|–|\u00a0|e\u0301|\u2126|\u212b|a\u0301|n\u0303|\u0308|\u0344|ç|á|ж|🎉|👩‍👩‍👧|\u200d|"
    "\u0327|c\u0327|C\u0327|\u1fef|\u037e|\ufe0f".split("|")
)
texts = st.one_of(
    st.lists(pieces, max_size=12).map("".join),
    st.builds(
        lambda parts, times: "".join(parts) * times, st.lists(pieces, min_size=1, max_size=4), st.integers(1, 60)
    ),
    st.sampled_from(["", "a" * 2048, "a" * 2049, "ж" * 2049, "\ud800", "hello \udfff", "“" * 1024]),
    st.text(max_size=100),
)
rows = st.lists(st.tuples(numbers, texts), max_size=12)


def segments_of(text: str) -> int:
    return count_segments(text, boundary="character")


def the_obvious_way(rows: list[tuple[str, str]], strict: bool) -> dict[str, Any]:
    """Ask every question of every row through the public functions."""
    found: Counter[str] = Counter()
    regions: Counter[str | None] = Counter()
    for number, text in rows:
        try:
            Message(to=number, from_=SENDER, text=text)
            judged = parse_number(number)
        except (MessageError, NumberError):
            found["refused"] += 1
            continue
        if not judged.is_possible or (strict and not judged.is_valid):
            found["refused"] += 1
            continue
        segments, shorter = segments_of(text), segments_of(to_gsm7(text, boundary="character").text)
        found["messages"] += 1
        found["segments"] += segments
        found["gsm7"] += detect(text) is Alphabet.GSM7
        found["shortened"] += shorter < segments
        found["saved"] += max(0, segments - shorter)
        regions[judged.region] += segments
    return {**dict(found), "regions": regions}


def told(campaign: Estimate) -> dict[str, Any]:
    figures = {
        "refused": campaign.refused_messages,
        "messages": campaign.messages,
        "segments": campaign.segments,
        "gsm7": campaign.gsm7_messages,
        "shortened": campaign.shortened_messages,
        "saved": campaign.saved_segments,
    }
    regions = Counter({str(place) if place else None: segments for place, _, segments in campaign.by_region()})
    return {**{name: count for name, count in figures.items() if count}, "regions": regions}


@given(rows, st.booleans())
def test_lists_come_to_what_their_rows_come_to(rows: list[tuple[str, str]], strict: bool) -> None:
    obvious = the_obvious_way(rows, strict)
    columns = [list(column) for column in zip(*rows, strict=True)] or [[], []]
    campaign = estimate_columns(columns[0], columns[1], sender=SENDER, strict_numbers=strict)
    assert told(campaign) == {name: count for name, count in obvious.items() if count or name == "regions"}


@given(rows, st.booleans())
def test_messages_come_to_the_same_as_columns(rows: list[tuple[str, str]], strict: bool) -> None:
    messages, kept = [], []
    for number, text in rows:
        try:
            messages.append(Message(to=number, from_=SENDER, text=text))
            kept.append((number, text))
        except MessageError:
            continue
    columns = [list(column) for column in zip(*kept, strict=True)] or [[], []]
    by_column = estimate_columns(columns[0], columns[1], sender=SENDER, strict_numbers=strict)
    assert estimate(messages, strict_numbers=strict) == by_column


def chunks(values: list[str], size: int) -> Any:
    parts = [values[start : start + size] for start in range(0, len(values), size)]
    return pyarrow.chunked_array([pyarrow.array(part, pyarrow.string()) for part in parts], pyarrow.string())


@settings(deadline=None)  # pyarrow loads parts of itself when they are first used
@given(rows, st.integers(1, 5), st.integers(1, 5))
def test_arrow_columns_come_to_the_same_as_lists_however_they_are_cut(
    rows: list[tuple[str, str]], size: int, other_size: int
) -> None:
    rows = [row for row in rows if row[1].isprintable() or row[1].isascii()]  # Arrow has no lone surrogates
    columns = [list(column) for column in zip(*rows, strict=True)] or [[], []]
    arrow = estimate_columns(chunks(columns[0], size), chunks(columns[1], other_size), sender=SENDER)
    assert arrow == estimate_columns(columns[0], columns[1], sender=SENDER)


@given(rows, rows)
def test_merging_is_adding_both(one: list[tuple[str, str]], other: list[tuple[str, str]]) -> None:
    estimators = Estimator(), Estimator(), Estimator()
    for estimator, part in zip(estimators, (one, other, [*one, *other]), strict=True):
        columns = [list(column) for column in zip(*part, strict=True)] or [[], []]
        estimator.add_columns(columns[0], columns[1], sender=SENDER)
    first, second, both = estimators
    first.merge(second)
    assert first.estimate() == both.estimate()


def test_missing_values_are_refused_rows() -> None:
    expected = {"no recipient": 1, "no text": 2, "not Unicode": 1}
    lists = ["+12015550123", None, "+12015550123", "+12015550123"], [None, "hi", "", "\ud800"]
    assert dict(estimate_columns(*lists, sender=SENDER).refused) == expected
    broken = pyarrow.Array.from_buffers(
        pyarrow.string(),
        4,
        [
            pyarrow.py_buffer(b"\x0e"),
            pyarrow.array([0, 0, 2, 2, 4], "int32").buffers()[1],
            pyarrow.py_buffer(b"hi\xff\xfe"),
        ],
    )
    arrow = pyarrow.array(lists[0]), broken
    assert dict(estimate_columns(*arrow, sender=SENDER).refused) == expected


def test_columns_of_two_lengths_are_refused() -> None:
    with pytest.raises(LocalError, match="as many texts as numbers, got 1 and 2"):
        estimate_columns(["+12015550123", "+12015550123"], ["hi"], sender=SENDER)
    with pytest.raises(LocalError, match="the column of texts ends before that of numbers"):
        estimate_columns(pyarrow.array(["+12015550123"] * 2), pyarrow.array(["hi"]), sender=SENDER)
    with pytest.raises(TypeError, match="two lists or two Arrow columns"):
        estimate_columns(pyarrow.array(["+12015550123"]), ["hi"], sender=SENDER)
