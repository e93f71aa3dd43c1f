import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgcore import Message, analyze, estimate
from transports.cli.report_page.causes import Causes

TEXTS = st.lists(
    st.text(st.sampled_from("ab é’“”…—я的🎉\u200d\ufe0f\u0301ñ€"), min_size=1, max_size=160), min_size=1, max_size=12
)


def causes_of(texts: list[str]) -> Causes:
    causes = Causes()
    causes.add_all(texts)
    return causes


@given(TEXTS)
def test_it_agrees_with_the_estimate_of_the_same_messages(texts: list[str]) -> None:
    causes = causes_of(texts)
    campaign = estimate(Message(to="+19195550123", from_="+19195550100", text=text) for text in texts)
    assert causes.messages == campaign.ucs2_messages
    assert causes.saved == campaign.saved_segments
    assert causes.shortened == campaign.shortened_messages
    gsm7 = sum(analyze(t, boundary="character").segment_count for t in texts if causes_of([t]).messages == 0)
    assert causes.segments == campaign.segments - gsm7


@given(TEXTS)
def test_each_character_outside_is_in_one_row(texts: list[str]) -> None:
    causes = causes_of(texts)
    outside = sum(len(analyze(text).outside_gsm7) for text in texts)
    assert sum(each.occurrences for each in causes.ranked()) == outside
    for each in causes.ranked():
        assert each.alone_messages <= each.messages <= min(each.occurrences, causes.messages)
    assert sum(each.alone_saved for each in causes.ranked()) <= causes.saved


@pytest.mark.parametrize(
    "text, rows",
    [
        ("plain", []),
        ("It’s", [("’", "'", 1)]),
        ("It’s – it’s", [("–", "-", 1), ("’", "'", 2)]),
        ("Привет", [("Cyrillic", None, 6)]),
        ("您好。", [("CJK ideographs", None, 2), ("punctuation", None, 1)]),
        ("👨‍👩‍👧 👍🏽", [("emoji and symbols", None, 7)]),
        ("ça ú", [("Latin", None, 2)]),
        ("\ue000", [("characters without a shape", None, 1)]),
    ],
)
def test_what_can_be_replaced_stands_alone_and_the_rest_by_script(
    text: str, rows: list[tuple[str, str | None, int]]
) -> None:
    found = sorted((each.name, each.replacement, each.occurrences) for each in causes_of([text]).ranked())
    assert found == sorted(rows, key=lambda row: row[0])


def test_what_one_look_alike_would_save_is_its_own() -> None:
    long = "It’s " + "so " * 40
    causes = causes_of([long, long, f"{long} Привет"])
    first = causes.ranked()[0]
    assert (first.name, first.messages, first.alone_messages, first.alone_saved) == ("’", 3, 2, 2)
    assert causes.saved == 2


def test_a_million_kinds_of_characters_take_a_few_rows() -> None:
    causes = Causes()
    for start in range(0x4E00, 0x9000, 64):
        causes.add("".join(map(chr, range(start, start + 64))), 1)
    (row,) = causes.ranked()
    assert (row.name, row.occurrences, len(row.examples)) == ("CJK ideographs", 0x9000 - 0x4E00, 8)
