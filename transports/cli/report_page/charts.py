"""Charts as SVG: bars, and columns over time. They begin at zero, and say in words what they show.

How this works. A chart is as wide as there is room: places across are percentages, while heights, and with them the
size of letters, are pixels. So one drawing is sharp on a telephone and on paper, and needs no script. Colours are
classes, which the style of the page fills for light, dark and print.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from transports.cli.report_page.markup import Markup, element, joined

_BAR_HEIGHT: Final = 14
_ROW_HEIGHT: Final = 46
_AXIS_HEIGHT: Final = 26
_PLOT_HEIGHT: Final = 190
_PLOT_TOP: Final = 10
_MOST_PIXEL_WIDE: Final = 60

_TIME_STEPS: Final = (
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400,
)  # fmt: skip


class Bar(NamedTuple):
    """One bar: what it stands for, how long it is, and what is written at its end. ``tone`` names its colour."""

    label: str
    value: float
    shown: str
    tone: str = "main"


class Tick(NamedTuple):
    """A mark on an axis, at a share of its length."""

    share: float
    label: str


def ticks(most: float, *, at_most: int = 5) -> list[float]:
    """Return values for an axis from 0 to at least ``most``, in steps of 1, 2 or 5 times a power of ten.

    >>> ticks(870), ticks(3), ticks(0)
    ([0, 200, 400, 600, 800, 1000], [0, 1, 2, 3], [0, 1])
    """
    if most <= 0:
        return [0, 1]
    rough = most / at_most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * (1 - 1e-9))
    if step < 1 and float(most).is_integer():
        step = 1.0  # there is no half of a message
    count = math.ceil(most / step - 1e-9)
    return [_clean(step * index) for index in range(count + 1)]


def time_ticks(seconds: float, *, at_most: int = 6) -> list[float]:
    """Return times for an axis of so many seconds, in steps that people count in.

    >>> time_ticks(160), time_ticks(5)
    ([0, 30, 60, 90, 120, 150], [0, 1, 2, 3, 4, 5])
    """
    steps = (*_TIME_STEPS, *(86400 * 2**power for power in range(1, 40)))
    step = next(step for step in steps if seconds / step <= at_most)
    return [step * index for index in range(int(seconds / step) + 1)]


def compact(value: float) -> str:
    """Return a number as short as an axis wants it.

    >>> [compact(value) for value in (0.5, 20, 1500, 20_000, 2_500_000, 0.0075)]
    ['0.5', '20', '1,500', '20k', '2.5M', '0.0075']
    """
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if value >= limit:
            return f"{value / limit * (10 if unit == 'k' else 1):,.10g}{unit}"
    return f"{value:,.10g}"


def clock_time(seconds: float) -> str:
    """Return a time since the beginning.

    >>> clock_time(90), clock_time(7260), clock_time(180_000)
    ('1:30', '2:01:00', '2d 2h')
    """
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 48:
        return f"{hours // 24:,}d {hours % 24}h" if hours % 24 else f"{hours // 24:,}d"
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def bar_chart(bars: Sequence[Bar], *, name: str, title: str, description: str) -> Markup:
    """Draw bars below each other, each with its label and figure above it; ``name`` is unique on the page."""
    scale = ticks(max((bar.value for bar in bars), default=0))
    height = len(bars) * _ROW_HEIGHT
    marks = [Tick(value / scale[-1], compact(value)) for value in scale]
    drawn = []
    for index, bar in enumerate(bars):
        top = index * _ROW_HEIGHT
        drawn += [
            _vertical_lines(marks, top + 20, top + 38),  # not behind the words
            element("text", foreign_span(bar.label), x=0, y=top + 15, class_="label"),
            element("text", bar.shown, x="100%", y=top + 15, class_="value end"),
            element(
                "rect", x=0, y=top + 22, width=_percent(bar.value / scale[-1]), height=_BAR_HEIGHT,
                class_=f"tone-{bar.tone}",
            ),
        ]  # fmt: skip
    drawn.append(_axis(marks, height))
    return _svg(drawn, height + _AXIS_HEIGHT, name, title, description, "chart")


def column_chart(
    values: Sequence[float], *, across: Sequence[Tick], name: str, title: str, description: str, tone: str = "main"
) -> Markup:
    """Draw columns beside each other, with figures at the left and ``across`` below; ``name`` is unique on the page."""
    scale = ticks(max(values, default=0), at_most=4)
    bottom = _PLOT_TOP + _PLOT_HEIGHT
    drawn = []
    for value in scale:
        y = round(bottom - value / scale[-1] * _PLOT_HEIGHT, 1)
        drawn += [
            element("line", x1=0, x2="100%", y1=y, y2=y, class_="zero" if value == 0 else "grid"),
            element("text", compact(value), x=-8, y=y + 4, class_="tick end"),
        ]
    gap = 0.15 if len(values) <= _MOST_PIXEL_WIDE else 0.0
    width = 1 / max(1, len(values))
    for index, value in enumerate(values):
        if not value:
            continue
        height = round(value / scale[-1] * _PLOT_HEIGHT, 2)
        drawn.append(
            element(
                "rect", x=_percent((index + gap / 2) * width), y=round(bottom - height, 2),
                width=_percent(width * (1 - gap)), height=height, class_=f"tone-{tone}",
            )
        )  # fmt: skip
    drawn.append(_axis(across, bottom))
    return _svg(drawn, bottom + _AXIS_HEIGHT, name, title, description, "chart columns")


def legend(*entries: tuple[str, str]) -> Markup:
    """Return what the colours of a chart stand for: tones and words."""
    return element(
        "p",
        *(
            element("span", element("span", "", class_=f"swatch tone-{tone}"), f" {words}", class_="entry")
            for tone, words in entries
        ),
        class_="legend",
    )


def foreign_span(text: str) -> Markup:
    """Return a text for SVG that somebody else may have written: it cannot turn what stands beside it around."""
    return element("tspan", text, class_="foreign")


def _svg(drawn: Iterable[Markup], height: float, name: str, title: str, description: str, class_: str) -> Markup:
    return element(
        "svg",
        element("title", title, id=f"{name}-title"),
        element("desc", description, id=f"{name}-desc"),
        *drawn,
        class_=class_,
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
        width="100%",
        height=height,
    )


def _vertical_lines(marks: Sequence[Tick], top: float, bottom: float) -> Markup:
    return joined(
        *(
            element(
                "line", x1=_percent(mark.share), x2=_percent(mark.share), y1=top, y2=bottom,
                class_="zero" if mark.share == 0 else "grid",
            )
            for mark in marks
        )
    )  # fmt: skip


def _axis(marks: Sequence[Tick], top: float) -> Markup:
    return joined(*(_mark(mark, top) for mark in marks))


def _mark(mark: Tick, top: float) -> Markup:
    # A label at an edge would be cut in half there.
    side = " start" if mark.share < 0.04 else " end" if mark.share > 0.96 else " middle"
    return element("text", mark.label, x=_percent(mark.share), y=top + 18, class_=f"tick{side}")


def _percent(share: float) -> str:
    return f"{share * 100:.4g}%"


def _clean(value: float) -> float:
    rounded = float(f"{value:.12g}")  # 3 * 0.1 is 0.3 on an axis
    return int(rounded) if rounded == int(rounded) else rounded


__all__ = ["Bar", "Tick", "bar_chart", "clock_time", "column_chart", "compact", "legend", "ticks", "time_ticks"]
