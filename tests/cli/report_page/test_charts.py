import xml.etree.ElementTree as ElementTree
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transports.cli.report_page.charts import Bar, Tick, bar_chart, column_chart, ticks, time_ticks

VALUES = st.floats(0, 1e12, allow_subnormal=False) | st.integers(0, 10**15)


@given(VALUES)
def test_an_axis_begins_at_zero_covers_all_and_has_few_even_steps(most: float) -> None:
    scale = ticks(most)
    assert scale[0] == 0
    assert scale[-1] >= most * (1 - 1e-8)
    assert 2 <= len(scale) <= 7
    steps = [after - before for before, after in pairwise(scale)]
    assert max(steps) == pytest.approx(min(steps), rel=1e-6)
    assert f"{scale[1]:e}"[0] in "125"


@given(st.integers(1, 10**9))
def test_an_axis_of_time_has_steps_that_people_count_in(seconds: int) -> None:
    marks = time_ticks(seconds)
    assert marks[0] == 0
    assert marks[-1] <= seconds
    assert 1 <= len(marks) <= 7


def width(rect: ElementTree.Element) -> float:
    return float(rect.attrib["width"].removesuffix("%"))


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=12))
def test_bars_begin_at_zero_and_are_as_long_as_their_values(values: list[int]) -> None:
    chart = bar_chart(
        [Bar(f"bar {value}", value, str(value)) for value in values], name="a", title="title", description="words"
    )
    rects = list(ElementTree.fromstring(chart).iter("rect"))
    assert [rect.attrib["x"] for rect in rects] == ["0"] * len(values)
    longest = ticks(max(values))[-1]
    for rect, value in zip(rects, values, strict=True):
        assert width(rect) == pytest.approx(100 * value / longest, rel=1e-3)
        assert width(rect) <= 100


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=150))
def test_columns_stand_on_zero_and_are_as_high_as_their_values(values: list[int]) -> None:
    chart = ElementTree.fromstring(
        column_chart(values, across=[Tick(0, "0")], name="a", title="title", description="words")
    )
    (zero,) = (line for line in chart.iter("line") if line.get("class") == "zero")
    ground = float(zero.attrib["y1"])
    drawn = [(float(rect.attrib["y"]), float(rect.attrib["height"])) for rect in chart.iter("rect")]
    assert all(top + height == pytest.approx(ground, abs=0.02) for top, height in drawn)
    highest = ticks(max(values), at_most=4)[-1]
    assert [height for _, height in drawn] == pytest.approx(
        [190 * value / highest for value in values if value], abs=0.01
    )


def test_a_chart_says_in_words_what_it_shows() -> None:
    chart = ElementTree.fromstring(bar_chart([Bar("<b>", 1, "1")], name="a", title="A title", description="In words."))
    assert chart.attrib["role"] == "img"
    named = {child.get("id"): child.text for child in chart if child.tag in ("title", "desc")}
    assert [named[name] for name in chart.attrib["aria-labelledby"].split()] == ["A title", "In words."]
    assert "<b>" in "".join(chart.itertext())


def test_a_chart_of_nothing_is_an_empty_axis() -> None:
    for chart in (
        bar_chart([], name="a", title="", description=""),
        column_chart([0, 0], across=[], name="a", title="", description=""),
    ):
        assert not list(ElementTree.fromstring(chart).iter("rect"))
