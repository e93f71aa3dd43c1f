"""``msgcore analyze``: what a text becomes on the air."""

import json
import sys
import unicodedata
from collections.abc import Iterator
from typing import Any, Literal

import click
from rich.table import Table
from rich.text import Text

from msgcore.encoding import Alphabet, Analysis, Segment, Segmentation, analyze, segment, to_gsm7
from transports.cli.output import show

SHOWN_OUTSIDE = 20


@click.command("analyze", short_help="Show alphabet, segments and octets of a text.")
@click.argument("text")
@click.option(
    "--boundary",
    type=click.Choice(["cluster", "character"]),
    default="cluster",
    show_default=True,
    help="Where segments may be cut: between grapheme clusters, or between characters (fewest segments).",
)
@click.option(
    "--reference-bits",
    type=click.Choice(["8", "16"]),
    default="8",
    show_default=True,
    help="Width of the concatenation reference.",
)
@click.option("--reference", type=int, default=0, show_default=True, help="The concatenation reference itself.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def analyze_command(
    text: str, boundary: Literal["cluster", "character"], reference_bits: str, reference: int, as_json: bool
) -> None:
    """Show what TEXT becomes on the air.

    Prints the alphabet, the number of segments, the units (septets of GSM-7, code units of UCS-2) that are left in
    the last one, which characters force UCS-2 and where, and each segment's user data header and packed octets in
    hexadecimal. TEXT of - is read from standard input.

    \b
    Exit status:
      0  the text can be sent
      2  it cannot (more than 255 segments, a lone surrogate), or the arguments are unusable

    \b
    Examples:
      msgcore analyze "Your code is 123 456"
      msgcore analyze --json --reference 7 "$(cat letter.txt)"
      msgcore analyze - < letter.txt
    """
    if text == "-":
        text = _decode(sys.stdin.buffer.read()).removesuffix("\n")
    bits: Literal[8, 16] = 16 if reference_bits == "16" else 8
    if not 0 <= reference < 1 << bits:
        raise click.BadParameter(f"{reference} does not fit {bits} bits", param_hint="--reference")
    analysis = analyze(text, boundary=boundary, reference_bits=bits)
    segments = segment(text, boundary=boundary, reference_bits=bits, reference=reference)
    if as_json:
        click.echo(json.dumps(_to_json(analysis, segments), ensure_ascii=False, indent=2))
    else:
        show(*_parts(text, analysis, segments))


def _decode(octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError as error:
        reason = f"standard input is not UTF-8: octet 0x{octets[error.start]:02X} at position {error.start + 1}"
        raise click.UsageError(reason) from error


def _to_json(analysis: Analysis, segments: Segmentation) -> dict[str, Any]:
    return {
        "alphabet": analysis.alphabet.value,
        "segment_count": analysis.segment_count,
        "unit_count": analysis.unit_count,
        "units_left": analysis.units_left,
        "outside_gsm7": [
            {"index": item.index, "character": item.character, "replacement": item.replacement}
            for item in analysis.outside_gsm7
        ],
        "segments": [
            {
                "number": part.number,
                "total": part.total,
                "text": part.text,
                "unit_count": part.unit_count,
                "header": part.header.hex(),
                "user_data": part.user_data.hex(),
                "user_data_length": part.user_data_length,
            }
            for part in segments
        ],
    }


def _parts(text: str, analysis: Analysis, segments: Segmentation) -> Iterator[Table | Text]:
    units = "septets" if analysis.alphabet is Alphabet.GSM7 else "code units"
    table = _grid()
    table.add_row("alphabet", analysis.alphabet.value)
    table.add_row("segments", str(analysis.segment_count))
    table.add_row(units, f"{analysis.unit_count}, and {analysis.units_left} more fit the last segment")
    yield table
    if analysis.outside_gsm7:
        yield Text("\nThese characters are not in GSM-7 and force UCS-2:", style="bold")
        yield _outside(analysis)
        yield from _saving(text, analysis)
    for part in segments:
        yield _segment(part, units)


def _outside(analysis: Analysis) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 2), show_header=False)
    for item in analysis.outside_gsm7[:SHOWN_OUTSIDE]:
        name = unicodedata.name(item.character, "no name")
        instead = "" if item.replacement is None else f"could be {item.replacement!r}"
        table.add_row(f"index {item.index}", _visible(item.character), f"U+{ord(item.character):04X} {name}", instead)
    more = len(analysis.outside_gsm7) - SHOWN_OUTSIDE
    if more > 0:
        table.add_row("", "", f"and {more} more")
    return table


def _saving(text: str, analysis: Analysis) -> Iterator[Text]:
    substitution = to_gsm7(text)
    count = analyze(substitution.text).segment_count
    if substitution.alphabet is Alphabet.GSM7 and count < analysis.segment_count:
        hint = f"With every one of them replaced it is GSM-7: {count} instead of {analysis.segment_count} segments."
        yield Text(f"  {hint}", style="green")


def _segment(part: Segment, units: str) -> Table:
    table = _grid()
    table.add_row("", "")
    table.add_row(f"segment {part.number} of {part.total}", Text(repr(part.text), overflow="fold"))
    table.add_row("  " + units, f"{part.unit_count} (TP-UDL {part.user_data_length})")
    table.add_row("  header", _hex(part.header) or "none")
    table.add_row("  user data", _hex(part.user_data))
    return table


def _grid() -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(min_width=14, no_wrap=True)
    table.add_column(overflow="fold")
    return table


def _hex(octets: bytes) -> str:
    return octets.hex(" ").upper()


def _visible(character: str) -> str:
    return character if character.isprintable() and not unicodedata.combining(character) else "·"


__all__ = ["analyze_command"]
