"""How a page looks: two palettes by name, and one style sheet that uses the names alone."""

from typing import Final

Palette = dict[str, str]

LIGHT: Final[Palette] = {
    "page": "#f3f4f7",
    "card": "#ffffff",
    "text": "#1a1d23",
    "muted": "#555c66",
    "line": "#d5d9e0",
    "grid": "#e6e9ee",
    "zero": "#7b828d",
    "main": "#3a57c9",
    "good": "#17754c",
    "bad": "#be2c2f",
    "wait": "#8f6000",
    "other": "#7a4bb5",
    "plain": "#667080",
}
DARK: Final[Palette] = {
    "page": "#121418",
    "card": "#1b1e24",
    "text": "#e9ebef",
    "muted": "#a7afba",
    "line": "#353a44",
    "grid": "#2a2e36",
    "zero": "#7f8793",
    "main": "#8ea6ff",
    "good": "#52c48c",
    "bad": "#ff807a",
    "wait": "#e0b04f",
    "other": "#c09cff",
    "plain": "#98a2b0",
}
TONES: Final = ("main", "good", "bad", "wait", "other", "plain")

_SHEET: Final = """
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; padding: 32px 16px 48px; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }
header, main, footer { max-width: 1080px; margin: 0 auto; }
.kind { margin: 0; color: var(--muted); font-size: 13px; font-weight: 600; letter-spacing: .06em;
  text-transform: uppercase; }
h1 { margin: 2px 0 6px; font-size: 27px; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 0 0 4px; font-size: 18px; line-height: 1.3; }
p { margin: 0 0 10px; max-width: 82ch; }
header .verdict { font-size: 17px; }
.alarm { color: var(--bad); font-weight: 600; }
.note { color: var(--muted); font-size: 14px; }
.tiles { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 12px; margin: 20px 0 16px; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px 14px; }
.tile dt { color: var(--muted); font-size: 13px; }
.tile dd { margin: 0; font-size: 23px; font-weight: 650; line-height: 1.3; font-variant-numeric: tabular-nums; }
.tile dd.hint { font-size: 13px; font-weight: 400; color: var(--muted); }
section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 20px;
  margin: 0 0 16px; }
.sides { display: grid; grid-template-columns: minmax(0, 1fr); gap: 20px 36px; margin-top: 14px; }
section > .table, section > svg { margin-top: 16px; }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
caption { text-align: left; color: var(--muted); padding: 0 0 4px; }
th { text-align: left; font-weight: 600; color: var(--muted); font-size: 13px; white-space: nowrap; }
th, td { padding: 5px 14px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tbody tr:last-child > * { border-bottom: 0; }
tfoot > tr > * { border-top: 2px solid var(--line); border-bottom: 0; font-weight: 600; }
tbody th { color: var(--text); font-size: 14px; font-weight: 400; white-space: normal; }
th:last-child, td:last-child { padding-right: 0; }
.number, .share { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.long { min-width: 20ch; overflow-wrap: anywhere; }
.short, td.glyph { white-space: nowrap; }
bdi.glyph { font-size: 17px; line-height: 1.2; font-weight: 600; }
.examples { color: var(--muted); font-size: 15px; }
.code { color: var(--muted); font-size: 12px; }
.legend { font-size: 13px; color: var(--muted); margin: 12px 0 -4px; }
.entry { margin-right: 18px; white-space: nowrap; }
.swatch { display: inline-block; width: 12px; height: 12px; border-radius: 2px; vertical-align: -1px; }
svg.chart { display: block; overflow: visible; font-size: 13px; }
svg.columns { margin-left: 54px; width: calc(100% - 54px); }
svg text { fill: var(--text); }
svg .foreign { unicode-bidi: isolate; }
svg .value { font-weight: 600; font-variant-numeric: tabular-nums; }
svg .tick { fill: var(--muted); font-size: 12px; }
svg .label, svg .value { paint-order: stroke; stroke: var(--card); stroke-width: 5px; stroke-linejoin: round; }
svg .end { text-anchor: end; }
svg .middle { text-anchor: middle; }
svg .grid { stroke: var(--grid); shape-rendering: crispEdges; }
svg .zero { stroke: var(--zero); shape-rendering: crispEdges; }
footer { color: var(--muted); font-size: 13px; padding: 4px 2px; overflow-wrap: anywhere; }
@media (min-width: 900px) {
  .sides { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
  .sides.unequal { grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); }
  .sides > :only-child { grid-column: 1 / -1; }
}
@media (max-width: 760px) { .tiles { grid-template-columns: 1fr 1fr; gap: 10px; } }
@media (max-width: 480px) {
  body { padding: 20px 12px 32px; }
  section { padding: 16px 14px; }
  .share { display: none; }
  h1 { font-size: 22px; }
  .tile dd { font-size: 20px; }
}
"""

_PRINT: Final = """
@page { margin: 16mm 14mm; }
body { padding: 0; font-size: 10pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
section { border: 0; border-top: 1px solid var(--line); border-radius: 0; padding: 14px 0; margin: 0; }
.tiles { grid-template-columns: repeat(4, 1fr); }
.sides { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 12px 28px; }
.sides > :only-child { grid-column: 1 / -1; }
.table { overflow: visible; }
.sides.unequal { grid-template-columns: minmax(0, 1fr); }
h2, p, .tile, tr, svg { break-inside: avoid; }
h2, p { break-after: avoid; }
thead { display: table-header-group; }
tfoot { display: table-row-group; }
table { font-size: 8.5pt; }
th, td { padding: 3px 8px 3px 0; }
tbody th { font-size: inherit; }
.tile dd { font-size: 14pt; }
.tile dd.hint, .tile dt, .note, thead th { font-size: 8.5pt; }
"""


def style_sheet() -> str:
    """Return the style of every page: light, dark where the reader prefers it, and light again on paper."""
    tones = "".join(f".tone-{tone} {{ fill: var(--{tone}); background: var(--{tone}); }}\n" for tone in TONES)
    on_paper = LIGHT | {"page": "#ffffff"}
    return (
        f":root {{ color-scheme: light dark; {_names(LIGHT)} }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ {_names(DARK)} }} }}\n"
        f"{_SHEET}{tones}"
        f"@media print {{ :root {{ color-scheme: light; {_names(on_paper)} }}{_PRINT}}}\n"
    )


def _names(palette: Palette) -> str:
    return " ".join(f"--{name}: {colour};" for name, colour in palette.items())


__all__ = ["DARK", "LIGHT", "TONES", "Palette", "style_sheet"]
