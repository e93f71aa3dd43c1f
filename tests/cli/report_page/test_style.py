"""What is written on what can be read: contrast computed from the colours of the sheet, as WCAG 2.2 defines it."""

import re

import pytest

from transports.cli.report_page.style import TONES, style_sheet

SHEET = style_sheet()


def palettes() -> dict[str, dict[str, str]]:
    """Return the colours by scheme, as the sheet itself gives them."""
    roots = re.findall(r":root \{([^}]*)\}", SHEET)
    named = [dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", root)) for root in roots]
    return dict(zip(("light", "dark", "print"), named, strict=True))


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
@pytest.mark.parametrize("ground", ["page", "card"])
@pytest.mark.parametrize("ink, least", [("text", 7.0), ("muted", 4.5), ("bad", 4.5)])
def test_words_can_be_read(scheme: str, ground: str, ink: str, least: float) -> None:
    palette = palettes()[scheme]
    assert contrast(palette[ink], palette[ground]) >= least


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
@pytest.mark.parametrize("tone", [*TONES, "zero"])
def test_bars_and_axes_can_be_seen(scheme: str, tone: str) -> None:
    palette = palettes()[scheme]
    assert contrast(palette[tone], palette["card"]) >= 3.0


def test_each_scheme_has_all_colours_and_the_sheet_uses_no_other() -> None:
    found = palettes()
    assert found["light"].keys() == found["dark"].keys() == found["print"].keys()
    used = set(re.findall(r"var\(--(\w+)\)", SHEET))
    assert used == found["light"].keys()
    without_roots = re.sub(r":root \{[^}]*\}", "", SHEET)
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgb\(|hsl\(", without_roots)


def test_paper_is_light_whatever_the_reader_prefers() -> None:
    assert palettes()["print"] == palettes()["light"] | {"page": "#ffffff"}
    assert SHEET.index("@media print") > SHEET.index("prefers-color-scheme: dark")


def test_the_sheet_loads_nothing_and_could_end_no_element() -> None:
    assert not re.search(r"@import|url\(|//|<", SHEET)
    assert SHEET.count("{") == SHEET.count("}")
